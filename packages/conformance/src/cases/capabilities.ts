import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { isKvError } from '@kv/core';
import type { StorageBackend, StorageCapabilities } from '@kv/core';
import { defineGroup } from '../conformance-case.js';
import type { ConformanceCase } from '../conformance-case.js';
import { lie } from '../run-case.js';
import { bytes, show } from '../support/bytes.js';
import { CONDITIONAL_OPERATIONS } from '../support/conditions.js';
import { inStore, put } from '../support/records.js';
import { assertReopen } from '../support/reopening.js';

/** That a backend has what it declares, and declares what it has. */
export const CAPABILITY_CASES: readonly ConformanceCase[] = defineGroup('capabilities', [
  {
    id: 'KVS-097',
    behaviour: '`purge` of the backend raises `KV_NOT_SUPPORTED` exactly when the capability `purge` is not declared.',
    run: async ({ backend }) => assertHonest(backend, 'purge', async () => backend.purge()),
  },
  {
    id: 'KVS-122',
    behaviour:
      '`ifMatch` and `ifNoneMatch` raise `KV_NOT_SUPPORTED` exactly when `conditionalWrites` is not declared, and nothing happens.',
    run: inStore(async (store, backend) => {
      for (const { name, run, result } of CONDITIONAL_OPERATIONS) {
        for (const condition of [{ ifMatch: '*' }, { ifNoneMatch: 'another-etag' }]) {
          await put(store, 'key', 'old');
          await assertHonest(backend, 'conditionalWrites', async () => run(store, 'key', condition));
          const left = backend.capabilities.conditionalWrites ? result : 'old';
          const record = await store.getRecord('key');
          assert.equal(record && show(record.value), left, `after ${name} with ${JSON.stringify(condition)}`);
        }
        await run(store, 'key', { ifMatch: undefined, ifNoneMatch: undefined });
      }
    }),
  },
  {
    id: 'KVS-123',
    behaviour:
      'A backend that declares `persistent`, and no other, is tested with `reopen`; what that gives finds what is stored.',
    run: async ({ backend, reopen }) => {
      const { name } = backend;
      if (!backend.capabilities.persistent) {
        const message = `The option reopen is given for the backend ${name}, which does not declare persistent. Declare it, or leave the option out.`;
        return assert.equal(reopen, undefined, message);
      }
      await put(await backend.openKeyValueStore({ name: 'records' }), 'key', 'value');
      const another = await assertReopen(name, reopen)();
      const store = await another.openKeyValueStore({ name: 'records' });
      assert.ok(
        await store.getRecord('key'),
        `The backend ${name} lies about its capability persistent: it declares it, and what reopen gives does not find what was stored.`,
      );
    },
  },
  {
    id: 'KVS-098',
    behaviour: '`getPublicUrl` raises `KV_NOT_SUPPORTED` exactly when the capability `publicUrls` is not declared.',
    run: inStore(async (store, backend) => {
      await put(store, 'key', 'value');
      await assertHonest(backend, 'publicUrls', async () => store.getPublicUrl('key'));
      await assertHonest(backend, 'publicUrls', async () => store.getPublicUrl('absent'));
    }),
  },
  {
    id: 'KVS-099',
    behaviour: 'A public URL gives the bytes of its record, and a record that does not exist has none.',
    needs: ['publicUrls'],
    run: inStore(async (store) => {
      const keys = ['key', "a.b'(!)-_", 'photo', 'photo.png'];
      for (const key of keys) await put(store, key, `the value of ${key}`, 'image/png');
      for (const key of keys) {
        const url = await store.getPublicUrl(key);
        assert.ok(typeof url === 'string', `${key} has a URL`);
        assert.equal(show(await readUrl(url)), `the value of ${key}`, url);
      }
      assert.equal(await store.getPublicUrl('absent'), undefined);
      await store.deleteRecord('key');
      assert.equal(await store.getPublicUrl('key'), undefined, 'a deleted record has no URL');
    }),
  },
]);

/** Asserts that a backend raises KV_NOT_SUPPORTED for what it does not declare, and for nothing else. */
async function assertHonest(
  backend: StorageBackend,
  capability: keyof StorageCapabilities,
  operation: () => Promise<unknown>,
): Promise<void> {
  const outcome = await operation().then(
    () => 'success',
    (error: unknown) => error,
  );
  const isRefused = isKvError(outcome, 'KV_NOT_SUPPORTED');
  if (backend.capabilities[capability]) {
    if (isRefused) throw lie(backend, [capability], outcome);
    assert.equal(outcome, 'success');
    return;
  }
  assert.ok(
    isRefused,
    `The backend ${backend.name} does not declare ${capability}, so using it raises KV_NOT_SUPPORTED; it gave: ${String(outcome)}`,
  );
}

async function readUrl(url: string): Promise<Uint8Array> {
  if (url.startsWith('file:')) return readFile(new URL(url));
  const response = await fetch(url);
  assert.ok(response.ok, `${url} answers ${response.status}`);
  return response.status === 204 ? bytes('') : new Uint8Array(await response.arrayBuffer());
}
