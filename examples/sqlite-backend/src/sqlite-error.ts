import { KvError } from '@kv/core';
import type { KvErrorCode } from '@kv/core';

/** What the primary result codes of SQLite (https://sqlite.org/rescode.html) are to the users of a backend. */
const STATES: Readonly<Record<number, readonly [KvErrorCode, string]>> = {
  3: ['KV_ACCESS_DENIED', 'Give the user of the program the right to read and write it'],
  5: ['KV_STORAGE_BUSY', 'Another process holds it: try again'],
  8: ['KV_ACCESS_DENIED', 'Give the user of the program the right to write it'],
  11: ['KV_STORAGE_CORRUPT', 'Mend it with the tools of SQLite, or restore it'],
  13: ['KV_STORAGE_FULL', 'Free some space and write again'],
  14: ['KV_ACCESS_DENIED', 'Make sure that it can be created and opened there'],
  26: ['KV_STORAGE_CORRUPT', 'It is no database: move it away'],
};

/** Makes a `KvError` of what SQLite says; every other error stays what it is. */
export function sqliteError(error: unknown, file: string): unknown {
  if (!(error instanceof Error && 'errcode' in error)) return error;
  const state = STATES[Number(error.errcode) & 0xff];
  const [code, remedy] = state ?? ['KV_BACKEND_FAILED' as const, 'The cause says more'];
  return new KvError(code, `The database ${file} failed: ${error.message}. ${remedy}.`, {
    cause: error,
    details: { path: file },
  });
}
