import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Page } from '../src/page.ts';
import type { Summary } from '../src/summary.ts';
import { DemoPlace } from './run-demo.ts';

const KEEP = [{ KV_PURGE_ON_START: '0' }, { APIFY_PURGE_ON_START: '0' }, { CRAWLEE_PURGE_ON_START: '0' }, { CRAWLEE_PURGE_ON_START: 'false' }]; // prettier-ignore
const PAGES = 45;

/** OUTPUT without what differs from run to run: times, the order that they make, and the port of the place. */
async function readOutput(place: DemoPlace): Promise<unknown> {
  const { slowestPages: _, ...output } = (await (await place.openStore()).getValue<Summary>('OUTPUT')) ?? {};
  return JSON.parse(JSON.stringify(output).replaceAll(`127.0.0.1:${place.port}`, 'site'));
}

/** The slowest pages are those of the records. */
async function expectSlowest(place: DemoPlace): Promise<void> {
  const store = await place.openStore();
  const pages = (await store.values<Page>({ prefix: 'page-' })).map(({ url, timeMillis }) => ({ url, timeMillis }));
  const slowest = pages.toSorted((a, b) => b.timeMillis - a.timeMillis || (a.url < b.url ? -1 : 1)).slice(0, 5);
  expect((await store.getValue<Summary>('OUTPUT'))?.slowestPages).toEqual(slowest);
}

/** Runs the demo for a while and kills it. */
async function runAndKill(place: DemoPlace, afterMillis: number, env: Record<string, string> = {}) {
  const run = place.start(['--port', String(place.port)], env);
  await delay(afterMillis);
  run.process.kill('SIGKILL');
  await run.ended;
}

async function archivedPaths(place: DemoPlace): Promise<string[]> {
  const files = existsSync(place.storeDirectory) ? readdirSync(place.storeDirectory) : [];
  const store = await place.openStore();
  const keys = files.filter((name) => /^page-.*\.json$/.test(name)).map((name) => name.slice(0, -'.json'.length));
  const pages = await Promise.all(keys.map((key) => store.getValue<Page>(key)));
  return pages.map((page) => page?.url.slice(place.urlOf('').length) ?? '');
}

async function expectWhole(place: DemoPlace, output: unknown): Promise<void> {
  const paths = await archivedPaths(place);
  expect(paths).toHaveLength(PAGES);
  expect(new Set(paths).size).toBe(PAGES);
  expect(await readOutput(place)).toEqual(output);
  await expectSlowest(place);
}

it('kill -9 at any moment: a rerun that keeps the store loses nothing and repeats nothing', async () => {
  const reference = await DemoPlace.make();
  const started = performance.now();
  expect(await reference.run()).toMatchObject({ code: 0 });
  const duration = performance.now() - started;
  const output = await readOutput(reference);

  const round = async (index: number) => {
    const place = await DemoPlace.make();
    const moment = ((index + Math.random()) / 10) * duration;
    await runAndKill(place, moment, {
      KV_PERSIST_STATE_INTERVAL_MILLIS: index % 3 === 0 ? '150' : '60000',
    });
    const archived = await archivedPaths(place);
    const rerun = await place.run(KEEP[index % KEEP.length]);
    const repeated = archived.filter((path) => rerun.fetched.includes(path));
    const twice = rerun.fetched.filter((path, at) => rerun.fetched.indexOf(path) !== at);
    expect({ moment, archived, ...rerun, repeated, twice }).toMatchObject({ code: 0, repeated: [], twice: [] });
    expect(rerun.text).not.toContain('purged');
    await expectWhole(place, output);
  };
  // Four at a time: the demos mostly wait.
  const lanes = [0, 1, 2, 3].map(async (lane) => {
    for (let index = lane; index < 10; index += 4) await round(index);
  });
  await Promise.all(lanes);
});

it('kill -9 ten times in a row: every run goes on from where the last one was', async () => {
  const reference = await DemoPlace.make();
  const place = await DemoPlace.make();
  const unbroken = reference.run();
  const counts: number[] = [];
  for (let kill = 0; kill < 10; kill += 1) {
    await runAndKill(place, 100 + Math.random() * 1400, {
      ...KEEP[kill % KEEP.length],
      KV_PERSIST_STATE_INTERVAL_MILLIS: '200',
    });
    counts.push((await archivedPaths(place)).length);
  }
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  const archived = await archivedPaths(place);
  const last = await place.run(KEEP[0]);
  expect(last.code).toBe(0);
  expect(archived.filter((path) => last.fetched.includes(path))).toEqual([]);
  expect((await unbroken).code).toBe(0);
  await expectWhole(place, await readOutput(reference));
});
