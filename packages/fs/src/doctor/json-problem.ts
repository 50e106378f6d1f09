import { join } from 'node:path';
import { decodeValue, isKvError, parseContentType } from '@kv/core';
import { encodeStem } from '../layout/file-stem.js';
import { sidecarName } from '../layout/sidecar.js';
import { readRecord } from '../record/read-record.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { markOf } from './problem.js';
import type { SyncProblem } from './problem.js';
import type { Site } from './site.js';

/** Larger records are not parsed: a text of half a gigabyte is more than a program can hold. */
const MAX_PARSED_BYTES = 64 * 1024 * 1024;

interface ReadableRecord {
  readonly key: string;
  readonly path: string;
  readonly contentType: string;
  readonly size: number;
}

/** Finds out whether a JSON record is JSON. */
export async function jsonProblem(
  site: Site,
  store: StoreDirectory,
  record: ReadableRecord,
): Promise<SyncProblem | undefined> {
  const { key, path, contentType, size } = record;
  if (parseContentType(contentType)?.essence !== 'application/json' || size > MAX_PARSED_BYTES) return undefined;
  const mark = markOf(path);
  const found = await readRecord(store, key);
  const message = found && jsonMistake(found);
  if (message === undefined) return undefined;
  const sidecar = join(store.path, sidecarName(encodeStem(key, store.ignoresCase).text));
  const sidecarMark = markOf(sidecar);
  const repair = (): boolean => {
    if (!site.quarantine.take(path, mark)) return false;
    site.quarantine.take(sidecar, sidecarMark);
    return true;
  };
  return { code: 'json-corrupt', path, key, message, repair };
}

function jsonMistake(record: Parameters<typeof decodeValue>[0]): string | undefined {
  try {
    decodeValue(record);
    return undefined;
  } catch (error) {
    if (isKvError(error, 'KV_RECORD_CORRUPT')) return error.message;
    throw error;
  }
}
