import { parseContentType } from '@kv/core';
import type { FileStem } from './file-stem.js';
import { extensionFor, typeFor } from './media-types.js';

/**
 * Gives the name of the file for a value: `photo.png` for the key `photo` as for the key `photo.png`, and `photo~1.png` and so
 * on for those who find it taken.
 *
 * A file `KEY.json` says by its name that it is a JSON record, with or without a sidecar, so other JSON types never take it.
 *
 * @param attempt - 0 for the best name, 1 for the next.
 */
export function valueFileName(stem: FileStem, contentType: string, attempt: number): string {
  const essence = parseContentType(contentType)?.essence ?? '';
  const extension = extensionFor(essence) ?? 'bin';
  const count = extension === 'json' && !stem.isHashed ? attempt + 1 : attempt;
  if (count > 0) return `${stem.text}~${count}.${extension}`;
  const hasExtension = !stem.isHashed && stem.text.includes('.') && typeFor(stem.text) === essence;
  return hasExtension ? stem.text : `${stem.text}.${extension}`;
}
