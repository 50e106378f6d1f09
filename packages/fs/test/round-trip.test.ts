import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createBackend } from '../src/index.js';
import { contentType, hostileKey } from './generators.js';
import { listAll, tempDir } from './helpers.js';

type Entry = readonly [key: string, contentType: string, value: Uint8Array];

const entry: fc.Arbitrary<Entry> = fc.tuple(hostileKey, contentType, fc.uint8Array({ maxLength: 60 }));

/** What a process that opens the store for the first time reads and lists. */
async function readElsewhere(dir: string, keys: readonly string[]): Promise<Reading> {
  const child = fork(fileURLToPath(new URL('fixtures/read-store.ts', import.meta.url)), [dir], {
    serialization: 'advanced',
  });
  child.send(keys);
  const [reading] = (await once(child, 'message')) as [Reading];
  await once(child, 'exit');
  return reading;
}

interface Reading {
  readonly records: readonly (readonly [key: string, contentType: string, value: Uint8Array] | undefined)[];
  readonly listed: readonly (readonly [key: string, size: number])[];
}

it('reads 10,000 generated records back in a new process, and lists exactly them', { timeout: 180_000 }, async () => {
  const dir = tempDir();
  const store = await createBackend({ dir }).openKeyValueStore({});
  const expected = new Map<string, Entry>();
  const generated = fc.sample(entry, { numRuns: 20_000, seed: 20 });
  for (const [key, type, value] of generated) {
    expected.set(key, [key, type, value]);
    await store.setRecord({ key, contentType: type, value });
  }
  expect(expected.size).toBeGreaterThan(10_000);
  // One in ten is deleted again: what is gone must be gone, and nobody else may miss anything.
  for (const key of [...expected.keys()].filter((_, index) => index % 10 === 9)) {
    await store.deleteRecord(key);
    expected.delete(key);
  }
  const sorted = [...expected.values()].toSorted(([one], [other]) =>
    Buffer.compare(Buffer.from(one), Buffer.from(other)),
  );

  const { records, listed } = await readElsewhere(
    dir,
    sorted.map(([key]) => key),
  );
  for (const [index, [key, type, value]] of sorted.entries()) {
    const record = records[index];
    if (record?.[0] !== key || record[1] !== type || Buffer.compare(record[2], value) !== 0) {
      expect(record, `the record ${key}`).toEqual([key, type, value]);
    }
  }
  expect(listed).toEqual(sorted.map(([key, , value]) => [key, value.length]));
});

it('lists the same keys through pages of every size', { timeout: 60_000 }, async () => {
  const store = await createBackend({ dir: tempDir() }).openKeyValueStore({});
  const keys = new Set(fc.sample(hostileKey, { numRuns: 1500, seed: 7 }));
  for (const key of keys) await store.setRecord({ key, contentType: 'image/png', value: Buffer.from(key) });
  const sorted = [...keys].toSorted().map((key): [string, number] => [key, key.length]);
  for (const limit of [1, 2, 7, 99, keys.size - 1, keys.size, 1000].filter((size) => size <= 1000)) {
    expect(await listAll(store, limit)).toEqual(sorted);
  }
  for (const prefix of ['a', 'CON', '.', 'x'.repeat(100), 'photo', 'nothing-begins-so']) {
    expect(await listAll(store, 13, prefix)).toEqual(sorted.filter(([key]) => key.startsWith(prefix)));
  }
});

it('goes on after a cursor that does not exist, and after one that was deleted', async () => {
  const store = await createBackend({ dir: tempDir() }).openKeyValueStore({});
  for (const key of ['a', 'c', 'e']) await store.setRecord({ key, contentType: 'image/png', value: Buffer.from('1') });
  const after = async (exclusiveStartKey: string): Promise<string[]> =>
    (await store.listKeys({ exclusiveStartKey })).items.map(({ key }) => key);
  expect(await after('b')).toEqual(['c', 'e']);
  await store.deleteRecord('c');
  expect(await after('c')).toEqual(['e']);
  expect(await after('e')).toEqual([]);
  const page = await store.listKeys({ limit: 1 });
  expect(page).toEqual({
    items: [{ key: 'a', size: 1 }],
    count: 1,
    limit: 1,
    isTruncated: true,
    nextExclusiveStartKey: 'a',
  });
  expect(await store.listKeys({ limit: 2 })).toMatchObject({
    count: 2,
    isTruncated: false,
    nextExclusiveStartKey: null,
  });
});
