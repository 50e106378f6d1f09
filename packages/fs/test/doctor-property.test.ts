import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { KeyValueStoreBackend, StorageRef } from '@kv/core';
import { createBackend, doctor } from '../src/index.js';
import type { DoctorFinding, DoctorReport } from '../src/index.js';
import { age } from './doctor-helpers.js';
import { get, JSON_TYPE, listAll, openStore, put, tempDir } from './helpers.js';

const REFS: readonly StorageRef[] = [{}, { name: 'named' }, { name: 'other' }, { alias: 'scratch' }];
const TYPES = [JSON_TYPE, 'application/json', 'text/plain', 'image/png', 'video/mp4'];
const KEYS = ['a', 'a.json', 'a.png', 'clip', 'clip.mp4', 'b', 'INPUT', 'x'.repeat(250)];
const LEFT_ALONE = new Set(['hidden-file', 'no-record', 'foreign-store']);

/** A name that a file may be moved or copied to: that of another file, or one that means something here. */
const newName = fc.constantFrom(
  '__metadata__.json',
  'a.__metadata__.json',
  'a.json',
  'a.txt',
  'a~1.json',
  'clip.__metadata__.json',
  'new.png',
  'new.__metadata__.json',
  'no key',
  '.hidden',
);

const damage = fc.oneof(
  fc.record({ type: fc.constant('delete' as const), file: fc.nat() }),
  fc.record({ type: fc.constant('truncate' as const), file: fc.nat(), size: fc.nat(60) }),
  fc.record({
    type: fc.constant('garble' as const),
    file: fc.nat(),
    at: fc.nat(80),
    text: fc.string({ minLength: 1 }),
  }),
  fc.record({
    type: fc.constantFrom('rename' as const, 'copy' as const),
    file: fc.nat(),
    place: fc.nat(),
    name: newName,
  }),
  fc.record({ type: fc.constantFrom('swap' as const, 'overwrite' as const), file: fc.nat(), other: fc.nat() }),
);
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function pick<T>(items: readonly T[], index: number): T {
  return items[index % items.length] as T;
}

function inflict(dir: string, change: Damage): void {
  const stores = join(dir, 'key_value_stores');
  const files = readdirSync(stores, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  if (files.length === 0) return;
  const file = pick(files, change.file);
  if (change.type === 'delete') rmSync(file);
  else if (change.type === 'truncate') truncateSync(file, Math.min(change.size, statSync(file).size));
  else if (change.type === 'garble') garble(file, change.at, change.text);
  else if ('other' in change) mixUp(file, pick(files, change.other), change.type === 'swap');
  else {
    const target = join(stores, pick(readdirSync(stores).toSorted(), change.place), change.name);
    if (target === file) return;
    cpSync(file, target);
    if (change.type === 'rename') rmSync(file);
  }
}

function garble(file: string, at: number, text: string): void {
  const bytes = readFileSync(file);
  bytes.write(text, Math.min(at, bytes.length));
  writeFileSync(file, bytes);
}

function mixUp(file: string, other: string, isSwap: boolean): void {
  const bytes = readFileSync(other);
  if (isSwap) writeFileSync(other, readFileSync(file));
  writeFileSync(file, bytes);
}

async function healthy(): Promise<string> {
  const { dir, backend } = await openStore();
  for (const ref of REFS) {
    const store = await backend.openKeyValueStore(ref);
    for (const [index, key] of KEYS.entries()) {
      const where = JSON.stringify([ref, key]);
      for (const shift of ref.name === 'other' ? [1, 3] : [0]) await put(store, key, where, pick(TYPES, index + shift));
    }
  }
  writeFileSync(join(dir, 'key_value_stores/default/by-hand.csv'), 'a,b');
  return dir;
}

/** Reads what a program can read, in a copy, since opening a store may settle its metadata. */
async function readable(dir: string): Promise<Map<string, unknown>> {
  const copy = tempDir();
  cpSync(dir, copy, { recursive: true });
  const backend = createBackend({ dir: copy });
  const found = new Map<string, unknown>();
  for (const ref of REFS) {
    const store = await backend.openKeyValueStore(ref).catch(() => undefined);
    if (store) for (const key of await keysOf(store)) await read(found, JSON.stringify([ref, key]), store, key);
  }
  rmSync(copy, { recursive: true });
  return found;
}

async function keysOf(store: KeyValueStoreBackend): Promise<Set<string>> {
  const listed = await listAll(store).catch(() => []);
  return new Set([...KEYS, ...listed.map(([key]) => key)]);
}

async function read(
  found: Map<string, unknown>,
  label: string,
  store: KeyValueStoreBackend,
  key: string,
): Promise<void> {
  const record = await get(store, key).catch(() => undefined);
  if (!record) return;
  const [value, type] = record;
  if (!type.startsWith('application/json') || isJson(value)) found.set(label, record);
}

/** Without its metadata, a store may look like one of another tool: what that one may be able to read stays there as it is. */
function toBeRepaired({ findings }: DoctorReport): readonly DoctorFinding[] {
  const foreign = new Set(findings.filter(({ code }) => code === 'foreign-store').map(({ store }) => store));
  return findings.filter(
    ({ code, store, remedy }) =>
      !LEFT_ALONE.has(code) && !(foreign.has(store) && remedy.startsWith('Nothing: the tool that made the store')),
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

it(
  'survives any damage, loses nothing that could be read, and leaves stores that open',
  { timeout: 300_000 },
  async () => {
    const origin = await healthy();
    const all = (await readable(origin)).size;
    expect(all).toBe(REFS.length * KEYS.length + 1);
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 6 }), async (damages) => {
        const dir = tempDir();
        cpSync(origin, dir, { recursive: true });
        for (const change of damages) inflict(dir, change);
        age(dir);
        const before = await readable(dir);
        const seen = await doctor({ dir });
        expect(existsSync(join(dir, '.kv/quarantine'))).toBe(false);

        const { findings } = await doctor({ dir, repair: true });
        const asked = toBeRepaired(seen).map(({ code, path }) => `${code} ${path}`);
        const repaired = new Set(
          findings.filter(({ isRepaired }) => isRepaired).map(({ code, path }) => `${code} ${path}`),
        );
        expect(asked.filter((finding) => !repaired.has(finding))).toEqual([]);
        expect(Object.fromEntries(await readable(dir))).toMatchObject(Object.fromEntries(before));

        age(dir);
        const again = await doctor({ dir, repair: true });
        expect(toBeRepaired(again)).toEqual([]);
        expect(again.quarantine).toBeUndefined();
        const backend = createBackend({ dir });
        for (const { id } of await backend.listKeyValueStores()) await listAll(await backend.openKeyValueStore({ id }));
        for (const ref of REFS) await listAll(await backend.openKeyValueStore(ref));
        rmSync(dir, { recursive: true });
      }),
      { numRuns: 60 },
    );
  },
);
