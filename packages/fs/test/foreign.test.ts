import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { KeyValueStoreBackend } from '@kv/core';
import { createBackend } from '../src/index.js';
import type { StoreLayout } from '../src/index.js';
import { contentType, hostileKey } from './generators.js';
import { get, JSON_TYPE, listAll, openStore, put, rejection, tempDir } from './helpers.js';
import { stopBefore } from './stop-before.js';

const TIMES = { accessed_at: '2026-01-02 03:04:05.678901+00:00', created_at: '2026-01-02 03:04:05.678901+00:00' };

/** What the metadata of each tool looks like. */
const METADATA: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'Crawlee 4': {
    id: 'AAAAAAAAAAAAAAAAA',
    name: 'theirs',
    accessedAt: '2026-01-02T03:04:05.678901+00:00',
    createdAt: '2026-01-02T03:04:05.678901+00:00',
    modifiedAt: '2026-01-02T03:04:05.678901+00:00',
  },
  'Crawlee 3': {
    id: '5a5e4d2f-9a43-4b57-8f0a-1d0b1c1f2a3b',
    name: 'theirs',
    accessedAt: '2026-01-02T03:04:05.678Z',
    createdAt: '2026-01-02T03:04:05.678Z',
    modifiedAt: '2026-01-02T03:04:05.678Z',
    userId: '1',
  },
  'Python SDK 1': {
    id: 'AAAAAAAAAAAAAAAAA',
    name: 'theirs',
    accessedAt: '2026-01-02 03:04:05.678901+00:00',
    createdAt: '2026-01-02 03:04:05.678901+00:00',
    modifiedAt: '2026-01-02 03:04:05.678901+00:00',
    userId: '1',
  },
  'Python SDK 2': { id: 'AAAAAAAAAAAAAAAAA', name: 'theirs', ...TIMES, modified_at: TIMES.created_at, user_id: '1' },
  'Python SDK 4': { id: 'AAAAAAAAAAAAAAAAA', name: 'theirs', ...TIMES, modified_at: TIMES.created_at },
};
const NAMES = Object.keys(METADATA);

interface Theirs {
  readonly dir: string;
  readonly path: string;
  readonly open: () => Promise<KeyValueStoreBackend>;
}

/** Makes a store as a tool leaves it. */
function theirs(tool: string, files: Readonly<Record<string, string>> = {}, extra: object = {}): Theirs {
  const dir = tempDir();
  const path = join(dir, 'key_value_stores', 'theirs');
  mkdirSync(path, { recursive: true });
  const all = { '__metadata__.json': JSON.stringify({ ...METADATA[tool], ...extra }), ...files };
  for (const [name, text] of Object.entries(all)) writeFileSync(join(path, name), text);
  return { dir, path, open: () => createBackend({ dir }).openKeyValueStore({ name: 'theirs' }) };
}

const filesOf = (path: string): string[] => readdirSync(path).filter((name) => name !== '__metadata__.json');
const readJson = (...path: string[]): unknown => JSON.parse(readFileSync(join(...path), 'utf8'));

describe('metadata', () => {
  it.each(NAMES)('is written as %s does, with all that it has', async (tool) => {
    const { path, open } = theirs(tool, {}, { note: 'kept' });
    const store = await open();
    await store.update({ title: 'Theirs' });
    const written = readJson(path, '__metadata__.json') as Record<string, string>;
    const expected = { ...METADATA[tool], note: 'kept', title: 'Theirs' };
    expect(Object.keys(written).toSorted()).toEqual(Object.keys(expected).toSorted());
    const shape = (time: string | undefined): string | undefined => time?.replaceAll(/\d/g, '0');
    for (const [name, value] of Object.entries(expected)) {
      if (/At$|_at$/.test(name)) expect(shape(written[name])).toBe(shape(value));
      else expect(written[name]).toBe(value);
    }
    expect((await open()).id).toBe(store.id);
  });

  it('is that of Crawlee 4 in a new store of that layout', async () => {
    const { path } = await openStore({ layout: 'crawlee' }, { name: 'new' });
    expect(readJson(path, '__metadata__.json')).toEqual({
      userId: '1',
      id: expect.stringMatching(/^[a-zA-Z0-9]{17}$/),
      name: 'new',
      accessedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/),
      createdAt: expect.any(String),
      modifiedAt: expect.any(String),
    });
  });

  it('tells of a store without any that Crawlee 3 has made it', async () => {
    const dir = tempDir();
    const path = join(dir, 'key_value_stores', 'default');
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'page.html'), '<p>');
    for (let round = 0; round < 2; round += 1) {
      const store = await createBackend({ dir }).openKeyValueStore({});
      await put(store, 'note', 'x', 'text/plain; charset=utf-8');
      expect(filesOf(path).toSorted()).toEqual(['note.txt', 'page.html']);
      expect(await get(store, 'page')).toEqual(['<p>', 'text/html; charset=utf-8']);
      await store.deleteRecord('note');
    }
  });

  it.each([
    ['a file put there by hand', { 'INPUT.json': '{}' }, 'OUTPUT.json'],
    [
      'kv',
      { 'x.txt': 'x', 'x.__metadata__.json': '{"key":"x","contentType":"text/plain","file":"x.txt"}' },
      'OUTPUT.json',
    ],
    ['Python SDK 4', { x: 'x', 'x.__metadata__.json': '{"key":"x","content_type":"text/plain"}' }, 'OUTPUT'],
    ['Crawlee 4', { x: 'x', 'x.__metadata__.json': '{"key":"x","contentType":"text/plain"}' }, 'OUTPUT'],
    ['nobody', { 'x.__metadata__.json': 'damaged' }, 'OUTPUT.json'],
  ])('that is lost does not hide the layout of %s', async (_tool, files, output) => {
    const { path, open } = theirs('Crawlee 4', files);
    rmSync(join(path, '__metadata__.json'));
    await put(await open(), 'OUTPUT', '1');
    expect(filesOf(path)).toContain(output);
    expect(await get(await open(), 'OUTPUT')).toEqual(['1', JSON_TYPE]);
  });

  it('is read again when the store is opened again', async () => {
    const { dir, path, store, backend } = await openStore({}, { name: 'shared' });
    await put(store, 'a', '1');
    writeFileSync(
      join(path, '__metadata__.json'),
      JSON.stringify({ ...METADATA['Python SDK 4'], id: store.id, name: 'shared' }),
    );
    writeFileSync(join(path, 'b'), '2');
    writeFileSync(join(path, 'b.__metadata__.json'), '{"key":"b","content_type":"application/json","size":1}');
    const again = await backend.openKeyValueStore({ name: 'shared' });
    expect(await listAll(again)).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    expect(await get(await createBackend({ dir }).openKeyValueStore({ name: 'shared' }), 'b')).toEqual([
      '2',
      'application/json',
    ]);
  });
});

describe('reading', () => {
  it('finds the value where a sidecar of Crawlee 4 says it is', async () => {
    const sidecar = { key: 'INPUT', contentType: 'application/x-mine', size: 5, filename: 'input.data' };
    const { open, path } = theirs('Crawlee 4', {
      'input.data': 'value',
      'INPUT.__metadata__.json': JSON.stringify(sidecar),
    });
    const store = await open();
    expect(await get(store, 'INPUT')).toEqual(['value', 'application/x-mine']);
    expect(await listAll(store)).toEqual([['INPUT', 5]]);
    await put(store, 'INPUT', 'new', 'text/plain');
    expect(await get(await open(), 'INPUT')).toEqual(['new', 'text/plain']);
    expect(filesOf(path).toSorted()).toEqual(['INPUT', 'INPUT.__metadata__.json']);
  });

  const TYPED = ['Crawlee 4', 'Python SDK 4'] as const;

  it.each(['', 'text'])('gives the bytes of a value whose type is the mere word %j', async (type) => {
    for (const tool of TYPED) {
      const sidecar = JSON.stringify({ key: 'a', contentType: type, content_type: type });
      const store = await theirs(tool, { a: '1', 'a.__metadata__.json': sidecar }).open();
      expect(await get(store, 'a')).toEqual(['1', 'application/octet-stream']);
    }
  });

  it('does not hand on a content type that is more than a word', async () => {
    for (const tool of TYPED) {
      const type = 'text/plain\r\nx: y';
      const sidecar = JSON.stringify({ key: 'a', contentType: type, content_type: type });
      const { open, path } = theirs(tool, { a: '1', 'a.__metadata__.json': sidecar });
      const store = await open();
      const error = await rejection(store.getRecord('a'));
      expect(error).toMatchObject({
        code: 'KV_RECORD_CORRUPT',
        details: { path: join(path, 'a.__metadata__.json') },
      });
      await put(store, 'a', 'mended', 'text/plain');
      expect(await get(store, 'a')).toEqual(['mended', 'text/plain']);
    }
  });

  it.each(['../outside', '/etc/passwd', '..', '', 'a/b', '__metadata__.json', 'b.__metadata__.json'])(
    'does not follow a sidecar to %j',
    async (filename) => {
      const sidecar = { key: 'a', contentType: 'text/plain', filename };
      const { open, dir } = theirs('Crawlee 4', { a: 'inside', 'a.__metadata__.json': JSON.stringify(sidecar) });
      writeFileSync(join(dir, 'outside'), 'secret');
      const store = await open();
      expect((await rejection(store.getRecord('a'))).code).toBe('KV_RECORD_CORRUPT');
      expect(await listAll(store)).toEqual([]);
      await put(store, 'a', 'mended', 'text/plain');
      expect(await get(store, 'a')).toEqual(['mended', 'text/plain']);
    },
  );

  it.each([
    '',
    'null',
    '[]',
    '{',
    '"text"',
    '{"key":"k"}',
    '{"key":1,"contentType":"a/b"}',
    '{"key":"a/b","contentType":"a/b"}',
  ])('reports the sidecar %j for its record alone', async (text) => {
    for (const tool of ['Crawlee 4', 'Python SDK 4', 'Python SDK 2']) {
      const { open, path } = theirs(tool, { k: 'x', 'k.__metadata__.json': text, 'other.json': '1' });
      const store = await open();
      expect((await rejection(store.getRecord('k'))).code).toBe('KV_RECORD_CORRUPT');
      expect(await get(store, 'other')).toEqual(['1', JSON_TYPE]);
      expect((await listAll(store)).map(([key]) => key)).toEqual(['other']);
      await store.deleteRecord('k');
      expect(filesOf(path)).toEqual(['other.json']);
    }
  });

  it('reads files put there by hand, and not what a stopped tool has left', async () => {
    const left = { '.tmp.AbCdEf012345': 'x', 'OUT.k3jd8_az.json.tmp': 'x', '.DS_Store': 'x' };
    for (const tool of NAMES) {
      const { open } = theirs(tool, { ...left, 'INPUT.json': '{}', 'photo.png': 'png' });
      const store = await open();
      expect(await listAll(store)).toEqual([
        ['INPUT', 2],
        ['photo', 3],
      ]);
      expect(await get(store, 'photo')).toEqual(['png', 'image/png']);
    }
  });

  it('takes the newer of two files that Crawlee 3 leaves, until it deletes one', async () => {
    const { open, path } = theirs('Crawlee 3', { 'k.json': '1', 'k.html': '<p>', 'clip.mp4': 'x' });
    utimesSync(join(path, 'k.json'), 1000, 1000);
    const store = await open();
    expect(await get(store, 'k')).toEqual(['<p>', 'text/html; charset=utf-8']);
    rmSync(join(path, 'k.html'));
    expect(await get(store, 'k')).toEqual(['1', JSON_TYPE]);
    expect(await get(store, 'clip')).toEqual(['x', 'video/mp4']);
    await put(store, 'clip', '2');
    expect(filesOf(path).toSorted()).toEqual(['clip.json', 'k.json']);
    writeFileSync(join(path, 'clip.mp4'), 'hidden');
    await store.deleteRecord('clip');
    expect(filesOf(path)).toEqual(['k.json']);
  });

  it('keeps types that Crawlee 3 cannot tell, as long as the value is not written by it', async () => {
    const { open, path } = theirs('Crawlee 3');
    await put(await open(), 'page', 'one', 'text/html; charset=latin1');
    expect(await get(await open(), 'page')).toEqual(['one', 'text/html; charset=latin1']);
    expect(readJson(path, 'page.__metadata__.json')).toMatchObject({
      key: 'page',
      extension: 'html',
      file: 'page.html',
    });
    writeFileSync(join(path, 'page.html'), 'two');
    expect(await get(await open(), 'page')).toEqual(['two', 'text/html; charset=utf-8']);
    await put(await open(), 'page', 'three', 'text/html; charset=utf-8');
    expect(filesOf(path)).toEqual(['page.html']);
  });

  it('shows one input to those for whom it lies in INPUT.json', async () => {
    const sidecar = { key: 'INPUT.json', content_type: 'application/json; charset=utf-8', size: 2 };
    const { open, path } = theirs('Python SDK 4', {
      'INPUT.json': '{}',
      'INPUT.json.__metadata__.json': JSON.stringify(sidecar),
    });
    const store = await open();
    expect(await get(store, 'INPUT')).toEqual(['{}', JSON_TYPE]);
    await put(store, 'INPUT', '{"a":1}');
    expect(filesOf(path).toSorted()).toEqual(['INPUT.json', 'INPUT.json.__metadata__.json']);
    expect(await listAll(store)).toEqual([['INPUT', 7]]);
    expect((await store.purge()).kept).toBe(1);
    await store.deleteRecord('INPUT');
    expect(filesOf(path)).toEqual([]);
  });
});

describe('keys', () => {
  const KEYS = [
    "it's(1)!",
    'a.b.c',
    '.hidden',
    'dot.',
    'CON',
    '__metadata__',
    '__metadata__.json',
    'x.__metadata__.json',
    'x',
  ];
  const LONG = [
    'y'.repeat(237),
    'y'.repeat(238),
    'y'.repeat(256),
    `${'y'.repeat(255)}z`,
    "'".repeat(80),
    '('.repeat(256),
  ];

  it.each(NAMES)('of every form are kept apart in a store of %s', async (tool) => {
    const { open } = theirs(tool);
    const store = await open();
    const keys = [...KEYS, ...LONG];
    for (const key of keys) await put(store, key, key, 'image/png');
    for (const key of keys) await put(store, key, `${key} again`, 'text/plain; charset=utf-8');
    const again = await open();
    for (const key of keys) expect(await get(again, key)).toEqual([`${key} again`, 'text/plain; charset=utf-8']);
    expect((await listAll(again)).map(([key]) => key)).toEqual(keys.toSorted());
    for (const key of keys) await again.deleteRecord(key);
    expect(await listAll(again)).toEqual([]);
  });

  it.each(NAMES)('that differ in case alone are kept apart where %s cannot', async (tool) => {
    const { open } = theirs(tool, {}, { ignoresCase: true });
    const store = await open();
    for (const key of ['photo', 'Photo', 'PHOTO']) await put(store, key, key, 'image/png');
    for (const key of ['photo', 'Photo', 'PHOTO']) expect(await get(store, key)).toEqual([key, 'image/png']);
    expect((await listAll(await open())).map(([key]) => key)).toEqual(['PHOTO', 'Photo', 'photo']);
  });

  it('have the names that Crawlee 4 gives them', async () => {
    const { store, path } = await openStore({ layout: 'crawlee' });
    for (const key of ["it's(1)!", '.hidden', 'a-b_c.d']) await put(store, key, '1');
    expect(filesOf(path).toSorted()).toEqual([
      '.hidden',
      '.hidden.__metadata__.json',
      'a-b_c.d',
      'a-b_c.d.__metadata__.json',
      'it%27s%281%29%21',
      'it%27s%281%29%21.__metadata__.json',
    ]);
    expect(readJson(path, 'a-b_c.d.__metadata__.json')).toEqual({ key: 'a-b_c.d', contentType: JSON_TYPE, size: 1 });
  });

  it('do not take the file that the sidecar of another one names', async () => {
    const sidecar = { key: 'photo', contentType: 'image/png', file: 'photo.png' };
    const { open } = theirs('Crawlee 4', { 'photo.png': 'one', 'photo.__metadata__.json': JSON.stringify(sidecar) });
    const store = await open();
    await put(store, 'photo.png', 'two', 'image/png');
    expect(await get(store, 'photo')).toEqual(['one', 'image/png']);
    expect(await get(store, 'photo.png')).toEqual(['two', 'image/png']);
  });
});

describe('purge', () => {
  it.each(NAMES)('keeps the input and what is no record, and restores the rest, in a store of %s', async (tool) => {
    const { open, path, dir } = theirs(tool, { 'INPUT.json': '{}', 'my notes.txt': 'x', 'left.txt': 'x' });
    const store = await open();
    for (const key of ["it's(1)!", 'photo', 'y'.repeat(256)]) await put(store, key, key, 'image/png');
    const keys = ["it's(1)!", 'left', 'photo', 'y'.repeat(256)];
    expect(await store.purge({ dryRun: true })).toMatchObject({ removed: 4, kept: 1, removedKeys: keys });
    expect(await store.purge({ keepKeys: ["it's(1)!"] })).toMatchObject({ removed: 3, kept: 2 });
    expect((await listAll(store)).map(([key]) => key)).toEqual(['INPUT', "it's(1)!"]);
    expect(filesOf(path)).toEqual(expect.arrayContaining(['INPUT.json', 'my notes.txt']));
    expect(await createBackend({ dir }).restore()).toMatchObject([{ restored: 3 }]);
    const again = await open();
    expect((await listAll(again)).map(([key]) => key)).toEqual(['INPUT', ...keys]);
    expect(await get(again, 'photo')).toEqual(['photo', 'image/png']);
  });

  it('keeps the file that the sidecar of the input names', async () => {
    const sidecar = { key: 'INPUT', contentType: JSON_TYPE, size: 2, filename: 'given.data' };
    const files = { 'given.data': '{}', 'INPUT.__metadata__.json': JSON.stringify(sidecar), x: '1' };
    const { open, path } = theirs('Crawlee 4', files);
    expect(await (await open()).purge()).toMatchObject({ removed: 1, kept: 1 });
    expect(filesOf(path).toSorted()).toEqual(['INPUT.__metadata__.json', 'given.data']);
  });
});

it.each(['Crawlee 4', 'Crawlee 3', 'Python SDK 2', 'Python SDK 4'])(
  'never reads a value under the type of another write of a process that is killed, in a store of %s',
  { timeout: 60_000 },
  async (tool) => {
    const dir = tempDir();
    const path = join(dir, 'key_value_stores', 'default');
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, '__metadata__.json'), JSON.stringify({ ...METADATA[tool], name: null }));
    let reads = 0;
    for (let round = 0; round < 5; round += 1) {
      const writer = fork(fileURLToPath(new URL('fixtures/write-types.ts', import.meta.url)), [dir]);
      onTestFinished(() => void writer.kill('SIGKILL'));
      await once(writer, 'message');
      const store = await createBackend({ dir }).openKeyValueStore({});
      for (const until = Date.now() + 300; Date.now() < until;) {
        const record = await store.getRecord('k');
        if (record) expect(Buffer.from(record.value).toString()).toBe(record.contentType);
        reads += record ? 1 : 0;
        await new Promise((resolve) => setImmediate(resolve));
      }
      writer.kill('SIGKILL');
      await once(writer, 'exit');
      const left = await (await createBackend({ dir }).openKeyValueStore({})).getRecord('k');
      if (left) expect(Buffer.from(left.value).toString()).toBe(left.contentType);
    }
    expect(reads).toBeGreaterThan(20);
  },
);

describe.each(NAMES)('a store of %s', (tool) => {
  it('is equal to a plain map after any sequence of operations', { timeout: 120_000 }, async () => {
    const step = fc.record({
      key: fc.oneof(fc.constantFrom('a', 'A', 'photo', 'photo.png', 'INPUT', 'x.json', 'x'), hostileKey),
      type: fc.option(contentType, { freq: 4 }),
      text: fc.string({ maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const { open } = theirs(tool);
        let store = await open();
        const model = new Map<string, [string, string]>();
        for (const [index, { key, type, text }] of steps.entries()) {
          if (type === null) await store.deleteRecord(key);
          else await put(store, key, text, type);
          if (type === null) model.delete(key);
          else model.set(key, [Buffer.from(text).toString(), type]);
          if (index % 7 === 6) store = await open();
        }
        for (const [key, record] of model) expect(await get(store, key)).toEqual(record);
        expect((await listAll(store)).map(([key]) => key)).toEqual([...model.keys()].toSorted());
      }),
      { numRuns: 15 },
    );
  });
});

describe.each(['Crawlee 4', 'Crawlee 3', 'Python SDK 2'])('a store of %s', (tool) => {
  const TYPES = [
    undefined,
    JSON_TYPE,
    'text/plain; charset=utf-8',
    'text/plain',
    'image/png',
    'application/x-odd',
  ] as const;
  const changes = TYPES.flatMap((from) => TYPES.map((to) => [from, to] as const));

  it.each(changes)('shows the old or the new record after a stop at any step from %s to %s', async (from, to) => {
    const apply = async (store: KeyValueStoreBackend, type: string | undefined, text: string): Promise<void> =>
      type === undefined ? store.deleteRecord('k') : put(store, 'k', text, type);
    for (const hand of [{}, { 'k.json': 'hand', 'k.txt': 'hand' }]) {
      const origin = theirs(tool, hand);
      if (from !== undefined || Object.keys(hand).length === 0) await apply(await origin.open(), from, 'old');
      const before = await get(await origin.open(), 'k');
      const after = to && ['new', to];
      for (let step = 1, isDone = false; !isDone; step += 1) {
        const copy = { ...theirs(tool), origin };
        cpSync(origin.dir, copy.dir, { recursive: true, preserveTimestamps: true });
        const undo = stopBefore(step);
        onTestFinished(undo);
        isDone = await copy
          .open()
          .then((store) => apply(store, to, 'new'))
          .then(
            () => true,
            () => false,
          );
        undo();
        const store = await copy.open();
        const found = await get(store, 'k');
        if (isDone) expect(found).toEqual(after);
        else expect([before, after]).toContainEqual(found);
        expect((await listAll(store)).map(([key]) => key)).toEqual(found ? ['k'] : []);
        await put(store, 'k', 'next', 'text/csv');
        expect(await get(store, 'k')).toEqual(['next', 'text/csv']);
        await store.deleteRecord('k');
        expect(filesOf(copy.path)).toEqual([]);
        rmSync(copy.dir, { recursive: true });
      }
    }
  });
});

it.each(['kv4', '', 0, null] as unknown as StoreLayout[])('refuses the layout %j', (layout) => {
  expect(() => createBackend({ layout })).toThrow(TypeError);
  expect(existsSync('./storage')).toBe(false);
});
