import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCommand } from '../src/bin/run-command.js';
import { listAll, openStore, put, tempDir } from './helpers.js';

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await runCommand(args, { out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err };
}

it('brings the last purge back, and says what it did', async () => {
  const { dir, backend, store } = await openStore();
  for (const key of ['a', 'b']) await put(store, key, '1');
  await backend.purge();
  await put(store, 'b', '2');
  expect(await run('restore', dir)).toEqual({
    code: 0,
    out: 'Store "default": 1 record restored, 1 not, because the store has newer ones or they are damaged.\n',
    err: '',
  });
  expect((await listAll(store)).map(([key]) => key)).toEqual(['a', 'b']);
  const [again] = JSON.parse((await run('restore', dir, '--json')).out) as unknown[];
  expect(again).toEqual({ id: 'default', label: 'default', restored: 0, skipped: 1 });
});

it('says when there is nothing to bring back', async () => {
  expect(await run('restore', tempDir())).toEqual({
    code: 0,
    out: expect.stringMatching(/^There is no purge to be undone\.\n\(Records that a purge had to remove one by one/),
    err: '',
  });
});

it('says when there is no such directory, and makes none', async () => {
  const dir = join(tempDir(), 'none');
  const err = `There is no directory ${dir}. Give the one that holds key_value_stores.\n`;
  expect(await run('restore', dir)).toEqual({ code: 2, out: '', err });
  expect(existsSync(dir)).toBe(false);
});

it('does not understand --repair', async () => {
  expect(await run('restore', tempDir(), '--repair')).toMatchObject({ code: 2, out: '' });
});
