import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContentEncoding, KeyValueStoreBackend } from '@kv/core';
import { describe, expect, it } from 'vitest';
import { doctor } from '../src/index.js';
import { aroundCalls } from './around-calls.js';
import { get, JSON_TYPE, listAll, openStore, put } from './helpers.js';

const WRITE_ONCE = fileURLToPath(new URL('fixtures/write-once.ts', import.meta.url));
const TYPES = [JSON_TYPE, 'application/json', 'text/plain', 'image/png'] as const;

async function putCoded(
  store: KeyValueStoreBackend,
  key: string,
  text: string,
  [contentType, contentEncoding]: readonly [type: string, coding: ContentEncoding | undefined],
): Promise<void> {
  await store.setRecord({ key, value: Buffer.from(text), contentType, contentEncoding });
}

async function codingOf(store: KeyValueStoreBackend, key = 'k'): Promise<ContentEncoding | undefined> {
  return (await store.getRecordInfo(key))?.contentEncoding;
}

function recordFiles(path: string): string[] {
  return readdirSync(path).filter((name) => name !== '__metadata__.json');
}

describe('the coding that a value came in', () => {
  it.each(TYPES)('is kept with every write of %s, and its file keeps its name', async (type) => {
    const { store, path } = await openStore();
    const files = new Set<string>();
    for (const [index, coding] of (['gzip', undefined, 'br', 'br', 'deflate', undefined, 'gzip'] as const).entries()) {
      await putCoded(store, 'k', `"${index}"`, [type, coding]);
      expect(await codingOf(store)).toBe(coding);
      expect((await store.getRecordBody('k'))?.contentEncoding).toBe(coding);
      expect(await get(store, 'k')).toEqual([`"${index}"`, type]);
      expect(await listAll(store)).toEqual([['k', 3]]);
      const [value = '', ...others] = recordFiles(path).filter((name) => !name.includes('__metadata__'));
      expect(others).toEqual([]);
      expect(readFileSync(join(path, value), 'utf8')).toBe(`"${index}"`);
      files.add(value);
    }
    expect(files.size).toBe(1);
    await store.deleteRecord('k');
    expect(recordFiles(path)).toEqual([]);
  });

  it('leaves JSON in its file, and the sidecar goes with the coding', async () => {
    const { store, path } = await openStore();
    await put(store, 'k', '1');
    await putCoded(store, 'k', '2', [JSON_TYPE, 'gzip']);
    expect(JSON.parse(readFileSync(join(path, 'k.__metadata__.json'), 'utf8'))).toEqual({
      key: 'k',
      contentType: JSON_TYPE,
      contentEncoding: 'gzip',
      file: 'k.json',
    });
    // A person edits the file, and the record is what it says.
    writeFileSync(join(path, 'k.json'), '33');
    expect(await get(store, 'k')).toEqual(['33', JSON_TYPE]);
    await put(store, 'k', '4');
    expect(recordFiles(path)).toEqual(['k.json']);
  });

  it.each(TYPES.flatMap((from) => TYPES.map((to) => [from, to] as const)))(
    'goes with a change of type from %s to %s, and the doctor finds nothing',
    async (from, to) => {
      const { store, dir } = await openStore();
      await putCoded(store, 'k', '1', [from, 'gzip']);
      await putCoded(store, 'k', '2', [to, 'br']);
      expect([await get(store, 'k'), await codingOf(store)]).toEqual([['2', to], 'br']);
      await putCoded(store, 'k', '3', [from, undefined]);
      expect([await get(store, 'k'), await codingOf(store)]).toEqual([['3', from], undefined]);
      expect((await doctor({ dir })).findings).toEqual([]);
    },
  );

  it('goes with a deletion, also when another process writes in between', async () => {
    const { store, dir, path } = await openStore();
    await put(store, 'k', '1');
    const undo = aroundCalls('renameSync', (rename, from) => {
      if (from !== join(path, 'k.json')) return rename();
      undo();
      execFileSync(process.execPath, [WRITE_ONCE, dir, 'k', JSON_TYPE, 'gzip']);
      expect(recordFiles(path)).toEqual(['k.__metadata__.json', 'k.json']);
      return rename();
    });
    await store.deleteRecord('k');
    expect(recordFiles(path)).toEqual([]);
  });

  it('comes back with a purge that is undone', async () => {
    const { backend, store } = await openStore();
    await putCoded(store, 'k', '1', [JSON_TYPE, 'gzip']);
    await putCoded(store, 'INPUT', '2', [JSON_TYPE, 'br']);
    await backend.purge();
    expect([await codingOf(store), await codingOf(store, 'INPUT')]).toEqual([undefined, 'br']);
    await backend.restore();
    expect([await get(store, 'k'), await codingOf(store)]).toEqual([['1', JSON_TYPE], 'gzip']);
  });

  it('that is none is a TypeError, and one that another version wrote says nothing', async () => {
    const { store, path } = await openStore();
    await put(store, 'k', '1');
    for (const wrong of ['zstd', 'GZIP', '', 1, null, {}] as unknown as 'br'[]) {
      await expect(putCoded(store, 'k', '2', [JSON_TYPE, wrong])).rejects.toThrow(TypeError);
    }
    expect(await get(store, 'k')).toEqual(['1', JSON_TYPE]);
    const sidecar = { key: 'k', contentType: JSON_TYPE, file: 'k.json' };
    for (const contentEncoding of ['zstd', 7, null]) {
      writeFileSync(join(path, 'k.__metadata__.json'), JSON.stringify({ ...sidecar, contentEncoding }));
      expect([await get(store, 'k'), await codingOf(store)]).toEqual([['1', JSON_TYPE], undefined]);
    }
    await put(store, 'k', '2');
    expect(await get(store, 'k')).toEqual(['2', JSON_TYPE]);
  });

  it('leaves nothing behind of what an earlier change of type has claimed', async () => {
    const { store, path } = await openStore();
    await putCoded(store, 'k', '1', [JSON_TYPE, 'gzip']);
    // As a process leaves it that was killed on the way to another type.
    const claiming = { key: 'k', contentType: JSON_TYPE, contentEncoding: 'gzip', file: 'k.json', claims: ['k.mp4'] };
    writeFileSync(join(path, 'k.__metadata__.json'), JSON.stringify(claiming));
    writeFileSync(join(path, 'k.mp4'), 'half a film');
    await putCoded(store, 'k', '2', [JSON_TYPE, 'br']);
    expect(await listAll(store)).toEqual([['k', 1]]);
    expect(recordFiles(path)).toEqual(['k.__metadata__.json', 'k.json']);
    // And the other way round: the new type is there, and JSON is left of the old one.
    const left = { key: 'k', contentType: 'text/plain', file: 'k.txt', claims: ['k.json'] };
    writeFileSync(join(path, 'k.__metadata__.json'), JSON.stringify(left));
    writeFileSync(join(path, 'k.txt'), 'text');
    await put(store, 'k', '3');
    expect(await get(store, 'k')).toEqual(['3', JSON_TYPE]);
    expect(recordFiles(path)).toEqual(['k.json']);
  });

  it('is left out where the layout of another tool has no place for it', async () => {
    const { store } = await openStore({ layout: 'crawlee' });
    await putCoded(store, 'k', '1', ['text/plain', 'gzip']);
    expect([await get(store, 'k'), await codingOf(store)]).toEqual([['1', 'text/plain'], undefined]);
  });
});
