import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackend, doctor } from '../src/index.js';
import { get, JSON_TYPE, openStore, put } from './helpers.js';
import { DEAD, nameOf, PARENT } from './other-process.js';

const FOREIGN = '00000000-1-00112233-1';
const TWO_DAYS_AGO = Date.now() / 1000 - 2 * 24 * 60 * 60;

/** Where a mark may be left behind: by gates that come or go, by metadata where files cannot be linked, and by runs. */
const DRAFTS = ['stores/x@1.MARK', 'runs.MARK', 'creation.MARK'];
const FILES = ['creation/tmp/MARK', 'creation/held-1/MARK'];

/** Makes what a process leaves in a place, and gives its path. */
function leave(dir: string, place: string, mark: string, isOld = false): string {
  const path = join(dir, '.kv', place.replace('MARK', mark));
  mkdirSync(dirname(path), { recursive: true });
  if (DRAFTS.includes(place)) mkdirSync(join(path, 'tmp'), { recursive: true });
  else writeFileSync(path, '{}');
  if (isOld) utimesSync(path, TWO_DAYS_AGO, TWO_DAYS_AGO);
  return path;
}

describe('what processes that are no more have left', () => {
  it.each([...DRAFTS, ...FILES, 'runs/tmp/MARK'])('is swept in .kv/%s, never what one may be at', async (place) => {
    const { dir } = await openStore();
    const gone = [leave(dir, place, nameOf(DEAD)), leave(dir, place, FOREIGN, true)];
    const stay = [leave(dir, place, nameOf(PARENT)), leave(dir, place, `${FOREIGN}x`)];
    await createBackend({ dir }).openKeyValueStore({});
    expect(gone.filter((path) => existsSync(path))).toEqual([]);
    expect(stay.filter((path) => existsSync(path))).toEqual(stay);
  });

  it.each([...DRAFTS, ...FILES])('is told of by the doctor in .kv/%s, and removed', async (place) => {
    const { dir } = await openStore();
    const gone = [leave(dir, place, nameOf(DEAD)), leave(dir, place, FOREIGN, true)];
    const stay = [leave(dir, place, nameOf(PARENT)), leave(dir, place, `${FOREIGN}x`)];
    const { findings } = await doctor({ dir, repair: true });
    const told = findings.filter(({ code }) => code === 'temp-file' || code === 'live-temp-file');
    const expected = [
      ...gone.map((path) => ({ code: 'temp-file', path, isRepaired: true })),
      ...stay.map((path) => ({ code: 'live-temp-file', path, isRepaired: false })),
    ];
    expect(told).toHaveLength(expected.length);
    expect(told).toEqual(expect.arrayContaining(expected.map((finding) => expect.objectContaining(finding))));
    expect([...gone, ...stay].filter((path) => existsSync(path))).toEqual(stay);
  });

  it('is not taken for the gate of a store whose id is like a mark', async () => {
    const { dir } = await openStore({}, { name: 'x' });
    const path = join(dir, 'key_value_stores', 'foreign');
    mkdirSync(path);
    const id = `y.${nameOf(DEAD)}`;
    writeFileSync(join(path, '__metadata__.json'), JSON.stringify({ id, name: 'foreign' }));
    const store = await createBackend({ dir }).openKeyValueStore({ id });
    await put(store, 'k', '1', 'text/plain');
    await put(store, 'k', '1');
    const gate = join(dir, '.kv', 'stores', `foreign@${id}`);
    expect(existsSync(gate)).toBe(true);
    await createBackend({ dir }).openKeyValueStore({ id });
    await doctor({ dir, repair: true });
    expect(existsSync(gate)).toBe(true);
    expect(await get(store, 'k')).toEqual(['1', JSON_TYPE]);
  });
});
