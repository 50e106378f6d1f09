import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeKeyValueStoreBackend } from '@kv/conformance';
import { createBackend } from '@kv/fs';
import { describe, expect, it } from 'vitest';
import { get, put, tempDir } from './helpers.js';

describeKeyValueStoreBackend('fs in a thread', {
  runner: { describe, it },
  open: () => createBackend({ dir: mkdtempSync(join(tmpdir(), 'kv-conformance-')), thread: true }),
  reopen: ({ location }) => createBackend({ dir: location, thread: true }),
  close: async (backend) => {
    await backend.close();
    rmSync(backend.location, { recursive: true, force: true });
  },
});

describe('a backend in a thread', () => {
  it('restores what it has purged', async () => {
    await using backend = createBackend({ dir: tempDir(), thread: true });
    const store = await backend.openKeyValueStore({});
    await put(store, 'k', '1');
    await backend.purge();
    expect(await backend.restore()).toEqual([{ id: 'default', label: 'default', restored: 1, skipped: 0 }]);
    expect((await get(store, 'k'))?.[0]).toBe('1');
  });

  it('keeps the coding that a value came in', async () => {
    await using backend = createBackend({ dir: tempDir(), thread: true });
    const store = await backend.openKeyValueStore({});
    await store.setRecord({ key: 'k', value: Buffer.from('1'), contentType: 'text/plain', contentEncoding: 'gzip' });
    expect((await store.getRecordInfo('k'))?.contentEncoding).toBe('gzip');
    expect((await store.getRecordBody('k'))?.contentEncoding).toBe('gzip');
  });

  it('keeps no process alive that has nothing else to do, closed or not', async () => {
    const child = fork(new URL('fixtures/write-in-thread.ts', import.meta.url), [tempDir()]);
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('refuses options of the wrong type here, and not in the thread', () => {
    expect(() => createBackend({ thread: 'yes' as unknown as boolean })).toThrow('"thread" must be true or false');
    expect(() => createBackend({ dir: '', thread: true })).toThrow(TypeError);
  });
});
