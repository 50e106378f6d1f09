import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createBackend } from '../src/index.js';
import { get, JSON_TYPE, listAll, openStore, put, rejection } from './helpers.js';

const files = (path: string): string[] =>
  readdirSync(path)
    .filter((name) => name !== '__metadata__.json')
    .toSorted();

describe('files', () => {
  it('keeps a JSON record in one file', async () => {
    const { store, path } = await openStore();
    await put(store, 'OUTPUT', '{"a":1}');
    expect(files(path)).toEqual(['OUTPUT.json']);
    expect(readFileSync(join(path, 'OUTPUT.json'), 'utf8')).toBe('{"a":1}');
    expect(await get(store, 'OUTPUT')).toEqual(['{"a":1}', JSON_TYPE]);
  });

  it('keeps any other record in a file with its extension, beside a sidecar', async () => {
    const { store, path } = await openStore();
    await put(store, 'photo', 'png', 'image/png');
    expect(files(path)).toEqual(['photo.__metadata__.json', 'photo.png']);
    expect(JSON.parse(readFileSync(join(path, 'photo.__metadata__.json'), 'utf8'))).toEqual({
      key: 'photo',
      contentType: 'image/png',
      file: 'photo.png',
    });
  });

  it.each([
    ['photo.png', 'image/png', 'photo.png'],
    ['page.html', 'text/html; charset=utf-8', 'page.html'],
    ['a.tar.gz', 'application/gzip', 'a.tar.gz'],
    ['crawl', 'application/warc', 'crawl.bin'],
    ['data', 'text/csv', 'data.csv'],
    ['data.json', JSON_TYPE, 'data.json.json'],
    ['plain', 'application/json', 'plain~1.json'],
    ['CON', JSON_TYPE, '%43ON.json'],
    ['nul.txt', 'text/plain', '%6Eul.txt'],
    ['.hidden', JSON_TYPE, '%2Ehidden.json'],
    ['dot.', 'text/plain', 'dot%2E.txt'],
    ['__metadata__', JSON_TYPE, '%5F_metadata__.json'],
    ['x.__metadata__.json', 'text/plain', 'x.%5F_metadata__.json.txt'],
  ])('names the value of %j as %j %j', async (key, contentType, file) => {
    const { store, path, dir } = await openStore();
    await put(store, key, 'value', contentType);
    expect(files(path)).toContain(file);
    const reopened = await createBackend({ dir }).openKeyValueStore({});
    expect(await get(reopened, key)).toEqual(['value', contentType]);
    expect(await listAll(reopened)).toEqual([[key, 5]]);
  });

  it('tells keys apart that want one file name', async () => {
    for (const order of [
      ['photo', 'photo.png'],
      ['photo.png', 'photo'],
    ]) {
      const { store, path } = await openStore();
      for (const key of order) await put(store, key, `the value of ${key}`, 'image/png');
      for (const key of order) expect(await get(store, key)).toEqual([`the value of ${key}`, 'image/png']);
      expect((await listAll(store)).map(([key]) => key)).toEqual(['photo', 'photo.png']);
      expect(files(path)).toContain('photo.png');
      await store.deleteRecord(order[0] as string);
      expect(await get(store, order[0] as string)).toBeUndefined();
      expect(await get(store, order[1] as string)).toEqual([`the value of ${order[1]}`, 'image/png']);
    }
  });

  it('leaves no file of the old type when the type changes, in any order of types', async () => {
    const { store, path } = await openStore();
    const types = [
      JSON_TYPE,
      'text/plain',
      'application/json',
      'image/png',
      'text/plain; charset=utf-8',
      JSON_TYPE,
      'text/plain',
      JSON_TYPE,
    ];
    for (const contentType of types) {
      await put(store, 'k', contentType, contentType);
      expect(await get(store, 'k')).toEqual([contentType, contentType]);
      expect(files(path)).toHaveLength(contentType === JSON_TYPE ? 1 : 2);
    }
    await store.deleteRecord('k');
    expect(files(path)).toEqual([]);
  });

  it('leaves no temp file behind', async () => {
    const { store, dir } = await openStore();
    await put(store, 'a', '1');
    await store.setRecord({ key: 'b', value: new Uint8Array(200_000), contentType: 'image/png' });
    expect(readdirSync(join(dir, '.kv', 'tmp'))).toEqual([]);
  });
});

describe('reading', () => {
  it('gives undefined for what is absent', async () => {
    const { store } = await openStore();
    expect(await store.getRecord('nothing')).toBeUndefined();
    expect(await store.getRecordInfo('nothing')).toBeUndefined();
    expect(await store.getRecordStream('nothing')).toBeUndefined();
    expect(await store.getPublicUrl('nothing')).toBeUndefined();
    await store.deleteRecord('nothing');
  });

  it.each([0, 1, 65_536, 65_537, 3_000_000])('reads %i bytes back, whole and as a stream', async (size) => {
    const { store } = await openStore();
    const value = Uint8Array.from({ length: size }, (_, index) => index % 251);
    await store.setRecord({ key: 'k', value, contentType: 'image/png' });
    expect(Buffer.compare((await store.getRecord('k'))?.value as Uint8Array, value)).toBe(0);
    const streamed = await store.getRecordStream('k');
    expect(streamed).toMatchObject({ key: 'k', size, contentType: 'image/png' });
    expect(Buffer.compare(await buffer(streamed?.stream as ReadableStream), value)).toBe(0);
    expect(await store.getRecordInfo('k')).toMatchObject({ size, etag: streamed?.etag });
  });

  it('gives bytes of their own to every reader', async () => {
    const { store } = await openStore();
    await put(store, 'k', 'value');
    (await store.getRecord('k'))?.value.fill(0);
    expect(await get(store, 'k')).toEqual(['value', JSON_TYPE]);
  });

  it('keeps a stream to the value that it was opened on', async () => {
    const { store } = await openStore();
    await put(store, 'k', 'old');
    const { stream } = (await store.getRecordStream('k')) ?? {};
    await put(store, 'k', 'new');
    await store.deleteRecord('k');
    expect(await text(stream as ReadableStream)).toBe('old');
  });

  it('changes the etag exactly when value or type change', async () => {
    const { store } = await openStore();
    const etag = async (): Promise<string | undefined> => (await store.getRecordInfo('k'))?.etag;
    await put(store, 'k', 'one', 'text/plain');
    const first = await etag();
    await put(store, 'other', 'x');
    expect(await etag()).toBe(first);
    await put(store, 'k', 'two', 'text/plain');
    expect(await etag()).not.toBe(first);
    await put(store, 'k', 'one', 'text/html');
    expect(await etag()).not.toBe(first);
    await put(store, 'k', 'one', 'text/plain');
    expect(await etag()).toBe(first);
  });

  it.skipIf(process.platform !== 'linux')(
    'closes the file when a stream is cancelled half way (counts in /proc, so on Linux)',
    async () => {
      const { store } = await openStore();
      await store.setRecord({ key: 'k', value: new Uint8Array(5_000_000), contentType: 'image/png' });
      const before = readdirSync('/proc/self/fd').length;
      for (let count = 0; count < 50; count += 1) {
        const reader = (await store.getRecordStream('k'))?.stream.getReader();
        await reader?.read();
        await reader?.cancel();
      }
      expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 5);
    },
  );

  it('gives the file URL of the file that exists', async () => {
    const { store, path } = await openStore();
    await put(store, 'photo', 'x', 'image/png');
    const url = await store.getPublicUrl('photo');
    expect(url).toBe(pathToFileURL(join(path, 'photo.png')).href);
    expect(readFileSync(new URL(url as string), 'utf8')).toBe('x');
  });
});

describe('writing', () => {
  it('keeps the old record when a stream fails half way', async () => {
    const { store, dir } = await openStore();
    await put(store, 'k', 'old', 'text/plain');
    const failing = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(1000)),
      pull: () => Promise.reject(new Error('the source broke')),
    });
    const write = store.setRecord({ key: 'k', value: failing, contentType: 'image/png' });
    await expect(write).rejects.toThrow('the source broke');
    expect(await get(store, 'k')).toEqual(['old', 'text/plain']);
    expect(readdirSync(join(dir, '.kv', 'tmp'))).toEqual([]);
  });

  it('passes the error of a source on, even when that is a file', async () => {
    const { store, dir } = await openStore();
    const missing = Readable.toWeb(createReadStream(join(dir, 'missing'))) as ReadableStream<Uint8Array>;
    const error = await rejection(store.setRecord({ key: 'k', value: missing, contentType: 'image/png' }));
    expect(error).toMatchObject({ name: 'Error', code: 'ENOENT' });
    expect(readdirSync(join(dir, '.kv', 'tmp'))).toEqual([]);
  });

  it('stops a stalled stream on abort, cancels its source and keeps the old record', async () => {
    const { store, dir } = await openStore();
    await put(store, 'k', 'old');
    const controller = new AbortController();
    let cancelled: unknown;
    const stalled = new ReadableStream<Uint8Array>({
      start: (source) => source.enqueue(new Uint8Array(10)),
      cancel: (reason) => void (cancelled = reason),
    });
    const write = store.setRecord(
      { key: 'k', value: stalled, contentType: 'image/png' },
      { signal: controller.signal },
    );
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await expect(write).rejects.toThrow('enough');
    expect(cancelled).toBeInstanceOf(Error);
    expect(await get(store, 'k')).toEqual(['old', JSON_TYPE]);
    expect(readdirSync(join(dir, '.kv', 'tmp'))).toEqual([]);
  });

  it('closes a stream that it does not use', async () => {
    const { store } = await openStore();
    for (const [key, contentType] of [
      ['a/b', 'image/png'],
      ['k', 'nonsense'],
    ] as const) {
      let isCancelled = false;
      const value = new ReadableStream<Uint8Array>({ cancel: () => void (isCancelled = true) });
      await rejection(store.setRecord({ key, contentType, value }));
      expect(isCancelled).toBe(true);
    }
  });

  it('refuses an aborted signal before it does anything', async () => {
    const { store } = await openStore();
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(
      store.setRecord({ key: 'k', value: Buffer.from('1'), contentType: JSON_TYPE }, { signal }),
    ).rejects.toThrow('too late');
    await expect(store.getRecord('k', { signal })).rejects.toThrow('too late');
    expect(await get(store, 'k')).toBeUndefined();
  });

  it('ends with one whole value of 50 writers, type and bytes of the same write', async () => {
    const { store } = await openStore();
    const types = ['text/plain', 'image/png', JSON_TYPE, 'application/json'];
    const writers = Array.from({ length: 50 }, (_, index) => {
      const contentType = types[index % types.length] as string;
      const value = Buffer.from(`${contentType}#${index}#`.padEnd(index % 2 ? 100_000 : 100, 'x'));
      return store.setRecord({ key: 'k', value, contentType });
    });
    const reads = Array.from({ length: 200 }, async () => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
      return get(store, 'k');
    });
    await Promise.all(writers);
    for (const read of [...(await Promise.all(reads)), await get(store, 'k')]) {
      if (read) expect(read[0].split('#')[0]).toBe(read[1]);
    }
    expect(await get(store, 'k')).toBeDefined();
  });

  it.each(['', '.', '..', 'a/b', 'x'.repeat(257), 'ž', '../../escape', 'a\0b'])(
    'refuses the key %j everywhere',
    async (key) => {
      const { store } = await openStore();
      for (const call of [
        () => store.getRecord(key),
        () => store.getRecordInfo(key),
        () => store.getRecordStream(key),
        () => store.deleteRecord(key),
        () => store.getPublicUrl(key),
        () => put(store, key, '1'),
      ]) {
        expect((await rejection(call())).code).toBe('KV_KEY_INVALID');
      }
    },
  );

  it('refuses a content type that is none', async () => {
    const { store } = await openStore();
    expect((await rejection(put(store, 'k', '1', 'nonsense'))).code).toBe('KV_CONTENT_TYPE_INVALID');
  });
});

describe('files placed by hand', () => {
  it.each([
    ['INPUT.json', 'INPUT', JSON_TYPE],
    ['INPUT.txt', 'INPUT', 'text/plain'],
    ['INPUT', 'INPUT', 'application/octet-stream'],
    ['report.pdf', 'report', 'application/pdf'],
    ['page.htm', 'page', 'text/html'],
    ['archive.tar.gz', 'archive.tar', 'application/gzip'],
    ['clip.mp4', 'clip.mp4', 'video/mp4'],
    ['data.xyzzy', 'data.xyzzy', 'application/octet-stream'],
    ['a.json.json', 'a.json', JSON_TYPE],
  ])('finds %j as the record %j', async (file, key, contentType) => {
    const { store, path } = await openStore();
    writeFileSync(join(path, file), '"by hand"');
    expect(await get(store, key)).toEqual(['"by hand"', contentType]);
    expect(await listAll(store)).toEqual([[key, 9]]);
    expect(files(path)).toEqual([file]);
    await store.deleteRecord(key);
    expect(files(path)).toEqual([]);
  });

  it('tells INPUT and INPUT.json apart', async () => {
    const { store, path } = await openStore();
    writeFileSync(join(path, 'INPUT.json'), '1');
    expect(await get(store, 'INPUT.json')).toBeUndefined();
    await put(store, 'INPUT.json', '2');
    expect(await get(store, 'INPUT')).toEqual(['1', JSON_TYPE]);
    expect(await get(store, 'INPUT.json')).toEqual(['2', JSON_TYPE]);
  });

  it('overwrites what was placed by hand, and deletes every file of a key', async () => {
    const { store, path } = await openStore();
    writeFileSync(join(path, 'notes.txt'), 'mine');
    await put(store, 'notes', 'new', 'text/plain');
    expect(await get(store, 'notes')).toEqual(['new', 'text/plain']);
    for (const extension of ['json', 'pdf', 'png']) writeFileSync(join(path, `notes.${extension}`), 'shadowed');
    await store.deleteRecord('notes');
    expect(await get(store, 'notes')).toBeUndefined();
    expect(files(path)).toEqual([]);
  });

  it('never takes the file of another key', async () => {
    const { store, path } = await openStore();
    writeFileSync(join(path, 'photo.png'), 'of the key photo');
    await put(store, 'photo.png', 'of the key photo.png', 'image/png');
    expect(await get(store, 'photo')).toEqual(['of the key photo', 'image/png']);
    expect(await get(store, 'photo.png')).toEqual(['of the key photo.png', 'image/png']);
    await store.deleteRecord('photo.png');
    expect(await get(store, 'photo')).toEqual(['of the key photo', 'image/png']);
  });

  it('ignores hidden files, directories and names that are no keys', async () => {
    const { store, path } = await openStore();
    for (const name of ['.DS_Store', '.gitignore', 'my file.txt', 'ž.json', '%41.json'])
      writeFileSync(join(path, name), 'x');
    for (const name of ['sub', 'sub.json', 'sub.txt']) mkdirSync(join(path, name));
    expect(await listAll(store)).toEqual([]);
    expect(await get(store, 'sub')).toBeUndefined();
    await put(store, 'A', '1');
    expect(await listAll(store)).toEqual([['A', 1]]);
  });

  it('works on a record beside a directory of its name', async () => {
    const { store, path } = await openStore();
    for (const name of ['foo', 'foo.txt', 'foo.png']) mkdirSync(join(path, name));
    for (const contentType of [JSON_TYPE, 'text/plain', 'image/png']) {
      await put(store, 'foo', 'value', contentType);
      expect(await get(store, 'foo')).toEqual(['value', contentType]);
    }
    await store.deleteRecord('foo');
    expect(await get(store, 'foo')).toBeUndefined();
    expect(await store.getPublicUrl('foo')).toBeUndefined();
    mkdirSync(join(path, 'bar.json'));
    expect((await rejection(put(store, 'bar', '1'))).message).toContain('a directory stands where a file should be');
  });

  it('takes the record as gone when its file was deleted by hand', async () => {
    const { store, path } = await openStore();
    await put(store, 'photo', 'x', 'image/png');
    rmSync(join(path, 'photo.png'));
    expect(await get(store, 'photo')).toBeUndefined();
    expect(await listAll(store)).toEqual([]);
    await put(store, 'photo.png', 'y', 'image/png');
    expect(await get(store, 'photo')).toBeUndefined();
    await put(store, 'photo', 'z', 'image/png');
    expect(await get(store, 'photo')).toEqual(['z', 'image/png']);
    expect(await get(store, 'photo.png')).toEqual(['y', 'image/png']);
  });

  it('reads the value of an edited file', async () => {
    const { store, path } = await openStore();
    await put(store, 'page', 'old', 'text/html');
    writeFileSync(join(path, 'page.html'), 'edited');
    expect(await get(store, 'page')).toEqual(['edited', 'text/html']);
    expect(await listAll(store)).toEqual([['page', 6]]);
  });
});

describe('damaged records', () => {
  it.each([
    ['not JSON', 'it is not JSON'],
    ['{"key":"k"}', 'it lacks "key", "contentType" or "file"'],
    ['null', 'it lacks "key", "contentType" or "file"'],
    [
      '{"key":"k","contentType":"text/plain","file":"../../../etc/passwd"}',
      'is not the name of a file in the same directory',
    ],
    [
      '{"key":"k","contentType":"text/plain","file":"__metadata__.json"}',
      'is not the name of a file in the same directory',
    ],
    ['{"key":"other","contentType":"text/plain","file":"k.txt"}', 'says that its key is "other"'],
  ])('reports the sidecar %j for its record alone, and lets it be replaced and deleted', async (sidecar, problem) => {
    const { store, path } = await openStore();
    await put(store, 'sound', '1');
    for (const repair of ['replace', 'retype', 'delete']) {
      await put(store, 'k', 'value', 'text/plain');
      writeFileSync(join(path, 'k.__metadata__.json'), sidecar);
      const error = await rejection(store.getRecord('k'));
      expect(error.code).toBe('KV_RECORD_CORRUPT');
      expect(error.message).toContain(problem);
      expect(await listAll(store)).toEqual([['sound', 1]]);
      if (repair === 'delete') await store.deleteRecord('k');
      else await put(store, 'k', 'mended', repair === 'replace' ? 'text/plain' : JSON_TYPE);
      const expected = repair === 'delete' ? undefined : 'mended';
      expect((await get(store, 'k'))?.[0]).toBe(expected);
      await store.deleteRecord('k');
      expect(files(path).filter((name) => name !== 'sound.json')).toEqual([]);
    }
    expect(existsSync(path)).toBe(true);
  });
});
