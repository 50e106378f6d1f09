// The long runs: kills, stops, several processes and a random walk. Writes docs/reference/soak.md.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { soakParts } from './soak-parts.ts';
import { renderPage } from './soak-page.ts';
import type { PartResult } from './soak-page.ts';

const share = Number(process.env['SOAK_SHARE'] ?? 1);
const seed = Number(process.env['SOAK_SEED'] ?? Date.now() % 10_000);
const results: PartResult[] = [];
for (const part of soakParts(share, seed)) {
  const rows: PartResult['rows'][number][] = [];
  console.log(`\n${part.title}`);
  for (const [label, run] of part.runs) {
    try {
      rows.push({ [part.subject]: label, ...(await run()), Result: 'all well' });
    } catch (error) {
      console.error(error);
      process.exitCode = 1;
      rows.push({ [part.subject]: label, Result: '**failed**' });
    }
    console.log(rows.at(-1));
  }
  results.push({ ...part, rows });
}
writeFileSync(join(import.meta.dirname, '../../../docs/reference/soak.md'), renderPage(results, share, seed));
