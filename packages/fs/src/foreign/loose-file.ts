import { extname } from 'node:path';
import { isRecordKey } from '@kv/core';
import { adoptedContentType, adoptFile } from '../layout/adopted-file.js';
import { decodeStem } from '../layout/file-stem.js';
import { typeFor } from '../layout/media-types.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { hasExtensions } from './layout-name.js';

/** Tells the key of a file that no sidecar speaks of; `undefined` for what is no record. */
export function looseKey({ layout, ignoresCase }: StoreDirectory, fileName: string): string | undefined {
  const extension = extname(fileName);
  // What Crawlee 4 and Python's tools were about to rename when they were stopped.
  if (fileName.startsWith('.tmp.') || extension === '.tmp') return undefined;
  if (!hasExtensions(layout)) return adoptFile(fileName, ignoresCase)?.key;
  // Not a record, though these tools take it for one: `.DS_Store`.
  if (fileName.startsWith('.') && extension === '') return undefined;
  const stem = extension === '' ? fileName : fileName.slice(0, -extension.length);
  const key = decodeStem(stem, ignoresCase) ?? decodeStem(stem, false) ?? stem;
  return isRecordKey(key) ? key : undefined;
}

/** Tells the content type of a file that no sidecar speaks of. */
export function looseContentType({ layout }: StoreDirectory, fileName: string): string {
  if (layout !== 'crawlee3') return adoptedContentType(fileName);
  // A key that is an extension, such as `csv`, is the name of its file there.
  const essence = typeFor(fileName) ?? 'application/octet-stream';
  return isText(essence) ? `${essence}; charset=utf-8` : essence;
}

function isText(essence: string): boolean {
  return essence.startsWith('text/') || essence === 'application/json' || essence === 'application/javascript';
}
