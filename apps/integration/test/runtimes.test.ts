import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createBackend as createMemoryBackend } from '@kv/memory';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer, TOKEN } from './start-server.js';

const PROGRAM = join(import.meta.dirname, 'fixtures/portable.ts');
const { platform, arch } = process;

/** A runtime that has `fetch`. */
interface Runtime {
  readonly name: string;
  /** Path of its program; `undefined` where it cannot be had. */
  readonly path: string | undefined;
  /** What comes before the path of a program. */
  readonly args: readonly string[];
}

/** Finds a file of a package that comes for one platform only, with the package that all platforms have. */
function findBinary(owner: string, name: string, file: string): string | undefined {
  const fromOwner = createRequire(createRequire(import.meta.url).resolve(`${owner}/package.json`));
  try {
    const path = join(dirname(fromOwner.resolve(`${name}/package.json`)), file);
    execFileSync(path, ['--version']);
    return path;
  } catch {
    return undefined;
  }
}

const RUNTIMES: readonly Runtime[] = [
  { name: 'Node', path: process.execPath, args: [] },
  {
    name: 'Deno',
    path: findBinary('deno', `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`, 'deno'),
    // What it may do, and no more: to connect to this machine.
    args: ['run', '--allow-net=127.0.0.1', '--node-modules-dir=manual', '--no-remote', '--quiet'],
  },
  {
    name: 'Bun',
    path: findBinary('bun', `@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}`, 'bin/bun'),
    args: [],
  },
];

describe.each(RUNTIMES)('@kv/cloud in $name', ({ path, args }) => {
  it.skipIf(path === undefined)(
    'stores, reads, streams, lists and fails alike (skipped where its binary is not for this machine)',
    async () => {
      const { url, close } = await startServer(createMemoryBackend());
      onTestFinished(close);
      const child = spawn(path!, [...args, PROGRAM, url, TOKEN], { stdio: ['ignore', 'pipe', 'pipe'] });
      const exit = once(child, 'exit');
      const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout)).toEqual({
        text: true,
        stream: { isSame: true, length: 5_242_880, contentType: 'video/mp4', size: 5_242_880 },
        keys: ["!-_.'() 2", 'stream 5242880', 'text 10000'],
        pages: ['text'],
        absent: true,
        publicUrl: true,
        broken: 'The source is broken.',
        aborted: 'Not any more.',
        errors: [
          'KV_KEY_INVALID',
          'KV_STORAGE_NOT_FOUND',
          'KV_ACCESS_DENIED',
          'KV_BACKEND_FAILED',
          'KV_PRECONDITION_FAILED',
        ],
        gone: 'KV_STORAGE_NOT_FOUND',
      });
    },
  );
});
