import { KvError } from '@kv/core';
import type { RecordInfo, StorageCapabilities, WriteOptions } from '@kv/core';
import type { ApiContext } from './api-context.js';
import { ApiError } from './api-error.js';

/** Puts the version of a record in the form of the header `ETag`. */
export function toEntityTag(etag: string): string {
  return `"${etag}"`;
}

/**
 * Compares the conditions of a read with what is there: whether the client has it already.
 *
 * @throws ApiError 412.
 */
export function isNotModified(c: ApiContext, { key, etag }: RecordInfo): boolean {
  const tag = toEntityTag(etag);
  const ifMatch = c.req.header('if-match');
  if (ifMatch !== undefined && !listsTag(ifMatch, tag)) {
    throw new ApiError(412, 'precondition-failed', `The record ${JSON.stringify(key)} has the ETag ${tag}.`);
  }
  const ifNoneMatch = c.req.header('if-none-match');
  return ifNoneMatch !== undefined && listsTag(ifNoneMatch.replaceAll('W/', ''), tag);
}

/**
 * Reads the conditions of a write.
 *
 * @throws ApiError 400 for more than one tag.
 * @throws KvError `KV_NOT_SUPPORTED`.
 */
export function writeConditions(c: ApiContext, capabilities: StorageCapabilities): WriteOptions {
  const ifMatch = singleTag(c, 'if-match');
  const ifNoneMatch = singleTag(c, 'if-none-match');
  if ((ifMatch ?? ifNoneMatch) === undefined) return {};
  if (capabilities.conditionalWrites) return { ifMatch, ifNoneMatch };
  const message =
    'The place where this server keeps its data has no conditional writes. Leave out If-Match and If-None-Match.';
  throw new KvError('KV_NOT_SUPPORTED', message, { details: { capability: 'conditionalWrites' } });
}

function listsTag(header: string, tag: string): boolean {
  return header.split(',').some((item) => ['*', tag].includes(item.trim()));
}

function singleTag(c: ApiContext, name: string): string | undefined {
  const value = c.req.header(name)?.trim();
  if (value === undefined || value === '*') return value;
  const tag = /^"([^"]+)"$/.exec(value)?.[1];
  if (tag !== undefined) return tag;
  throw new ApiError(400, 'invalid-header', `The header "${name}" of a write must be one ETag in quotes, or *.`);
}
