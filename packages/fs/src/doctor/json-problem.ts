import { basename, join } from 'node:path';
import { decodeValue, isKvError, parseContentType } from '@kv/core';
import { encodeStem } from '../layout/file-stem.js';
import { sidecarName } from '../layout/sidecar.js';
import { readRecord } from '../record/read-record.js';
import type { StoreDirectory } from '../store/store-directory.js';
import type { FoundValue } from './found-value.js';
import { markOf } from './problem.js';
import type { SyncProblem } from './problem.js';
import type { Site } from './site.js';
import { isValueNameOf } from './value-names.js';

/** Larger records are not parsed: a text of half a gigabyte is more than a program can hold. */
const MAX_PARSED_BYTES = 64 * 1024 * 1024;

/** Finds out whether a JSON record is JSON. */
export async function jsonProblem(
  site: Site,
  store: StoreDirectory,
  value: FoundValue,
): Promise<SyncProblem | undefined> {
  const { key, path } = value;
  const mark = markOf(path);
  const message = await jsonMistake(store, value);
  if (message === undefined) return undefined;
  const stem = encodeStem(key, store.ignoresCase).text;
  const sidecar = join(store.path, sidecarName(stem));
  const sidecarMark = markOf(sidecar);
  // What a sidecar names under another record's name may be that record's value.
  const isOwn = sidecarMark === undefined || isValueNameOf(basename(path), stem);
  const repair = (): boolean => {
    if (isOwn && !site.quarantine.take(path, mark)) return false;
    return site.quarantine.take(sidecar, sidecarMark) || isOwn;
  };
  return { code: 'json-corrupt', path, key, message, repair };
}

/** Says what is wrong with the JSON of a record; `undefined` when nothing is, or it is of another type. */
export async function jsonMistake(
  store: StoreDirectory,
  { key, contentType, size }: FoundValue,
): Promise<string | undefined> {
  if (parseContentType(contentType)?.essence !== 'application/json' || size > MAX_PARSED_BYTES) return undefined;
  try {
    const found = await readRecord(store, key);
    if (found) decodeValue(found);
    return undefined;
  } catch (error) {
    // A position is that of a mistake in the JSON; all else is the sidecar's, which has been changed meanwhile.
    if (isKvError(error, 'KV_RECORD_CORRUPT')) return 'line' in error.details ? error.message : undefined;
    throw error;
  }
}
