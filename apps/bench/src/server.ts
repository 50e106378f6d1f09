import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure, Results, ROUNDS } from './measure.ts';
import type { Measurement } from './measure.ts';
import { measureMemory } from './server-memory.ts';
import { serverPage } from './server-page.ts';
import { MILLIS, REQUESTS, ROWS } from './server-plan.ts';
import type { Load, Row } from './server-plan.ts';
import { makeListedStore, startSubject, storeRecords, SUBJECTS, TOKEN } from './server-subjects.ts';
import type { Subject } from './server-subjects.ts';
import { checkServerTargets } from './server-targets.ts';

// A server runs for days; the first thousands of requests, which run in code that is not compiled yet, tell nothing of it.
const WARM_UP: Readonly<Record<Load['method'], number>> = { GET: 20_000, PUT: 8000 };
const WARM_UP_LARGE = 64;
// What the kernel counts processor time in.
const TICK_MICROS = 10_000;

/** Measures `kv-server` beside a bare handler of node:http. Writes results/server.md. */
export async function benchServer(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'kv-bench-server-'));
  const results = new Results();
  const subjects = new Map<string, Subject>();
  let page = '';
  try {
    await makeListedStore(root);
    for (const name of SUBJECTS) subjects.set(name, await startSubject(name, root));
    for (const subject of subjects.values()) await warmUp(subject);
    for (let round = 1; round <= ROUNDS; round += 1) {
      await measureRound(results, subjects, root);
      console.log(`round ${round} of ${ROUNDS} done`);
      // A run that is cut short has measured something, too.
      page = serverPage(results, checkServerTargets(results), round);
      writeFileSync(join(import.meta.dirname, '../results/server.md'), page);
    }
  } finally {
    for (const subject of subjects.values()) await subject.end();
    rmSync(root, { recursive: true, force: true });
  }
  console.log(page);
}

async function warmUp(subject: Subject): Promise<void> {
  await storeRecords(subject);
  for (const request of REQUESTS) {
    const warmUps = request.keys === null || request.size < 100_000 ? WARM_UP[request.method] : WARM_UP_LARGE;
    await send(subject, { ...request, connections: 32 }, { warmUp: warmUps, millis: 1 });
  }
}

/** All subjects one after the other in each row, so that the drift of a shared machine meets them alike. */
async function measureRound(results: Results, subjects: ReadonlyMap<string, Subject>, root: string): Promise<void> {
  for (const row of ROWS) {
    for (const [name, subject] of subjects) {
      results.add(name, `${row.name}-${row.connections}-`, await measureRow(subject, row));
    }
  }
  for (const [name, subject] of subjects) {
    const listing: Row = { name: 'listing', method: 'GET', size: 0, keys: 0, connections: 1 };
    results.add(name, 'listing-', await send(subject, listing, { warmUp: 1, millis: MILLIS }));
    results.add(name, 'memory-', await measureMemory(name, root));
  }
}

async function measureRow(subject: Subject, row: Row): Promise<Measurement> {
  const before = processorMicros(subject);
  const measured = await send(subject, row, { warmUp: 0, millis: MILLIS });
  return { ...measured, cpu: (processorMicros(subject) - before) / (measured['count'] ?? 0) };
}

async function send(
  { url, records, listed }: Subject,
  { method, size, keys, connections }: Row,
  times: Pick<Load, 'warmUp' | 'millis'>,
): Promise<Measurement> {
  const path = keys === 0 ? listed : `${records}${size}-`;
  const load: Load = { url, path, method, token: TOKEN, size, keys, connections, ...times };
  return measure('server-load.js', [JSON.stringify(load)]);
}

/** NaN where the system does not tell. */
function processorMicros({ pid }: Subject): number {
  if (process.platform !== 'linux') return Number.NaN;
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(11, 13);
  return (Number(user) + Number(system)) * TICK_MICROS;
}
