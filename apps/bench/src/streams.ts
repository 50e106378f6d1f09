// Measures streams of 1 GiB in and out: time, and the peak memory of the process. Writes results/streams.md.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { SUBJECTS } from './subjects.js';

interface Measurement {
  readonly millis: number;
  readonly peakMib: number;
}

const SIZE = Number(process.env['BENCH_BYTES'] ?? 1024 ** 3);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);
const LIMIT_MIB = 150;

async function measure(name: string, direction: 'in' | 'out', dir: string): Promise<Measurement> {
  const args = [name, direction, dir, String(SIZE)];
  const child = fork(join(import.meta.dirname, 'stream-once.js'), args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const failed = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`${name} ${direction} ended with ${code}`)),
  );
  const [result] = (await Promise.race([once(child, 'message'), failed])) as [Measurement];
  failed.catch(() => undefined);
  return result;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function measureAll(): Promise<Map<string, Record<'in' | 'out', Measurement[]>>> {
  const results = new Map(
    Object.keys(SUBJECTS).map((name) => [name, { in: [] as Measurement[], out: [] as Measurement[] }]),
  );
  for (let round = 1; round <= ROUNDS; round += 1) {
    // All subjects in each round, so that the drift of a shared machine meets them alike.
    for (const [name, measurements] of results) {
      const dir = mkdtempSync(join(tmpdir(), 'kv-bench-'));
      measurements.in.push(await measure(name, 'in', dir));
      measurements.out.push(await measure(name, 'out', dir));
      rmSync(dir, { recursive: true });
    }
    console.log(`round ${round} of ${ROUNDS} done`);
  }
  return results;
}

const results = await measureAll();
const raw = results.get('raw pipeline');
const rows = [...results].map(([name, measurements]) => {
  const cells = (['in', 'out'] as const).flatMap((direction) => {
    const millis = median(measurements[direction].map((one) => one.millis));
    const ratio = millis / median(raw?.[direction].map((one) => one.millis) ?? []);
    const peak = Math.max(...measurements[direction].map((one) => one.peakMib));
    return [`${Math.round(millis)} ms`, `${ratio.toFixed(2)} ×`, `${Math.round(peak)} MiB`];
  });
  return `| ${[name, ...cells].join(' | ')} |`;
});

const page = `# Streams

A stream of ${SIZE / 1024 ** 2} MiB into and out of a store, each in a process of its own; medians of ${ROUNDS} rounds, highest peak of all rounds.
An idle process needs some 50 MiB. The peer holds the whole value in memory.

Node ${process.version}, ${type()}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 1024 ** 3)} GiB. Ratios are to the raw pipeline of the same run.

| Subject | In | Ratio | Peak | Out | Ratio | Peak |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
writeFileSync(join(import.meta.dirname, '../results/streams.md'), page);
console.log(page);

const kv = results.get('kv');
const peak = Math.max(...[...(kv?.in ?? []), ...(kv?.out ?? [])].map((one) => one.peakMib));
if (!(peak < LIMIT_MIB)) {
  console.error(`kv needed ${Math.round(peak)} MiB; it must stay under ${LIMIT_MIB} MiB.`);
  process.exitCode = 1;
}
