import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makerOf } from '../src/io/process-mark.js';
import { createBackend } from '../src/index.js';
import { tempDir } from './helpers.js';

const FIXTURE = fileURLToPath(new URL('fixtures/use-default.ts', import.meta.url));
const BOOT_ID = '/proc/sys/kernel/random/boot_id';
const canUnshare = spawnSync('unshare', ['--mount', 'true']).status === 0;

/** Runs a command that runs a process that uses the default store; kills it, and gives the name it has left. */
async function nameOfKilled(dir: string, command: readonly string[]): Promise<string> {
  const [program, ...args] = [...command, process.execPath, FIXTURE, dir];
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const [name = ''] = readdirSync(join(dir, '.kv', 'runs', 'tmp'));
  return name;
}

describe('the name of a process that is no more', () => {
  it('tells so on its machine', async () => {
    const name = await nameOfKilled(tempDir(), ['env']);
    expect(makerOf(name)).toBe('dead');
  });

  it.skipIf(!canUnshare)(
    'is foreign to another machine of the same name, and after a restart of this one (needs root on Linux for a mount namespace)',
    async () => {
      const dir = tempDir();
      const bootId = join(tempDir(), 'boot_id');
      writeFileSync(bootId, '01234567-89ab-4cde-8f01-23456789abcd\n');
      const script = `mount --bind ${bootId} ${BOOT_ID} && exec "$@"`;
      const name = await nameOfKilled(dir, ['unshare', '--mount', 'sh', '-c', script, 'sh']);
      expect(makerOf(name)).toBe('foreign');
      // It is listened for, and not heard.
      expect(await createBackend({ dir }).purge()).toMatchObject([{ removed: 1 }]);
    },
    20_000,
  );
});
