import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { KEY_VALUE_STORE_CASES } from '../src/index.js';

it('runs under node:test, where it passes and skips what it does under vitest', async () => {
  const file = join(import.meta.dirname, 'fixtures', 'memory-under-node-test.ts');
  // Set by a runner that is itself under node:test, it would change the output.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', file], { env });
  const total = (field: string): number => Number(new RegExp(`^# ${field} (\\d+)$`, 'm').exec(stdout)?.[1]);
  const skipped = KEY_VALUE_STORE_CASES.filter(({ needs = [] }) =>
    needs.some((capability) => capability === 'publicUrls' || capability === 'persistent'),
  ).length;
  expect({ pass: total('pass'), fail: total('fail'), skipped: total('skipped') }).toEqual({
    pass: KEY_VALUE_STORE_CASES.length - skipped,
    fail: 0,
    skipped,
  });
  expect(stdout).toMatch(/ok \d+ - KVS-099 .* # SKIP the backend does not declare publicUrls/);
  expect(stdout).toContain('memory: skipped KVS-127 (no persistent), ');
});
