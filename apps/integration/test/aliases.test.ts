import type { StorageBackend } from '@kv/core';
import { createBackend as createMemoryBackend } from '@kv/memory';
import { expect, it, onTestFinished } from 'vitest';
import { connect, startServer } from './start-server.js';

const MAPPING = '__STORAGE_ALIASES_MAPPING';

/** Makes a run: a default store, and the backends of its processes. */
async function openRun(): Promise<{ defaultId: string; openProcess: () => Promise<StorageBackend>; url: string }> {
  const { url, close } = await startServer(createMemoryBackend());
  onTestFinished(close);
  await using backend = await connect(url);
  const { id } = await backend.openKeyValueStore({ name: 'of-the-run' });
  return { defaultId: id, url, openProcess: () => connect(url, { defaultKeyValueStoreId: id }) };
}

it('gives an alias one store, for many who open it at once and for later processes of the run', async () => {
  const { openProcess, defaultId } = await openRun();
  await using first = await openProcess();
  expect(await first.findKeyValueStore({ alias: 'scratch' })).toBeUndefined();
  const opens = await Promise.all(Array.from({ length: 10 }, () => first.openKeyValueStore({ alias: 'scratch' })));
  const [store] = opens;
  expect(new Set(opens.map(({ id }) => id)).size).toBe(1);
  expect(await store?.getInfo()).toMatchObject({ alias: 'scratch' });
  expect(await store?.getInfo()).not.toHaveProperty('name');
  expect((await first.openKeyValueStore({ alias: 'other' })).id).not.toBe(store?.id);

  await using second = await openProcess();
  expect((await second.openKeyValueStore({ alias: 'scratch' })).id).toBe(store?.id);
  expect(await second.findKeyValueStore({ alias: 'other' })).toMatchObject({ alias: 'other' });
  // The default store and the two; a store that was made in vain would be listed, too.
  expect(await second.listKeyValueStores()).toHaveLength(3);
  const record = await (await second.openKeyValueStore({ id: defaultId })).getRecord(MAPPING);
  const mapping = JSON.parse(new TextDecoder().decode(record?.value)) as Record<string, string>;
  const entry = Object.entries(mapping).find(([name]) => name.startsWith('KeyValueStore,scratch,'));
  expect(entry).toEqual([expect.stringMatching(/^KeyValueStore,scratch,[0-9a-f]{8}$/), store?.id]);
});

it('makes a new store when that of the alias was dropped or given a name', async () => {
  const { openProcess } = await openRun();
  await using backend = await openProcess();
  const first = await backend.openKeyValueStore({ alias: 'scratch' });
  await first.drop();
  expect(await backend.findKeyValueStore({ alias: 'scratch' })).toBeUndefined();
  const second = await backend.openKeyValueStore({ alias: 'scratch' });
  expect(second.id).not.toBe(first.id);
  expect(await second.update({ name: 'kept' })).not.toHaveProperty('alias');
  expect(await backend.findKeyValueStore({ alias: 'scratch' })).toBeUndefined();
  expect((await backend.openKeyValueStore({ alias: 'scratch' })).id).not.toBe(second.id);
});

it('keeps the aliases of runs apart', async () => {
  const { openProcess, url } = await openRun();
  await using one = await openProcess();
  const store = await one.openKeyValueStore({ alias: 'scratch' });
  const { id } = await one.openKeyValueStore({ name: 'of-another-run' });
  await using two = await connect(url, { defaultKeyValueStoreId: id });
  expect(await two.findKeyValueStore({ alias: 'scratch' })).toBeUndefined();
  expect((await two.openKeyValueStore({ alias: 'scratch' })).id).not.toBe(store.id);
});

it('leaves a record alone that is no mapping, and says which', async () => {
  const { openProcess, defaultId } = await openRun();
  await using backend = await openProcess();
  const store = await backend.openKeyValueStore({});
  expect(store.id).toBe(defaultId);
  await store.setRecord({ key: MAPPING, value: new TextEncoder().encode('[]'), contentType: 'application/json' });
  await expect(backend.openKeyValueStore({ alias: 'a' })).rejects.toMatchObject({ code: 'KV_RECORD_CORRUPT' });
});

it('says so when the default store of the run does not exist', async () => {
  const { url } = await openRun();
  await using backend = await connect(url, { defaultKeyValueStoreId: 'abcdefghijklmnopq' });
  await expect(backend.openKeyValueStore({})).rejects.toMatchObject({
    code: 'KV_STORAGE_NOT_FOUND',
    details: { id: 'abcdefghijklmnopq' },
  });
  await expect(backend.openKeyValueStore({ name: 'kv-run-x' })).rejects.toMatchObject({ code: 'KV_NAME_INVALID' });
});
