import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conditions, measure, Results, ROUNDS, table } from './measure.ts';
import { SUBJECTS } from './subjects.js';

const SIZE = Number(process.env['BENCH_BYTES'] ?? 1024 ** 3);
const LIMIT_MIB = 150;

/** Measures a stream in and out of every subject, once. */
export async function measureStreams(results: Results, size: number): Promise<void> {
  for (const name of Object.keys(SUBJECTS)) {
    const dir = mkdtempSync(join(tmpdir(), 'kv-bench-'));
    results.add(name, 'in-', await measure('stream-once.js', [name, 'in', dir, size]));
    results.add(name, 'out-', await measure('stream-once.js', [name, 'out', dir, size]));
    rmSync(dir, { recursive: true });
  }
}

/** Writes the table of {@link measureStreams}. */
export function streamTable(results: Results): string {
  const rows = Object.keys(SUBJECTS).map((name) => [
    name,
    ...['in', 'out'].flatMap((direction) => {
      const millis = results.median(`${direction}-millis`, name);
      const ratio = millis / results.median(`${direction}-millis`, 'raw pipeline');
      const peak = results.max(`${direction}-peakMib`, name);
      return [`${Math.round(millis)} ms`, `${ratio.toFixed(2)} ×`, `${Math.round(peak)} MiB`];
    }),
  ]);
  return table(['Subject', 'In', 'Ratio', 'Peak', 'Out', 'Ratio', 'Peak'], rows);
}

/** Measures streams of 1 GiB in and out: time, and the peak memory of the process. Writes results/streams.md. */
export async function benchStreams(): Promise<void> {
  const results = new Results();
  for (let round = 1; round <= ROUNDS; round += 1) {
    // All subjects in each round, so that the drift of a shared machine meets them alike.
    await measureStreams(results, SIZE);
    console.log(`round ${round} of ${ROUNDS} done`);
  }
  const page = `# Streams

A stream of ${SIZE / 1024 ** 2} MiB into and out of a store, each in a process of its own; medians of ${ROUNDS} rounds, highest peak of all rounds.
An idle process needs some 50 MiB. The peer holds the whole value in memory.

${conditions()}. Ratios are to the raw pipeline of the same run.

${streamTable(results)}
`;
  writeFileSync(join(import.meta.dirname, '../results/streams.md'), page);
  console.log(page);
  const peak = Math.max(results.max('in-peakMib', 'kv'), results.max('out-peakMib', 'kv'));
  if (!(peak < LIMIT_MIB)) {
    console.error(`kv needed ${Math.round(peak)} MiB; it must stay under ${LIMIT_MIB} MiB.`);
    process.exitCode = 1;
  }
}
