import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { CHECK_RESPONSES } from './run-program.js';
import { ServerProcess } from './server-process.js';
import { TOKEN } from './start-server.js';

/** What of 512 MiB may be in memory at once, besides what Node itself needs: some 60 MiB. */
const LIMIT_MIB = 180;

it('streams of 512 MiB up and down take constant memory in the client', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'kv-integration-memory-'));
  const server = await ServerProcess.start(dir);
  onTestFinished(async () => {
    await server.end('SIGTERM');
    rmSync(dir, { recursive: true, force: true });
  });
  const program = join(import.meta.dirname, 'fixtures/stream-large.ts');
  const child = spawn(process.execPath, ['--expose-gc', CHECK_RESPONSES, program, server.url, TOKEN], {
    env: { PATH: process.env['PATH'], APIFY_API_BASE_URL: server.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect(code).toBe(0);
  const { uploadMib, downloadMib, isSame } = JSON.parse(output) as Record<string, unknown>;
  expect(isSame).toBe(true);
  expect(uploadMib).toBeLessThan(LIMIT_MIB);
  expect(downloadMib).toBeLessThan(LIMIT_MIB);
}, 180_000);
