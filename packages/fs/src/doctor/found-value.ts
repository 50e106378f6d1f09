import { statSync } from 'node:fs';
import { isKvError } from '@kv/core';
import { isFileError } from '../io/file-error.js';
import { resolveRecord } from '../record/resolve-record.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { fileKind } from './file-kind.js';
import { accessProblem } from './site.js';
import type { SyncProblem } from './problem.js';

/** The file of a record, as a reader finds it. */
export interface FoundValue {
  readonly key: string;
  readonly name: string;
  readonly path: string;
  readonly contentType: string;
  readonly size: number;
}

/** Finds the file of a record; `undefined` when there is none, or something is in the way. */
export function findValue(store: StoreDirectory, key: string): FoundValue | undefined {
  try {
    const record = resolveRecord(store, key, {
      use: (path) => (fileKind(path) === 'file' ? statSync(path).size : undefined),
    });
    return (
      record && { key, name: record.name, path: record.path, contentType: record.contentType, size: record.result }
    );
  } catch (error) {
    // What stands in the way of this record is a finding of its own.
    const isDamage = isKvError(error, 'KV_RECORD_CORRUPT') || isKvError(error, 'KV_ACCESS_DENIED');
    if (isDamage || isFileError(error)) return undefined;
    throw error;
  }
}

/** Tells why a record that is there cannot be read. */
export async function valueProblem(
  { key, path }: FoundValue,
  findMistake: () => Promise<SyncProblem | undefined>,
): Promise<SyncProblem | undefined> {
  const denied = accessProblem(path, false);
  if (denied) return { ...denied, key };
  try {
    return await findMistake();
  } catch (error) {
    if (!isFileError(error)) throw error;
    return { code: 'access-denied', path, key, message: `${path} cannot be read: ${error.message}.` };
  }
}
