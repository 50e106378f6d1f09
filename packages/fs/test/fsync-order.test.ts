import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A system call that changes files, or makes a change last. */
interface Call {
  readonly kind: 'write' | 'sync' | 'rename' | 'link' | 'unlink';
  /** The file or directory that it is about; of a rename or a link the old name. */
  readonly path: string;
  /** The new name. */
  readonly target: string | undefined;
}

const KINDS: Readonly<Record<string, Call['kind']>> = {
  write: 'write',
  pwrite64: 'write',
  fsync: 'sync',
  fdatasync: 'sync',
  rename: 'rename',
  renameat: 'rename',
  renameat2: 'rename',
  link: 'link',
  linkat: 'link',
  unlink: 'unlink',
  unlinkat: 'unlink',
};
const OPERATIONS = [
  'JSON set',
  'JSON over JSON',
  'typed set',
  'typed over the same type',
  'overwrite with another type',
  'JSON over another type',
  'another type over JSON',
  'delete of JSON',
  'delete of another type',
];
const hasStrace = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0;

describe.skipIf(!hasStrace)('durability: fsync, by the order of the system calls (needs strace)', () => {
  const dir = mkdtempSync(join(tmpdir(), 'kv-fs-sync-'));
  const store = join(dir, 'storage', 'key_value_stores', 'default');
  let calls: ReadonlyMap<string, readonly Call[]>;

  beforeAll(() => void (calls = trace(dir)), 60_000);
  afterAll(() => rmSync(dir, { recursive: true }));

  const isChange = ({ kind, path, target }: Call): boolean =>
    [path, target ?? ''].some((name) => dirname(name) === store) && ['rename', 'link', 'unlink'].includes(kind);
  const isSync = ({ kind, path }: Call): boolean => kind === 'sync' && path === store;

  it.each(OPERATIONS)('syncs a file before it gets its name: %s', (operation) => {
    const unsynced = new Set<string>();
    const hasty: Call[] = [];
    for (const call of calls.get(operation) ?? []) {
      // Not by the whole path: the directory of temp files may get another name in between.
      const name = basename(call.path);
      if (call.kind === 'write') unsynced.add(name);
      if (call.kind === 'sync') unsynced.delete(name);
      if (isChange(call) && unsynced.has(name)) hasty.push(call);
    }
    expect(hasty).toEqual([]);
  });

  it.each(OPERATIONS)(
    'syncs the directory after each new name, before anything else changes there: %s',
    (operation) => {
      let unsynced: Call | undefined;
      const hasty: Call[] = [];
      for (const call of calls.get(operation) ?? []) {
        if (isSync(call)) unsynced = undefined;
        if (!isChange(call)) continue;
        if (unsynced) hasty.push(call);
        // A file that goes into the passage has no new name here.
        if (call.target !== undefined && dirname(call.target) === store) unsynced = call;
      }
      expect(hasty).toEqual([]);
    },
  );

  it.each(OPERATIONS)('syncs the directory after the last change, before it acknowledges: %s', (operation) => {
    const made = calls.get(operation) ?? [];
    const lastChange = made.findLastIndex(isChange);
    expect(lastChange).toBeGreaterThanOrEqual(0);
    expect(made.findLastIndex(isSync)).toBeGreaterThan(lastChange);
  });
});

/** Gives the calls of each operation of the fixture, from its mark at the beginning to that at the end. */
function trace(dir: string): Map<string, Call[]> {
  const fixture = fileURLToPath(new URL('fixtures/sync-writes.ts', import.meta.url));
  const traced = `trace=access,faccessat,faccessat2,${Object.keys(KINDS).join()}`.replaceAll(/(?<=[=,])/g, '?');
  const { status, stderr } = spawnSync(
    'strace',
    [
      '-ff',
      '-qq',
      '-y',
      '-s',
      '0',
      '-o',
      join(dir, 'calls'),
      '-e',
      traced,
      process.execPath,
      fixture,
      join(dir, 'storage'),
    ],
    { encoding: 'utf8' },
  );
  expect({ status, stderr }).toMatchObject({ status: 0 });
  // One file for each thread; the small writes of the fixture all happen on the one that marks them.
  const files = globSync('calls.*', { cwd: dir }).map((file) => readFileSync(join(dir, file), 'utf8'));
  return splitByMarks(files.find((text) => text.includes('"/begin/')) ?? '');
}

function splitByMarks(text: string): Map<string, Call[]> {
  const operations = new Map<string, Call[]>();
  let current: Call[] | undefined;
  for (const line of text.split('\n')) {
    const [, mark, name = ''] = /"\/(begin|end)\/([^"]*)"/.exec(line) ?? [];
    if (mark === 'begin') operations.set(name, (current = []));
    if (mark === 'end') current = undefined;
    const call = parseCall(line);
    if (call) current?.push(call);
  }
  return operations;
}

/** Reads a line such as `rename("/a", "/b") = 0` or `fsync(17</a>) = 0`; `undefined` for a call that failed. */
function parseCall(line: string): Call | undefined {
  const [, name = '', args = '', result] = /^(\w+)\((.*)\) += (-?\d+)/.exec(line) ?? [];
  const kind = KINDS[name];
  if (!kind || Number(result) < 0) return undefined;
  const [path = '', target] = [...args.matchAll(/"([^"]*)"|^\d+<([^>]*)>/g)].map(([, text, opened]) => text ?? opened);
  return { kind, path, target };
}
