import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBackend, doctor } from '../src/index.js';
import { markedName } from '../src/io/process-mark.js';
import { aroundCalls } from './around-calls.js';
import { age, findings, repair, snapshot } from './doctor-helpers.js';
import { DEAD, nameOf } from './other-process.js';
import { get, JSON_TYPE, listAll, openStore, put, rejection, tempDir } from './helpers.js';

interface Case {
  readonly code: string;
  readonly what: string;
  readonly severity: 'info' | 'warning' | 'error';
  /** Damages a healthy directory; gives the path that the finding names, from the directory of the default store. */
  readonly damage: (path: string, dir: string) => string;
  /** Keys that the default store has after a repair; those that it had before, unless told otherwise. */
  readonly keys?: readonly string[];
  /** What must be in the quarantine afterwards, from the directory of the default store. */
  readonly quarantined?: readonly string[];
}

const isLinux = process.platform === 'linux';
const LONG = 'long'.repeat(64);
const KEYS = ['a', 'clip', 'json', LONG, 'photo', 'plain'];

async function healthy(): Promise<{ dir: string; path: string }> {
  const { dir, store, path, backend } = await openStore();
  await put(store, 'a', '{"a":1}');
  await put(store, 'json', '{"a":1}', 'application/json');
  await put(store, 'photo', 'png', 'image/png');
  await put(store, 'clip', 'mp4', 'video/mp4');
  await put(store, 'plain', 'text', 'text/plain');
  await put(store, LONG, '{}');
  await put(await backend.openKeyValueStore({ name: 'named' }), 'k', '1');
  await put(await backend.openKeyValueStore({ alias: 'scratch' }), 'k', '1');
  return { dir, path };
}

const without = (...gone: string[]): string[] => KEYS.filter((key) => !gone.includes(key));
const write = (name: string, text: string) => (path: string) => {
  writeFileSync(join(path, name), text);
  return name;
};
const remove = (name: string, found: string) => (path: string) => {
  rmSync(join(path, name));
  return found;
};
const linkTo = (target: string, name: string) => (path: string) => {
  symlinkSync(target, join(path, name));
  return name;
};
const fileInPlaceOf = (name: string) => (path: string, dir: string) => {
  rmSync(join(dir, name), { recursive: true, force: true });
  writeFileSync(join(dir, name), 'x');
  return relative(path, join(dir, name));
};
const longFile = (path: string, ending: string): string =>
  readdirSync(path).find((name) => name.startsWith('long') && name.endsWith(ending)) ?? '';

const CASES: readonly Case[] = [
  {
    code: 'json-corrupt',
    what: 'a JSON record that is cut off',
    severity: 'error',
    damage: write('a.json', '{"a":'),
    keys: without('a'),
    quarantined: ['a.json'],
  },
  {
    code: 'json-corrupt',
    what: 'an empty JSON record',
    severity: 'error',
    damage: write('a.json', ''),
    keys: without('a'),
    quarantined: ['a.json'],
  },
  {
    code: 'json-corrupt',
    what: 'a JSON record with a sidecar',
    severity: 'error',
    damage: write('json~1.json', 'x'),
    keys: without('json'),
    quarantined: ['json~1.json', 'json.__metadata__.json'],
  },
  {
    code: 'json-corrupt',
    what: 'JSON placed by hand',
    severity: 'error',
    damage: write('INPUT.json', "{'a': 1}"),
    quarantined: ['INPUT.json'],
  },
  {
    code: 'sidecar-corrupt',
    what: 'a sidecar that is not JSON',
    severity: 'error',
    damage: write('clip.__metadata__.json', '{"key":"clip"'),
    quarantined: ['clip.__metadata__.json'],
  },
  {
    code: 'sidecar-corrupt',
    what: 'an empty sidecar',
    severity: 'error',
    damage: write('photo.__metadata__.json', ''),
    quarantined: ['photo.__metadata__.json'],
  },
  {
    code: 'sidecar-corrupt',
    what: 'a sidecar that lacks fields',
    severity: 'error',
    damage: write('photo.__metadata__.json', '{"key":"photo"}'),
  },
  {
    code: 'sidecar-corrupt',
    what: 'a sidecar that points outside',
    severity: 'error',
    damage: write('photo.__metadata__.json', '{"key":"photo","contentType":"image/png","file":"../named/k.json"}'),
  },
  {
    code: 'sidecar-corrupt',
    what: 'a damaged sidecar of a JSON record',
    severity: 'error',
    damage: write('a.__metadata__.json', '?'),
    quarantined: ['a.__metadata__.json'],
  },
  {
    code: 'sidecar-corrupt',
    what: 'a damaged sidecar without a value',
    severity: 'error',
    damage: write('new.__metadata__.json', '?'),
    quarantined: ['new.__metadata__.json'],
  },
  {
    code: 'sidecar-corrupt',
    what: 'a damaged sidecar of two values',
    severity: 'error',
    damage: (path) => {
      writeFileSync(join(path, 'photo~1.jpeg'), 'jpeg');
      return write('photo.__metadata__.json', '?')(path);
    },
    keys: without('photo'),
    quarantined: ['photo.__metadata__.json', 'photo.png', 'photo~1.jpeg'],
  },
  {
    code: 'sidecar-corrupt',
    what: 'a damaged sidecar of a long key',
    severity: 'error',
    damage: (path) => write(longFile(path, '__metadata__.json'), '?')(path),
    keys: without(LONG),
  },
  {
    code: 'sidecar-mismatch',
    what: 'a copied sidecar',
    severity: 'error',
    damage: (path) => {
      cpSync(join(path, 'photo.__metadata__.json'), join(path, 'other.__metadata__.json'));
      return 'other.__metadata__.json';
    },
    quarantined: ['other.__metadata__.json'],
  },
  {
    code: 'sidecar-mismatch',
    what: 'a record whose files were renamed',
    severity: 'error',
    damage: (path) => {
      renameSync(join(path, 'photo.__metadata__.json'), join(path, 'image.__metadata__.json'));
      renameSync(join(path, 'photo.png'), join(path, 'image.png'));
      return 'image.__metadata__.json';
    },
    keys: [...without('photo'), 'image'].toSorted(),
    quarantined: ['image.__metadata__.json'],
  },
  {
    code: 'sidecar-mismatch',
    what: 'a renamed record that is found by its file',
    severity: 'error',
    damage: (path) => {
      renameSync(join(path, 'clip.__metadata__.json'), join(path, 'film.__metadata__.json'));
      renameSync(join(path, 'clip.mp4'), join(path, 'film.mp4'));
      return 'film.__metadata__.json';
    },
    keys: [...without('clip'), 'film.mp4'].toSorted(),
    quarantined: ['film.__metadata__.json'],
  },
  {
    code: 'orphan-value',
    what: 'a second choice without a sidecar',
    severity: 'warning',
    damage: remove('json.__metadata__.json', 'json~1.json'),
    keys: without('json'),
    quarantined: ['json~1.json'],
  },
  {
    code: 'orphan-value',
    what: 'a hashed name without a sidecar',
    severity: 'warning',
    damage: (path) =>
      remove(longFile(path, '__metadata__.json'), longFile(path, '.json').replace('.__metadata__', ''))(path),
    keys: without(LONG),
  },
  {
    code: 'unfinished-write',
    what: 'a sidecar without a value',
    severity: 'info',
    damage: remove('photo.png', 'photo.__metadata__.json'),
    keys: without('photo'),
  },
  {
    code: 'unfinished-write',
    what: 'JSON behind a sidecar',
    severity: 'info',
    damage: write('photo.json', '{}'),
    quarantined: ['photo.json'],
  },
  {
    code: 'unfinished-write',
    what: 'a value that a sidecar claims',
    severity: 'info',
    damage: (path) => {
      const sidecar = { key: 'photo', contentType: 'image/png', file: 'photo.png', claims: ['photo.jpeg'] };
      writeFileSync(join(path, 'photo.__metadata__.json'), JSON.stringify(sidecar));
      return write('photo.jpeg', 'old')(path);
    },
    quarantined: ['photo.jpeg'],
  },
  ...['.kv', '.kv/quarantine'].map((name) => ({
    code: 'blocked-directory',
    what: `a file in the place of ${name}`,
    severity: 'error' as const,
    damage: fileInPlaceOf(name),
  })),
  ...['creation', 'runs', 'stores', 'swaps', 'tmp', 'trash'].map((name) => ({
    code: 'blocked-directory',
    what: `a file in the place of .kv/${name}`,
    severity: 'error' as const,
    damage: fileInPlaceOf(`.kv/${name}`),
    quarantined: [`../../.kv/${name}`],
  })),
  {
    code: 'blocked-name',
    what: 'a directory in the place of a JSON record',
    severity: 'warning',
    damage: (path) => {
      mkdirSync(join(path, 'blocked.json', 'sub'), { recursive: true });
      return 'blocked.json';
    },
    quarantined: ['blocked.json/sub'],
  },
  {
    code: 'blocked-name',
    what: 'a directory in the place of a sidecar',
    severity: 'warning',
    damage: (path) => {
      mkdirSync(join(path, 'a.__metadata__.json'));
      return 'a.__metadata__.json';
    },
    quarantined: ['a.__metadata__.json'],
  },
  {
    code: 'blocked-name',
    what: 'a link to nowhere',
    severity: 'warning',
    damage: (path) => {
      symlinkSync(join(path, 'nowhere'), join(path, 'link.txt'));
      return 'link.txt';
    },
  },
  {
    code: 'blocked-name',
    what: 'a link to itself',
    severity: 'warning',
    damage: (path) => {
      symlinkSync(join(path, 'loop.json'), join(path, 'loop.json'));
      return 'loop.json';
    },
  },
  {
    code: 'hidden-file',
    what: 'a second file of one key, placed by hand',
    severity: 'info',
    damage: write('a.txt', 'hidden'),
  },
  { code: 'no-record', what: 'a hidden file', severity: 'info', damage: write('.DS_Store', 'x') },
  { code: 'no-record', what: 'a name that is no key', severity: 'info', damage: write('my notes.txt', 'x') },
  {
    code: 'no-record',
    what: 'a directory that nobody minds',
    severity: 'info',
    damage: (path) => {
      mkdirSync(join(path, 'sub'));
      return 'sub';
    },
  },
  {
    code: 'metadata-corrupt',
    what: 'metadata that is not JSON',
    severity: 'error',
    damage: write('__metadata__.json', '{'),
    quarantined: ['__metadata__.json'],
  },
  {
    code: 'metadata-corrupt',
    what: 'metadata without an id',
    severity: 'error',
    damage: write('../named/__metadata__.json', '{"name":"named"}'),
  },
  {
    code: 'metadata-corrupt',
    what: 'a directory in the place of metadata',
    severity: 'error',
    damage: (path) => {
      rmSync(join(path, '__metadata__.json'));
      mkdirSync(join(path, '__metadata__.json'));
      return '__metadata__.json';
    },
  },
  { code: 'metadata-missing', what: 'no metadata', severity: 'info', damage: remove('__metadata__.json', '.') },
  {
    code: 'duplicate-id',
    what: 'a copy of a store',
    severity: 'error',
    damage: (path) => {
      cpSync(join(path, '..', 'named'), join(path, '..', 'copy'), { recursive: true });
      return '../copy/__metadata__.json';
    },
  },
  {
    code: 'duplicate-name',
    what: 'two stores of one name',
    severity: 'error',
    damage: (path) => {
      const place = join(path, '..', `named~name-${createHash('sha256').update('named').digest('hex').slice(0, 8)}`);
      const metadata = JSON.parse(readFileSync(join(path, '../named/__metadata__.json'), 'utf8')) as { name: string };
      mkdirSync(place);
      writeFileSync(join(place, '__metadata__.json'), JSON.stringify({ ...metadata, id: 'other' }));
      return relative(path, join(place, '__metadata__.json'));
    },
  },
  {
    code: 'store-moved',
    what: 'a store whose directory was renamed',
    severity: 'info',
    damage: (path) => {
      renameSync(join(path, '../scratch'), join(path, '../renamed'));
      return '../renamed/__metadata__.json';
    },
  },
  {
    code: 'store-link',
    what: 'a link to the directory of all stores',
    severity: 'info',
    damage: linkTo('.', '../self'),
  },
  {
    code: 'store-link',
    what: 'a link to the storage directory',
    severity: 'info',
    damage: linkTo('..', '../root'),
  },
  {
    code: 'store-link',
    what: 'a link to another store',
    severity: 'info',
    damage: linkTo('named', '../another'),
  },
  {
    code: 'store-link',
    what: 'a link to a store in the trash',
    severity: 'info',
    damage: (path, dir) => {
      mkdirSync(join(dir, '.kv/quarantine/drop'), { recursive: true });
      writeFileSync(join(dir, '.kv/quarantine/drop/__metadata__.json'), '{"id":"dropped"}');
      return linkTo('../.kv/quarantine/drop', '../dropped')(path);
    },
  },
  {
    code: 'store-link',
    what: 'a link to a directory of stores elsewhere',
    severity: 'info',
    damage: (path) => {
      const elsewhere = tempDir();
      cpSync(join(path, '../named'), join(elsewhere, 'named.json'), { recursive: true });
      return linkTo(elsewhere, '../elsewhere')(path);
    },
  },
  {
    code: 'store-link',
    what: 'a link to what is no store',
    severity: 'info',
    damage: (path) => {
      const elsewhere = tempDir();
      writeFileSync(join(elsewhere, 'package.json'), '// no JSON');
      return linkTo(elsewhere, '../elsewhere')(path);
    },
  },
  {
    code: 'not-a-store',
    what: 'a file among the stores',
    severity: 'warning',
    damage: write('../stray', 'x'),
    quarantined: ['../stray'],
  },
  {
    code: 'foreign-store',
    what: 'a store of another tool',
    severity: 'info',
    damage: (path) => {
      mkdirSync(join(path, '../theirs'));
      write('../theirs/__metadata__.json', '{"id":"x","name":"theirs","created_at":"2024-01-01 00:00:00+00:00"}')(path);
      write('../theirs/k', 'png')(path);
      write('../theirs/k.__metadata__.json', '{"key":"k","content_type":"image/png","size":1}')(path);
      return '../theirs';
    },
  },
  {
    code: 'temp-file',
    what: 'a temp file of a dead process',
    severity: 'info',
    damage: (path, dir) => {
      mkdirSync(join(dir, '.kv/stores/x/tmp'), { recursive: true });
      return write('../../.kv/stores/x/tmp/00000000-1-0011223344556677', 'x')(path);
    },
  },
  {
    code: 'trash',
    what: 'what a drop has left',
    severity: 'info',
    damage: (path, dir) => {
      mkdirSync(join(dir, '.kv/trash/gone-1'), { recursive: true });
      return '../../.kv/trash/gone-1';
    },
  },
];

/** What stays as it is, because it harms nobody. */
const LEFT_ALONE = new Set(['hidden-file', 'no-record', 'foreign-store', 'store-link', 'trash', 'live-temp-file']);

it('finds nothing in a healthy directory', async () => {
  const { dir } = await healthy();
  const before = snapshot(dir);
  expect(await doctor({ dir })).toEqual({ dir, stores: 3, records: 8, findings: [] });
  expect(snapshot(dir)).toEqual(before);
});

it.each(CASES)('finds, explains and repairs $what: $code', async ({ code, severity, damage, keys, quarantined }) => {
  const { dir, path } = await healthy();
  const expected = join(path, damage(path, dir));
  age(dir);
  const before = snapshot(dir);
  const report = await doctor({ dir });
  expect(snapshot(dir)).toEqual(before);
  expect(report.findings).toHaveLength(1);
  expect(report.findings[0]).toMatchObject({ code, severity, path: expected, isRepaired: false });
  expect(report.findings[0]?.message).toContain(expected.slice(0, expected.lastIndexOf('/')));

  const repaired = await doctor({ dir, repair: true });
  const { isRepaired } = repaired.findings[0] ?? {};
  expect(repaired.findings).toEqual(report.findings.map((finding) => ({ ...finding, isRepaired })));
  expect(isRepaired).toBe(!LEFT_ALONE.has(code));
  for (const name of quarantined ?? []) {
    const inside = relative(dir, join(path, name));
    expect(existsSync(join(repaired.quarantine ?? '', inside))).toBe(true);
  }

  age(dir);
  const afterwards = snapshot(dir);
  const again = await doctor({ dir, repair: true });
  expect(again.findings.filter((finding) => !LEFT_ALONE.has(finding.code))).toEqual([]);
  expect(snapshot(dir)).toEqual(afterwards);

  const backend = createBackend({ dir });
  const store = await backend.openKeyValueStore({});
  expect((await listAll(store)).map(([key]) => key)).toEqual(keys ?? KEYS);
  for (const key of keys ?? KEYS) expect(await get(store, key)).toBeDefined();
  expect(await listAll(await backend.openKeyValueStore({ name: 'named' }))).toEqual([['k', 1]]);
});

describe('options', () => {
  it('refuses what is no directory, and says so', async () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'file'), 'x');
    expect((await rejection(doctor({ dir: join(dir, 'none') }))).code).toBe('KV_STORAGE_NOT_FOUND');
    expect((await rejection(doctor({ dir: join(dir, 'file') }))).code).toBe('KV_STORAGE_CORRUPT');
    expect(existsSync(join(dir, 'none'))).toBe(false);
    for (const options of [{ dir: '' }, { dir: 5 }, {}, { dir, repair: 'yes' }]) {
      await expect(doctor(options as never)).rejects.toThrow(TypeError);
    }
  });

  it('finds nothing in an empty directory, and creates nothing', async () => {
    const dir = tempDir();
    expect(await doctor({ dir, repair: true })).toEqual({ dir, stores: 0, records: 0, findings: [] });
    expect(readdirSync(dir)).toEqual([]);
  });

  it('stops on abort', async () => {
    const { dir } = await healthy();
    await expect(doctor({ dir, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    const controller = new AbortController();
    const examination = doctor({ dir, signal: controller.signal });
    controller.abort(new Error('later'));
    await expect(examination).rejects.toThrow('later');
  });
});

describe('repairs', () => {
  it('put a file beside that stands where the quarantine should be, before they move other things there', async () => {
    const { dir, path } = await healthy();
    rmSync(join(dir, '.kv'), { recursive: true });
    writeFileSync(join(dir, '.kv'), 'mine');
    writeFileSync(join(dir, '.kv~1'), 'older');
    writeFileSync(join(path, 'a.json'), '{');
    expect((await repair(dir)).map(({ code, isRepaired }) => [code, isRepaired])).toEqual([
      ['blocked-directory', true],
      ['json-corrupt', true],
    ]);
    expect(readFileSync(join(dir, '.kv~2'), 'utf8')).toBe('mine');
    const backend = createBackend({ dir });
    await backend.openKeyValueStore({});
    expect(await backend.purge()).toHaveLength(2);
  });

  it('reach a store that lies elsewhere, through the first of the links to it alone', async () => {
    const { dir } = await healthy();
    const stores = join(dir, 'key_value_stores');
    const elsewhere = join(tempDir(), 'named');
    renameSync(join(stores, 'named'), elsewhere);
    symlinkSync(elsewhere, join(stores, 'named'));
    symlinkSync(elsewhere, join(stores, 'second'));
    writeFileSync(join(elsewhere, 'torn.json'), '{');
    expect(await repair(dir)).toMatchObject([
      { code: 'json-corrupt', path: join(stores, 'named/torn.json'), isRepaired: true },
      { code: 'store-link', path: join(stores, 'second'), isRepaired: false },
    ]);
    expect(readdirSync(elsewhere)).toEqual(['__metadata__.json', 'k.json']);
  });

  it('keep the content type that a sidecar states, unless the value has another extension', async () => {
    const { dir, path } = await healthy();
    const states = (key: string, contentType: string): void =>
      writeFileSync(join(path, `${key}.__metadata__.json`), JSON.stringify({ key, contentType }));
    states('plain', 'text/plain; charset=latin1');
    states('photo', 'text/html');
    expect(await repair(dir)).toMatchObject([{ code: 'sidecar-corrupt' }, { code: 'sidecar-corrupt' }]);
    const store = await createBackend({ dir }).openKeyValueStore({});
    expect(await get(store, 'plain')).toEqual(['text', 'text/plain; charset=latin1']);
    expect(await get(store, 'photo')).toEqual(['png', 'image/png']);
  });

  it('never take the value of another record, whatever a sidecar names', async () => {
    const { dir, path } = await healthy();
    const sidecar = { key: 'json', contentType: 'application/json', file: 'photo.png' };
    writeFileSync(join(path, 'json.__metadata__.json'), JSON.stringify(sidecar));
    expect((await findings(dir)).toSorted()).toEqual(['json-corrupt photo.png', 'orphan-value json~1.json']);
    await repair(dir);
    const store = await createBackend({ dir }).openKeyValueStore({});
    expect(await get(store, 'photo')).toEqual(['png', 'image/png']);
    expect(await get(store, 'json')).toBeUndefined();
  });

  it.runIf(isLinux)('go on when one of them fails, and say why (needs /proc, where nothing can be put)', async () => {
    const { dir, path } = await healthy();
    writeFileSync(join(path, 'a.json'), '');
    symlinkSync('/proc', join(dir, '.kv/quarantine'));
    mkdirSync(join(dir, '.kv/stores/x/tmp'), { recursive: true });
    writeFileSync(join(dir, '.kv/stores/x/tmp/00000000-1-0011223344556677'), '');
    const found = await repair(dir);
    expect(found).toMatchObject([
      { code: 'temp-file', isRepaired: true },
      { code: 'json-corrupt', isRepaired: false },
    ]);
    expect(found[1]?.message).toMatch(/ It cannot be repaired: ENOENT/);
  });
});

describe('metadata that is lost', () => {
  it.runIf(isLinux)('is not told to be repaired when it cannot be written (needs /proc)', async () => {
    const { dir, path } = await healthy();
    rmSync(join(path, '__metadata__.json'));
    rmSync(join(dir, '.kv/tmp'), { recursive: true });
    symlinkSync('/proc', join(dir, '.kv/tmp'));
    const found = await repair(dir);
    expect(found).toMatchObject([{ code: 'metadata-missing', isRepaired: false }]);
    expect(found[0]?.message).toMatch(/ It cannot be repaired: .*ENOENT/);
  });

  it('finds all stores again, by the names of their directories', async () => {
    const { dir, path } = await healthy();
    const backend = createBackend({ dir });
    // The name and the alias want one directory, so that one of them gets a name with a hash.
    await put(await backend.openKeyValueStore({ name: 'scratch' }), 'k', '2');
    await put(await backend.openKeyValueStore({ name: 'con' }), 'k', '3');
    for (const place of readdirSync(join(path, '..'))) rmSync(join(path, '..', place, '__metadata__.json'));
    expect(new Set((await repair(dir)).map(({ code }) => code))).toEqual(new Set(['metadata-missing']));
    const again = createBackend({ dir });
    expect((await again.openKeyValueStore({})).id).toBe('default');
    for (const [name, value] of [
      ['named', '1'],
      ['con', '3'],
      ['scratch', '2'],
    ] as const) {
      expect(await get(await again.openKeyValueStore({ name }), 'k')).toEqual([value, JSON_TYPE]);
    }
    expect(await get(await again.openKeyValueStore({ alias: 'scratch' }), 'k')).toEqual(['1', JSON_TYPE]);
  });

  it('keeps the keys of a directory that ignores case', async () => {
    const { dir, path } = await openStore();
    writeFileSync(join(path, '__metadata__.json'), '{"id":"default","name":null,"ignoresCase":true}');
    const keys = ['Photo', 'a', 'photo'];
    const store = await createBackend({ dir }).openKeyValueStore({});
    for (const key of keys) await put(store, key, key, 'image/png');
    expect(await findings(dir)).toEqual([]);
    writeFileSync(join(path, '__metadata__.json'), 'lost');
    expect(await repair(dir)).toMatchObject([{ code: 'metadata-corrupt', isRepaired: true }]);
    const again = await createBackend({ dir }).openKeyValueStore({});
    for (const key of keys) expect(await get(again, key)).toEqual([key, 'image/png']);
    expect(await findings(dir)).toEqual([]);
  });
});

// Elsewhere, no file can have such a name.
it.runIf(isLinux)('tells of names that are not UTF-8, and leaves them alone', async () => {
  const { dir, path } = await healthy();
  const bytes = (place: string): Buffer => Buffer.concat([Buffer.from(join(place, 'bad')), Buffer.from([0xff])]);
  mkdirSync(bytes(join(path, '..')));
  writeFileSync(bytes(path), '1');
  for (const isRepairing of [false, true]) {
    const { findings: found } = await doctor({ dir, repair: isRepairing });
    expect(found.map(({ code, severity, isRepaired }) => [code, severity, isRepaired])).toEqual([
      ['unreadable-name', 'info', false],
      ['unreadable-name', 'info', false],
    ]);
  }
  expect(existsSync(bytes(join(path, '..')))).toBe(true);
});

describe('beside other processes', () => {
  function start(name: string, ...args: string[]) {
    const path = fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
    const child = fork(path, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  }

  it("never touches a live writer's temp file, nor one of another machine", async () => {
    const { dir } = await healthy();
    const child = start('hold-write', dir);
    await once(child, 'message');
    const tmp = join(dir, '.kv/tmp');
    writeFileSync(join(tmp, '00000000-1-0011223344556677'), 'x');
    const before = readdirSync(tmp);
    const report = await doctor({ dir, repair: true });
    expect(report.findings.map(({ code }) => code)).toEqual(['live-temp-file', 'live-temp-file']);
    expect(readdirSync(tmp)).toEqual(before);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const afterwards = await doctor({ dir, repair: true });
    expect(afterwards.findings.map(({ code }) => code).toSorted()).toEqual(['live-temp-file', 'temp-file']);
    expect(readdirSync(tmp)).toEqual(['00000000-1-0011223344556677']);
  });

  it('waits until nobody else changes the store', async () => {
    const { dir, path } = await healthy();
    rmSync(join(path, 'photo.png'));
    age(path);
    const gate = join(dir, '.kv/stores/default@default');
    // The first process of the system is alive, and not this one.
    const held = join(gate, `held-${markedName().replace(`-${process.pid}-`, '-1-')}`);
    renameSync(join(gate, 'tmp'), held);
    const report = doctor({ dir, repair: true });
    await sleep(300);
    expect(existsSync(join(path, 'photo.__metadata__.json'))).toBe(true);
    renameSync(held, join(gate, 'tmp'));
    expect((await report).findings).toMatchObject([{ code: 'unfinished-write', isRepaired: true }]);
    expect(existsSync(join(path, 'photo.__metadata__.json'))).toBe(false);
  });

  it('opens a gate that a dead process has held, and never takes what is in it for temp files', async () => {
    const { dir, path } = await healthy();
    const gate = join(dir, '.kv/stores/default@default');
    const held = join(gate, `held-${markedName().replace(`-${process.pid}-`, '-999999999-')}`);
    renameSync(join(gate, 'tmp'), held);
    // So far has a purge come that was stopped between its two renames.
    mkdirSync(join(held, 'next@default'));
    cpSync(join(path, '__metadata__.json'), join(held, 'next@default/__metadata__.json'));
    renameSync(path, join(held, 'old@default'));
    age(dir);
    expect((await doctor({ dir })).findings).toMatchObject([{ code: 'unfinished-write', path: held }]);
    expect((await doctor({ dir, repair: true })).findings).toMatchObject([
      { code: 'unfinished-write', isRepaired: true },
      { code: 'trash' },
    ]);
    expect(readdirSync(join(dir, '.kv/trash/purge-000000001/default'))).toContain('photo.png');
    expect(readdirSync(gate)).toEqual(['tmp']);
    expect((await createBackend({ dir }).openKeyValueStore({})).id).toBe('default');
  });

  it.each(['held-', 'next-'])(
    'removes the gate of a store that is gone, which a dead process has held (%s)',
    async (state) => {
      const { dir } = await healthy();
      const gate = join(dir, '.kv/stores/gone@0123456789abcdef0');
      const held = join(gate, `${state}${nameOf(DEAD)}`);
      mkdirSync(held, { recursive: true });
      age(dir);
      const { findings: found } = await doctor({ dir, repair: true });
      expect(found).toMatchObject([{ code: 'unfinished-write', path: held, isRepaired: true }]);
      expect(found[0]?.message).not.toContain('cannot be repaired');
      expect(found[0]?.message).toContain('is no more');
      expect(found[0]?.remedy).toContain('removes the gate of one that is gone');
      expect(existsSync(gate)).toBe(false);
      expect((await doctor({ dir, repair: true })).findings).toEqual([]);
    },
  );

  it('removes what a dead process has left beside an open gate', async () => {
    const { dir } = await healthy();
    const gate = join(dir, '.kv/stores/default@default');
    mkdirSync(join(gate, `next-${nameOf(DEAD)}`));
    age(dir);
    expect((await doctor({ dir, repair: true })).findings).toMatchObject([{ isRepaired: true }]);
    expect(readdirSync(gate)).toEqual(['tmp']);
    expect((await doctor({ dir, repair: true })).findings).toEqual([]);
  });

  it('does not say that it has made metadata where another process was faster', async () => {
    const { dir, path } = await healthy();
    const metadata = join(path, '__metadata__.json');
    const text = readFileSync(metadata);
    rmSync(metadata);
    age(dir);
    const undo = aroundCalls('linkSync', (link, _, to) => {
      undo();
      if (to === metadata) writeFileSync(metadata, text);
      return link();
    });
    expect((await doctor({ dir, repair: true })).findings).toMatchObject([
      { code: 'metadata-missing', isRepaired: false },
    ]);
    expect(readFileSync(metadata)).toEqual(text);
  });

  it('takes no step of a live writer for damage, and breaks none', { timeout: 120_000 }, async () => {
    const { dir } = await healthy();
    const child = start('write-types', dir);
    let isAlive = true;
    child.on('exit', () => (isAlive = false));
    await once(child, 'message');
    for (let round = 0; round < 20; round += 1) {
      const { findings: found, stores } = await doctor({ dir, repair: true });
      expect(found.filter(({ code }) => code !== 'live-temp-file')).toEqual([]);
      expect(stores).toBe(3);
    }
    expect(isAlive).toBe(true);
    expect(existsSync(join(dir, '.kv/quarantine'))).toBe(false);
  });
});
