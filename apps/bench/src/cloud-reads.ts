// Measures 1,000 small reads over HTTP: @kv/cloud, bare fetch and apify-client, side by side. Writes results/cloud.md.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { createBackend } from '@kv/cloud';
import { ApifyClient } from 'apify-client';
import { startServerProcess } from './cloud-server.ts';

const READS = Number(process.env['BENCH_READS'] ?? 1000);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);
const TARGET = 0.8;
const TOKEN = 'kv_bench_token';

type Read = () => Promise<unknown>;

async function rateOf(read: Read, atOnce: number): Promise<number> {
  const started = performance.now();
  let left = READS;
  const reader = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await read();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, reader));
  return (READS * 1000) / (performance.now() - started);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
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

const dir = mkdtempSync(join(tmpdir(), 'kv-bench-cloud-'));
const server = await startServerProcess(dir, TOKEN);
const subjects = Object.entries(await openSubjects(server.url));
const rates = new Map<string, number[]>();
for (let round = -1; round < ROUNDS; round += 1) {
  // The first round warms up. In each, all have their turn, so that what slows the machine slows all.
  for (const atOnce of [1, 32]) {
    for (const [name, read] of subjects) {
      const rate = await rateOf(read, atOnce);
      const key = `${name} ${atOnce}`;
      if (round >= 0) rates.set(key, [...(rates.get(key) ?? []), rate]);
    }
  }
}
await server.end();
rmSync(dir, { recursive: true, force: true });

const bare = (atOnce: number): number => median(rates.get(`${subjects[0]?.[0]} ${atOnce}`) ?? []);
const cell = (name: string, atOnce: number): string => {
  const rate = median(rates.get(`${name} ${atOnce}`) ?? []);
  return `${Math.round(rate).toLocaleString('en')} (${Math.round((100 * rate) / bare(atOnce))} %)`;
};
const table = subjects.map(([name]) => `| ${name} | ${cell(name, 1)} | ${cell(name, 32)} |`).join('\n');
const share = median(rates.get('`@kv/cloud` 1') ?? []) / bare(1);
const page = `# Reads over HTTP

${READS.toLocaleString('en')} reads of a record of 100 bytes from \`kv-server\` over \`@kv/fs\` on the loopback, in reads per second: the median of ${ROUNDS} rounds, and in brackets the share of bare \`fetch\`. The target is ${100 * TARGET} % one after the other.

| Client | one after the other | 32 at once |
| --- | --- | --- |
${table}

Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${type()}.
`;
writeFileSync(join(import.meta.dirname, '../results/cloud.md'), page);
console.log(page);
if (share < TARGET) {
  console.error(`@kv/cloud reaches ${Math.round(100 * share)} % of bare fetch; the target is ${100 * TARGET} %.`);
  process.exitCode = 1;
}
