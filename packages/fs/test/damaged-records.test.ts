import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeValue } from '@kv/core';
import type { KeyValueStoreBackend } from '@kv/core';
import { describe, expect, it } from 'vitest';
import { createBackend } from '../src/index.js';
import { get, JSON_TYPE, listAll, openStore, put, rejection } from './helpers.js';

const isLinux = process.platform === 'linux';
const isLinuxRoot = isLinux && process.getuid?.() === 0;
const NOBODY = 65_534;

/** What a reader gets of the damaged record `k`: an error with this code, nothing, or its bytes. */
type Outcome = 'KV_RECORD_CORRUPT' | 'absent' | 'bytes';

interface Damage {
  readonly what: string;
  readonly outcome: Outcome;
  /** Damages the record `k`, a `text/plain` beside its sidecar. */
  readonly damage: (path: string) => void;
}

const sidecar = (text: string | Uint8Array) => (path: string) => writeFileSync(join(path, 'k.__metadata__.json'), text);
const naming = (file: unknown) => sidecar(JSON.stringify({ key: 'k', contentType: 'text/plain', file }));
const replaced = (name: string, make: (path: string) => void) => (path: string) => {
  rmSync(join(path, name), { force: true });
  make(join(path, name));
};
const pipe = (path: string): void => void execFileSync('mkfifo', [path]);

const DAMAGES: readonly Damage[] = [
  { what: 'an empty sidecar', outcome: 'KV_RECORD_CORRUPT', damage: sidecar('') },
  {
    what: 'a sidecar that is cut off',
    outcome: 'KV_RECORD_CORRUPT',
    damage: (path) => truncateSync(join(path, 'k.__metadata__.json'), 20),
  },
  {
    what: 'a sidecar with a second end',
    outcome: 'KV_RECORD_CORRUPT',
    damage: (path) => appendFileSync(join(path, 'k.__metadata__.json'), '}'),
  },
  {
    what: 'a sidecar of random bytes',
    outcome: 'KV_RECORD_CORRUPT',
    damage: sidecar(new Uint8Array([0, 255, 128, 7])),
  },
  {
    what: 'a sidecar that is larger than a string can be',
    outcome: 'KV_RECORD_CORRUPT',
    damage: (path) => truncateSync(join(path, 'k.__metadata__.json'), 2 ** 30),
  },
  { what: 'a sidecar that is an array', outcome: 'KV_RECORD_CORRUPT', damage: sidecar('[]') },
  { what: 'a sidecar that is a number', outcome: 'KV_RECORD_CORRUPT', damage: sidecar('7') },
  { what: 'a sidecar that is null', outcome: 'KV_RECORD_CORRUPT', damage: sidecar('null') },
  { what: 'a sidecar without a file name', outcome: 'KV_RECORD_CORRUPT', damage: naming(undefined) },
  { what: 'a sidecar whose file is a number', outcome: 'KV_RECORD_CORRUPT', damage: naming(7) },
  {
    what: 'a sidecar whose claims are no list',
    outcome: 'KV_RECORD_CORRUPT',
    damage: sidecar('{"key":"k","contentType":"a/b","file":"k.txt","claims":"x"}'),
  },
  ...['', 'text', 'text/plain\r\nx: y'].map((contentType): Damage => ({
    what: `a sidecar with the content type ${JSON.stringify(contentType)}`,
    outcome: 'KV_RECORD_CORRUPT',
    damage: sidecar(JSON.stringify({ key: 'k', contentType, file: 'k.txt' })),
  })),
  {
    what: 'a sidecar of another key',
    outcome: 'KV_RECORD_CORRUPT',
    damage: sidecar('{"key":"sound","contentType":"a/b","file":"k.txt"}'),
  },
  ...[
    '../named/k.json',
    '/etc/passwd',
    String.raw`..\k`,
    'sub/k.txt',
    '..',
    '.',
    '',
    '.env',
    'k\0.txt',
    '__metadata__.json',
    'sound.__metadata__.json',
  ].map((file): Damage => ({
    what: `a sidecar that names ${JSON.stringify(file)}`,
    outcome: 'KV_RECORD_CORRUPT',
    damage: naming(file),
  })),
  ...(isLinux
    ? ([
        { what: 'a pipe for a value (on Linux)', outcome: 'absent', damage: replaced('k.txt', pipe) },
      ] satisfies Damage[])
    : []),
  {
    what: 'a sidecar that is a link to itself',
    outcome: 'bytes',
    damage: replaced('k.__metadata__.json', (path) => symlinkSync(path, path)),
  },
  {
    what: 'a value that is a link to itself',
    outcome: 'absent',
    damage: replaced('k.txt', (path) => symlinkSync(path, path)),
  },
  {
    what: 'a value that is a link to nowhere',
    outcome: 'absent',
    damage: replaced('k.txt', (path) => symlinkSync(`${path}.no`, path)),
  },
  { what: 'a directory for a value', outcome: 'absent', damage: replaced('k.txt', mkdirSync) },
  { what: 'a sidecar without its file', outcome: 'absent', damage: (path) => rmSync(join(path, 'k.txt')) },
  { what: 'a file without its sidecar', outcome: 'bytes', damage: (path) => rmSync(join(path, 'k.__metadata__.json')) },
  { what: 'a value that is cut off', outcome: 'bytes', damage: (path) => truncateSync(join(path, 'k.txt')) },
  {
    what: 'a value under another name',
    outcome: 'absent',
    damage: (path) => renameSync(join(path, 'k.txt'), join(path, 'moved.txt')),
  },
];

type Mend = (store: KeyValueStoreBackend) => Promise<unknown>;

const MENDS: readonly (readonly [what: string, expected: string | undefined, mend: Mend])[] = [
  ['replaced', 'new', (store) => put(store, 'k', 'new', 'text/plain')],
  ['replaced by JSON', 'new', (store) => put(store, 'k', 'new')],
  ['deleted', undefined, (store) => store.deleteRecord('k')],
];

async function outcomeOf(read: Promise<unknown>): Promise<string | undefined> {
  return read.then(
    (record) => (record === undefined ? 'absent' : 'bytes'),
    (error: { code?: string }) => error.code,
  );
}

describe.each(MENDS)('a damaged record that is %s', (_what, expected, mend) => {
  it.each(DAMAGES)('leaves all others unharmed: $what', async ({ outcome, damage }) => {
    const { dir, store: writer, path } = await openStore();
    await put(writer, 'sound', '1');
    await put(writer, 'typed', 'typed', 'image/png');
    await put(writer, 'k', 'value', 'text/plain');
    damage(path);

    const store = await createBackend({ dir }).openKeyValueStore({});
    expect(await outcomeOf(store.getRecord('k'))).toBe(outcome);
    expect(await outcomeOf(store.getRecordInfo('k'))).toBe(outcome);
    expect(await outcomeOf(store.getRecordStream('k'))).toBe(outcome);
    const others = ['sound', 'typed'];
    const keys = (await listAll(store)).map(([key]) => key).filter((key) => key !== 'moved');
    expect(keys).toEqual(outcome === 'bytes' ? ['k', ...others] : others);

    await mend(store);
    expect((await get(store, 'k'))?.[0]).toBe(expected);
    expect(await get(store, 'sound')).toEqual(['1', JSON_TYPE]);
    expect(await get(store, 'typed')).toEqual(['typed', 'image/png']);
    await store.purge({ keepKeys: others });
    expect((await listAll(store)).map(([key]) => key)).toEqual(others);
  });
});

it.each([['directory', mkdirSync], ...(isLinux ? ([['pipe', pipe]] as const) : [])] as const)(
  'reports a %s in the place of a sidecar for its record alone',
  async (_what, make) => {
    const { store, path } = await openStore();
    await put(store, 'sound', '1');
    await put(store, 'k', 'value', 'text/plain');
    replaced('k.__metadata__.json', make)(path);
    expect((await rejection(store.getRecord('k'))).code).toBe('KV_RECORD_CORRUPT');
    expect(await listAll(store)).toEqual([['sound', 1]]);
    await store.purge({ keepKeys: ['sound'] });
    expect(await listAll(store)).toEqual([['sound', 1]]);
  },
);

describe('JSON', () => {
  it.each(['{"a":', '', '{}{}', "{'a':1}", '\0\0\0\0'])(
    'gives the bytes of %j, and an error to who parses them',
    async (text) => {
      const { store, path } = await openStore();
      await put(store, 'sound', '1');
      await put(store, 'k', '{"a":1}');
      writeFileSync(join(path, 'k.json'), text);
      const record = await store.getRecord('k');
      expect(Buffer.from(record?.value ?? []).toString()).toBe(text);
      expect(() => decodeValue(record as NonNullable<typeof record>)).toThrow(
        expect.objectContaining({
          code: 'KV_RECORD_CORRUPT',
          message: expect.stringContaining(join(path, 'k.json')) as string,
        }) as Error,
      );
      expect(await listAll(store)).toEqual([
        ['k', text.length],
        ['sound', 1],
      ]);
    },
  );
});

it('never lists a key that cannot be read back, whatever a sidecar says', async () => {
  const { store, path } = await openStore();
  for (const key of ['ž', 'a b', 'a+b', '%41', '..']) {
    writeFileSync(join(path, `${key}.__metadata__.json`), JSON.stringify({ key, contentType: 'a/b', file: 'x.txt' }));
  }
  writeFileSync(join(path, 'x.txt'), 'x');
  expect(await listAll(store)).toEqual([['x', 1]]);
});

it.skipIf(!isLinuxRoot)(
  'serves all other records beside one that may not be read (needs root on Linux for a second user)',
  async () => {
    const { dir, store, path } = await openStore();
    await put(store, 'k', '1');
    await put(store, 'value', 'x', 'text/plain');
    await put(store, 'sidecar', 'x', 'text/plain');
    chmodSync(join(path, 'value.txt'), 0);
    chmodSync(join(path, 'sidecar.__metadata__.json'), 0);
    chmodSync(dir, 0o755);
    const fixture = fileURLToPath(new URL('fixtures/read-as-user.ts', import.meta.url));
    const child = fork(fixture, [dir, 'k', 'value', 'sidecar'], { uid: NOBODY });
    const [result] = await once(child, 'message');
    expect(result).toEqual({
      reads: ['1', 'KV_ACCESS_DENIED', 'KV_ACCESS_DENIED'],
      keys: ['k', 'value'],
      unreadable: [
        ['sidecar', 'sidecar.__metadata__.json'],
        ['value', 'value.txt'],
      ],
      readOnly: ['', 'key_value_stores', 'key_value_stores/default'],
    });
  },
);

it.each([
  ['text', (path: string) => writeFileSync(path, '?')],
  ['directory', mkdirSync],
  [
    'file larger than a string can be',
    (path: string) => {
      writeFileSync(path, '');
      truncateSync(path, 2 ** 30);
    },
  ],
  ...(isLinux ? ([['pipe', pipe]] as const) : []),
] as const)('reports a %s for metadata to who opens the store, and opens all others', async (_what, make) => {
  const { dir, path } = await openStore();
  replaced('__metadata__.json', make)(path);
  const backend = createBackend({ dir });
  await put(await backend.openKeyValueStore({ name: 'other' }), 'sound', '1');
  expect((await backend.listKeyValueStores()).map(({ name }) => name)).toEqual(['other']);
  const error = await rejection(backend.openKeyValueStore({}));
  expect(error).toMatchObject({ code: 'KV_STORAGE_CORRUPT', details: { path: join(path, '__metadata__.json') } });
});

it('names the directory that stands where a record is to be written', async () => {
  const { store, path } = await openStore();
  mkdirSync(join(path, 'k.json'));
  const error = await rejection(put(store, 'k', '1'));
  expect(error).toMatchObject({ code: 'KV_STORAGE_CORRUPT', details: { path: join(path, 'k.json') } });
});
