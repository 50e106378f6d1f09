import { CONTENT_ENCODINGS, KvError } from '@kv/core';
import type { ContentEncoding, RecordInfo, StorageCapabilities, WriteOptions } from '@kv/core';
import type { ApiContext } from './api-context.js';
import { ApiError } from './api-error.js';
import { requestHeader } from './request-header.js';

const CODED_TAG = new RegExp(`^"([^"]+?)(?:;(?:${CONTENT_ENCODINGS.join('|')}))?"$`);

/**
 * Puts the version of a record in the form of the header `ETag`. Each coding of a version has a tag of its own, because its
 * bytes are others.
 */
export function toEntityTag(etag: string, coding?: ContentEncoding): string {
  return coding === undefined ? `"${etag}"` : `"${etag};${coding}"`;
}

/**
 * Compares the conditions of a read with what is there: whether the client has what it would get.
 *
 * @throws ApiError 412 when the client asks for another version, in whatever coding.
 */
export function isNotModified(c: ApiContext, { key, etag }: RecordInfo, coding: ContentEncoding | undefined): boolean {
  const ifMatch = requestHeader(c, 'if-match');
  if (
    ifMatch !== undefined &&
    ![undefined, ...CONTENT_ENCODINGS].some((any) => listsTag(ifMatch, toEntityTag(etag, any)))
  ) {
    const message = `The record ${JSON.stringify(key)} has the ETag ${toEntityTag(etag)}.`;
    throw new ApiError(412, 'precondition-failed', message);
  }
  const ifNoneMatch = requestHeader(c, 'if-none-match');
  return ifNoneMatch !== undefined && listsTag(ifNoneMatch.replaceAll('W/', ''), toEntityTag(etag, coding));
}

/**
 * Reads the conditions of a write. The tag of any coding of a version means that version.
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

function singleTag(c: ApiContext, name: Lowercase<string>): string | undefined {
  const value = requestHeader(c, name)?.trim();
  if (value === undefined || value === '*') return value;
  const tag = CODED_TAG.exec(value)?.[1];
  if (tag !== undefined) return tag;
  throw new ApiError(400, 'invalid-header', `The header "${name}" of a write must be one ETag in quotes, or *.`);
}
