import { BINARY_CONTENT_TYPE, createStorageId } from '@kv/core';

/** What the headers of an answer tell of a record. */
export interface RecordHeaders {
  readonly contentType: string;
  readonly etag: string;
  readonly modifiedAt: Date;
  /** Size of the value; `undefined` when the answer is compressed, or does not tell. */
  readonly size: number | undefined;
}

/**
 * Reads what an answer tells of a record, and puts what does no harm in place of what it does not tell: an etag that is equal to
 * no other, and the time of the answer as that of the write.
 */
export function readRecordHeaders(headers: Headers): RecordHeaders {
  const modified = Date.parse(headers.get('last-modified') ?? '');
  return {
    contentType: readContentType(headers),
    etag: readEtag(headers.get('etag')) ?? createStorageId(),
    modifiedAt: new Date(Number.isNaN(modified) ? Date.now() : modified),
    size: readSize(headers),
  };
}

/** Reads the content type of a record. */
export function readContentType(headers: Headers): string {
  return headers.get('content-type') ?? BINARY_CONTENT_TYPE;
}

function readEtag(header: string | null): string | undefined {
  return header === null ? undefined : (/^(?:W\/)?"(.+)"$/.exec(header)?.[1] ?? header);
}

function readSize(headers: Headers): number | undefined {
  const length = headers.get('content-length');
  const isPlain = [null, '', 'identity'].includes(headers.get('content-encoding'));
  return isPlain && length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
}
