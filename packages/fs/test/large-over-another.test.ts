import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

// How long a rename takes on ext4 is for `pnpm bench fs` to measure; here stands what keeps it short.
describe.skipIf(!canTrace)('a large value over another, by its system calls (needs strace)', () => {
  const dir = mkdtempSync(join(tmpdir(), 'kv-fs-large-'));
  let traced = '';

  beforeAll(() => {
    const fixture = fileURLToPath(new URL('fixtures/replace-large.ts', import.meta.url));
    const file = join(dir, 'trace');
    const calls = 'trace=?access,?faccessat,?faccessat2,close,ftruncate,?rename,?renameat,?renameat2,?link,?linkat';
    const args = ['-f', '-y', '-qq', '-e', calls, '-o', file, process.execPath, fixture, join(dir, 'storage')];
    execFileSync('strace', args);
    traced = readFileSync(file, 'utf8');
  }, 60_000);
  afterAll(() => rmSync(dir, { recursive: true }));

  it('has the new file get its blocks when it is closed, by a thread, before the rename', () => {
    const lines = (traced.split('"/begin/over"')[1] ?? '').split('\n');
    const main = traced.split(' ')[0];
    const truncated = lines.findIndex((line) => /ftruncate\(\d+<[^>]*\/\.kv\/tmp\/[^>]*>, 0/.test(line));
    const closed = lines.findIndex((line) => /close\(\d+<[^>]*\/\.kv\/tmp\//.test(line));
    const renamed = lines.findIndex((line) => /rename\w*\(.*video\.mp4"/.test(line));
    expect(truncated).toBeGreaterThanOrEqual(0);
    expect(closed).toBeGreaterThan(truncated);
    expect(renamed).toBeGreaterThan(closed);
    expect(lines[closed]?.split(' ')[0]).not.toBe(main);
  });

  it('leaves that to the system where there is nothing to replace', () => {
    const [, lines = ''] = traced.split('"/begin/over"')[0]?.split('"/begin/new"') ?? [];
    expect(lines).toContain('video.mp4');
    expect(lines).not.toContain('ftruncate');
  });
});
