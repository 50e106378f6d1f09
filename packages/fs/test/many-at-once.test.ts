import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { tempDir } from './helpers.js';

const run = promisify(execFile);

it.skipIf(process.platform === 'win32')(
  'writes 1,000 small and 1,000 large values at once with 64 file descriptors (not on Windows, which has no ulimit)',
  async () => {
    const script = fileURLToPath(new URL('fixtures/write-at-once.ts', import.meta.url));
    const command = `ulimit -n 64 && exec "${process.execPath}" "${script}" "${tempDir()}"`;
    const { stdout } = await run('/bin/sh', ['-c', command]);
    expect(stdout).toBe('2000 records\n');
  },
  120_000,
);
