// Measures 1,000 small reads over HTTP: @kv/cloud, bare fetch and apify-client, side by side. Writes results/cloud.md.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { createBackend } from '@kv/cloud';
import { ApifyClient } from 'apify-client';
import { startServerProcess } from './server-process.js';

const READS = Number(process.env['BENCH_READS'] ?? 1000);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);
const BLOCK = 50;
const TARGET = 0.8;
const TOKEN = 'kv_bench_token';

type Read = () => Promise<unknown>;

/** Time in milliseconds for a block of reads, so many at once. */
async function timeOf(read: Read, atOnce: number): Promise<number> {
  const started = performance.now();
  let left = BLOCK;
  const reader = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await read();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, reader));
  return performance.now() - started;
}

/** Reads per second of each subject; they take turns block by block, so that what slows the machine slows all of them. */
async function ratesOf(subjects: readonly (readonly [string, Read])[], atOnce: number): Promise<number[]> {
  const times = subjects.map(() => 0);
  for (let block = 0; block < READS / BLOCK; block += 1) {
    for (const [index, [, read]] of subjects.entries()) times[index]! += await timeOf(read, atOnce);
  }
  return times.map((millis) => (READS * 1000) / millis);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** Makes the ways to read one record of 100 bytes. */
async function openSubjects(url: string): Promise<Readonly<Record<string, Read>>> {
  const backend = await createBackend({ apiBaseUrl: url, token: TOKEN });
  const store = await backend.openKeyValueStore({ name: 'records' });
  const value = new TextEncoder().encode('x'.repeat(100));
  await store.setRecord({ key: 'key', value, contentType: 'text/plain; charset=utf-8' });
  const address = `${url}/v2/key-value-stores/${store.id}/records/key?attachment=true`;
  const headers = { authorization: `Bearer ${TOKEN}` };
  const client = new ApifyClient({ baseUrl: url, token: TOKEN }).keyValueStore(store.id);
  return {
    'bare `fetch`': async () => (await fetch(address, { headers })).arrayBuffer(),
    '`@kv/cloud`': async () => store.getRecord('key'),
    '`apify-client`': async () => client.getRecord('key'),
  };
}

/** Measures reads over HTTP, and writes the page. */
export async function benchCloud(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'kv-bench-cloud-'));
  const server = await startServerProcess(dir, TOKEN);
  const subjects = Object.entries(await openSubjects(server.url));
  const medians: number[][] = [];
  for (const atOnce of [1, 32]) {
    await ratesOf(subjects, atOnce);
    const rounds: number[][] = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await ratesOf(subjects, atOnce));
    medians.push(subjects.map((_, index) => median(rounds.map((rates) => rates[index]!))));
  }
  await server.end();
  rmSync(dir, { recursive: true, force: true });
  const names = subjects.map(([name]) => name);
  report(names, medians);
}

function report(names: readonly string[], [alone = [], together = []]: readonly number[][]): void {
  const cell = (rates: readonly number[], index: number): string =>
    `${Math.round(rates[index]!).toLocaleString('en')} (${percent(rates[index]! / rates[0]!)})`;
  const table = names.map((name, index) => `| ${name} | ${cell(alone, index)} | ${cell(together, index)} |`).join('\n');
  const share = alone[1]! / alone[0]!;
  const page = `# Reads over HTTP

${READS.toLocaleString('en')} reads of a record of 100 bytes from \`kv-server\` over \`@kv/fs\` on the loopback, in reads per second: the median of ${ROUNDS} rounds in which the clients take turns, and in brackets the share of bare \`fetch\`. The target is ${percent(TARGET)} one after the other.

| Client | one after the other | 32 at once |
| --- | --- | --- |
${table}

Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${type()}.
`;
  writeFileSync(join(import.meta.dirname, '../results/cloud.md'), page);
  console.log(page);
  if (share < TARGET) {
    console.error(`@kv/cloud reaches ${percent(share)} of bare fetch; the target is ${percent(TARGET)}.`);
    process.exitCode = 1;
  }
}
