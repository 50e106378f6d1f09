import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KeyValueStoreBackend } from '@kv/core';
import { createBackend, doctor } from '../src/index.js';
import { age, snapshot } from './doctor-helpers.js';
import { get, listAll, openStore, put, tempDir } from './helpers.js';

const OFFSET_TIME = '2026-01-01T00:00:00.000000+00:00';
const SPACED_TIME = '2026-01-01 00:00:00+00:00';
const LONG = `long${'!'.repeat(250)}`;

/** The metadata that each tool writes for a store. */
const METADATA = {
  crawlee: { id: 'theirs', name: null, accessedAt: OFFSET_TIME, createdAt: OFFSET_TIME, modifiedAt: OFFSET_TIME },
  crawlee3: { id: 'theirs', name: null, userId: '1', createdAt: '2026-01-01T00:00:00.000Z' },
  python: { id: 'theirs', name: null, accessed_at: SPACED_TIME, created_at: SPACED_TIME, modified_at: SPACED_TIME },
  python2: { id: 'theirs', name: null, user_id: '1', created_at: SPACED_TIME },
} as const;

type Layout = keyof typeof METADATA;

interface Case {
  readonly what: string;
  readonly code: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly layouts: readonly Layout[];
  /** Damages the store; gives the name of the file that the finding is about. */
  readonly damage: (path: string) => string;
  /** Names in the quarantine after a repair; when absent, it leaves all as it is. */
  readonly quarantined?: readonly string[];
}

const ALL: readonly Layout[] = ['crawlee', 'crawlee3', 'python', 'python2'];
const QUOTED: readonly Layout[] = ['crawlee', 'python'];

const CASES: readonly Case[] = [
  {
    what: 'a sidecar that is cut off',
    code: 'sidecar-corrupt',
    severity: 'error',
    layouts: ALL,
    damage: write('text.__metadata__.json', '{"key":"text"'),
    quarantined: ['text.__metadata__.json'],
  },
  {
    what: 'a content type that is none',
    code: 'sidecar-corrupt',
    severity: 'error',
    layouts: ALL,
    damage: write('text.__metadata__.json', '{"key":"text","contentType":"text/plain\\r\\nx: y"}'),
  },
  {
    what: 'a sidecar that points outside',
    code: 'sidecar-corrupt',
    severity: 'error',
    layouts: ALL,
    damage: write('text.__metadata__.json', '{"key":"text","contentType":"text/plain","file":"../../x"}'),
  },
  {
    what: 'a key that is none of kv',
    code: 'no-record',
    severity: 'info',
    layouts: QUOTED,
    damage: (path) => {
      writeFileSync(join(path, 'a%2Fb'), '1');
      return write('a%2Fb.__metadata__.json', '{"key":"a/b","contentType":"text/plain"}')(path);
    },
  },
  {
    what: 'a sidecar without a value',
    code: 'unfinished-write',
    severity: 'info',
    layouts: ALL,
    damage: write('gone.__metadata__.json', '{"key":"gone","contentType":"text/plain"}'),
    quarantined: ['gone.__metadata__.json'],
  },
  {
    what: 'a directory in the place of a value',
    code: 'blocked-name',
    severity: 'warning',
    layouts: QUOTED,
    damage: (path) => {
      rmSync(join(path, 'text'));
      mkdirSync(join(path, 'text'));
      return 'text';
    },
    quarantined: ['text'],
  },
  {
    what: 'JSON that is cut off',
    code: 'json-corrupt',
    severity: 'error',
    layouts: QUOTED,
    damage: write('json', '{"a":'),
    quarantined: ['json', 'json.__metadata__.json'],
  },
  {
    what: 'JSON that is cut off, beside an older value of its key',
    code: 'json-corrupt',
    severity: 'error',
    layouts: ['crawlee3', 'python2'],
    damage: (path) => {
      writeFileSync(join(path, 'json.txt'), 'older');
      age(path);
      return write('json.json', '{"a":')(path);
    },
    quarantined: ['json.txt', 'json.json'],
  },
  {
    what: 'the NaN of Python',
    code: 'json-corrupt',
    severity: 'error',
    layouts: QUOTED,
    damage: write('json', '{"a": NaN, "b": [-Infinity, "NaN"]}'),
  },
  {
    what: 'a value that has lost its sidecar',
    code: 'sidecar-missing',
    severity: 'info',
    layouts: QUOTED,
    damage: (path) => {
      rmSync(join(path, 'text.__metadata__.json'));
      return 'text';
    },
  },
  {
    what: 'a value under a hashed name that has lost its sidecar',
    code: 'orphan-value',
    severity: 'warning',
    layouts: ALL,
    damage: (path) => {
      const names = readdirSync(path).filter((name) => name.startsWith('long'));
      for (const name of names) if (name.endsWith('__metadata__.json')) rmSync(join(path, name));
      return names.find((name) => !name.endsWith('__metadata__.json')) ?? '';
    },
    quarantined: [],
  },
];

function write(name: string, text: string) {
  return (path: string): string => {
    writeFileSync(join(path, name), text);
    return name;
  };
}

/** Makes a store as another tool has left it, with records that kv has written there. */
async function storeOf(layout: Layout): Promise<{ dir: string; path: string }> {
  const dir = tempDir();
  const path = join(dir, 'key_value_stores', 'default');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, '__metadata__.json'), JSON.stringify(METADATA[layout]));
  await using backend = createBackend({ dir });
  await fill(await backend.openKeyValueStore({}));
  return { dir, path };
}

async function fill(store: KeyValueStoreBackend): Promise<void> {
  await put(store, 'json', '{"a":1}');
  await put(store, 'text', 'text', 'text/plain; charset=latin1');
  await put(store, LONG, 'png', 'image/png');
}

async function recordsIn(dir: string): Promise<unknown[]> {
  await using backend = createBackend({ dir });
  const store = await backend.openKeyValueStore({});
  return await Promise.all((await listAll(store)).map(async ([key]) => [key, await get(store, key)]));
}

const cases = CASES.flatMap(({ layouts, ...rest }) => layouts.map((layout) => ({ layout, ...rest })));

it.each(cases)('the doctor finds $what in a store of $layout: $code', async (damaged) => {
  const { layout, damage, code, severity, quarantined } = damaged;
  const { dir, path } = await storeOf(layout);
  const about = join(path, damage(path));
  // Nobody can be at work on it.
  utimesSync(about, 1_100_000_000, 1_100_000_000);
  const before = snapshot(dir);
  const [finding, ...others] = (await doctor({ dir })).findings.filter((found) => found.code !== 'foreign-store');
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ code, severity, path: about, isRepaired: false });
  expect(snapshot(dir)).toEqual(before);

  const repaired = await doctor({ dir, repair: true });
  const mended = repaired.findings.find((found) => found.path === about);
  expect(mended).toEqual({ ...finding, isRepaired: quarantined !== undefined });
  if (!quarantined) {
    expect(mended?.remedy).toMatch(/^Nothing: /);
    expect(snapshot(dir)).toEqual(before);
  }
  for (const name of quarantined ?? []) {
    expect(existsSync(join(repaired.quarantine ?? '', relative(dir, join(path, name))))).toBe(true);
  }
  const { findings: left, records } = await doctor({ dir, repair: true });
  expect(left.filter(({ isRepaired }) => isRepaired)).toEqual([]);
  expect(await recordsIn(dir)).toHaveLength(records);
});

describe.each(QUOTED)('a store of %s whose metadata is torn', (layout) => {
  it('keeps its layout when the doctor mends it', async () => {
    const { dir, path } = await storeOf(layout);
    const before = await recordsIn(dir);
    writeFileSync(join(path, '__metadata__.json'), '{');
    age(dir);
    const { findings } = await doctor({ dir, repair: true });
    expect(findings.filter(({ isRepaired }) => isRepaired)).toMatchObject([{ code: 'metadata-corrupt' }]);
    expect(await recordsIn(dir)).toEqual(before);
    expect(Object.keys(JSON.parse(readFileSync(join(path, '__metadata__.json'), 'utf8')) as object)).toContain(
      layout === 'python' ? 'created_at' : 'createdAt',
    );
    expect((await doctor({ dir })).findings.map(({ code }) => code)).toEqual(['foreign-store']);
  });
});

it('finds nothing in a sound store of the layout crawlee that kv has made, and counts its records', async () => {
  const { dir, store, path } = await openStore({ layout: 'crawlee' });
  await fill(store);
  await put(store, 'INPUT', '{}');
  writeFileSync(join(path, 'notes.txt'), 'by hand');
  age(dir);
  expect(await doctor({ dir })).toMatchObject({ records: 5, findings: [{ code: 'foreign-store', severity: 'info' }] });
});
