import { JSON_CONTENT_TYPE } from '@kv/core';
import { decodeStem } from './file-stem.js';
import { typeFor } from './media-types.js';
import { isSidecarName, METADATA_FILE } from './sidecar.js';

/**
 * The extensions that a file placed by hand may have beside its key, in the order in which they are looked for.
 *
 * A file with another extension is found under its whole name: a look-up must not try a thousand names.
 */
export const ADOPTED_EXTENSIONS: readonly string[] =
  'json - txt html htm csv tsv xml md png jpg jpeg gif webp svg pdf zip gz yaml yml js css jsonl bin'
    .split(' ')
    .map((extension) => (extension === '-' ? '' : extension));

/** A file without a sidecar, taken as a record. */
export interface AdoptedFile {
  /** The key that its name stands for. */
  readonly key: string;
  /** The smaller, the sooner it is found among several files for one key. */
  readonly rank: number;
}

/**
 * Tells which record a file without a sidecar is: `KEY.json`, or a file that was placed by hand.
 *
 * `undefined` for what is no record: hidden files, metadata, and names that no key is written as.
 */
export function adoptFile(fileName: string, ignoresCase: boolean): AdoptedFile | undefined {
  if (fileName.startsWith('.') || fileName === METADATA_FILE || isSidecarName(fileName)) return undefined;
  const extension = fileName.slice(fileName.lastIndexOf('.') + 1);
  const isKnown = extension !== fileName && extension !== '' && ADOPTED_EXTENSIONS.includes(extension);
  const stem = isKnown ? fileName.slice(0, -extension.length - 1) : fileName;
  // People do not write case tags: what they place by hand is plain.
  const key = decodeStem(stem, ignoresCase) ?? decodeStem(stem, false);
  if (key === undefined) return undefined;
  return { key, rank: ADOPTED_EXTENSIONS.indexOf(isKnown ? extension : '') };
}

/** Gives the content type of a file without a sidecar, by its extension. */
export function adoptedContentType(fileName: string): string {
  if (fileName.endsWith('.json')) return JSON_CONTENT_TYPE;
  return (fileName.includes('.') ? typeFor(fileName) : undefined) ?? 'application/octet-stream';
}
