import { join } from 'node:path';
import { guessLayout } from '../foreign/guess-layout.js';
import { layoutOf } from '../foreign/layout-name.js';
import { isFileError } from '../io/file-error.js';
import { listNames } from '../io/list-names.js';
import { readDescriptionAt } from '../io/read-description.js';
import { isSidecarName, METADATA_FILE } from '../layout/sidecar.js';

/**
 * Tells whether another tool keeps a store: its files have rules of their own, and are not to be mended by ours. Where the
 * metadata is gone or torn, the sidecars tell.
 */
export function isForeign(dir: string): boolean {
  const metadata = readJson(join(dir, METADATA_FILE));
  if (metadata) return layoutOf(metadata) !== 'kv';
  const sidecars = listNames(dir).filter((name) => isSidecarName(name));
  return (guessLayout(dir, sidecars) ?? 'kv') !== 'kv';
}

function readJson(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return Object(JSON.parse(readDescriptionAt(path))) as Record<string, unknown>;
  } catch (error) {
    if (isFileError(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
