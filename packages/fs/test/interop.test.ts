import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir } from './helpers.js';
import { runKv } from './interop/kv.js';
import { FEATURES } from './interop/features.js';
import { cellsOf, interopPage, readRows } from './interop/interop-page.js';
import type { Cells } from './interop/interop-page.js';
import { problemsOf, rowsOf, tryRow } from './interop/matrix.js';
import { TOOLS } from './interop/tools.js';

const PAGE = join(import.meta.dirname, '..', '..', '..', 'docs', 'reference', 'interop.md');
const NOTES = [...new Set(TOOLS.flatMap(({ limits = {} }) => Object.values(limits)))];

describe('the matrix', () => {
  const rows: Cells[] = [];

  for (const tool of TOOLS) {
    for (const row of rowsOf(tool)) {
      const reason = tool.missing === undefined ? '' : ` (skipped: ${tool.missing})`;
      it.skipIf(tool.missing)(`${row.writer} -> ${row.reader}${reason}`, { timeout: 180_000 }, async () => {
        const problems = await tryRow(row, tempDir());
        // What the tool itself forgets is missing wherever it has written last, and only there.
        const limits = row.writers.at(-1) === tool.run ? tool.limits : {};
        for (const [index, { title }] of FEATURES.entries()) {
          if (limits?.[title] === undefined) expect(problems[index], title).toBeUndefined();
          else expect(problems[index], title).toBeDefined();
        }
        rows.push(cellsOf(row, problems, NOTES));
      });
    }
  }

  it('is what the page says', async () => {
    if (TOOLS.every(({ missing }) => missing === undefined)) {
      await expect(interopPage(rows, NOTES)).toMatchFileSnapshot(PAGE);
    } else {
      expect(readRows(readFileSync(PAGE, 'utf8'))).toEqual(expect.arrayContaining(rows));
    }
  });
});

/** Set to write the fixtures anew, with the tools that are here. */
const { KV_WRITE_FIXTURES } = process.env;

describe.each(TOOLS)('the store of $name that is kept in $fixture', ({ fixture, run, missing, limits = {} }) => {
  const dir = join(import.meta.dirname, 'fixtures', 'stores', fixture);

  if (KV_WRITE_FIXTURES && missing === undefined) {
    it('is written', { timeout: 60_000 }, async () => {
      rmSync(dir, { recursive: true, force: true });
      const operations = FEATURES.flatMap((feature) => feature.operations);
      expect(await run(dir, operations)).toHaveLength(operations.length);
    });
  }

  it('is read by kv, every record under its key and type', async () => {
    const copy = tempDir();
    cpSync(dir, copy, { recursive: true });
    const problems = await problemsOf(runKv(), copy);
    for (const [index, { title }] of FEATURES.entries()) {
      // Crawlee 3 leaves the file of the type before; the times that tell them apart are not kept with the fixtures.
      if (title === 'another type' && fixture.startsWith('crawlee-3')) continue;
      if (limits[title] === undefined) expect(problems[index], title).toBeUndefined();
      else expect(problems[index], title).toBeDefined();
    }
  });
});
