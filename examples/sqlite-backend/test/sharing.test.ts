import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, it } from 'node:test';
import { promisify } from 'node:util';
import { isKvError } from '@kv/core';
import { createBackend } from '../dist/index.js';

const FIXTURE = join(import.meta.dirname, 'fixtures', 'count-up.ts');
let dir = '';

beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'kv-sqlite-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('loses no update of four processes that open a new file at once and count up in one record', async () => {
  const run = promisify(execFile);
  await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, [FIXTURE, dir, '25'])));
  await using backend = createBackend({ dir });
  const store = await backend.openKeyValueStore({ name: 'counters' });
  const record = await store.getRecord('counter');
  assert.equal(new TextDecoder().decode(record?.value), '100');
});

it('says what is wrong with a file that is no database, and with a directory that cannot be', () => {
  const file = join(dir, 'kv.sqlite');
  writeFileSync(file, 'This is a text, and it is longer than the header of a database would be. '.repeat(20));
  assert.throws(
    () => createBackend({ dir }),
    (error) => isKvError(error, 'KV_STORAGE_CORRUPT') && error.message.includes(file),
  );
  assert.throws(
    () => createBackend({ dir: join(file, 'below') }),
    (error) => isKvError(error, 'KV_ACCESS_DENIED') && error.message.includes(join(file, 'below')),
  );
});
