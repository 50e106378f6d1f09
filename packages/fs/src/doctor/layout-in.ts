import { join } from 'node:path';
import { guessLayout } from '../foreign/guess-layout.js';
import { layoutOf } from '../foreign/layout-name.js';
import type { LayoutName } from '../foreign/layout-name.js';
import { isFileError } from '../io/file-error.js';
import { readDescriptionAt } from '../io/read-description.js';
import { isSidecarName, METADATA_FILE } from '../layout/sidecar.js';

/** Tells whose file names a store uses. Where the metadata is gone or torn, the sidecars tell. */
export function layoutIn(dir: string, fileNames: readonly string[]): LayoutName {
  const metadata = readJson(join(dir, METADATA_FILE));
  return metadata ? layoutOf(metadata) : layoutOfSidecars(dir, fileNames);
}

/** Tells by the first sidecar that can be read whose file names a store uses. */
export function layoutOfSidecars(dir: string, fileNames: readonly string[]): LayoutName {
  for (const name of fileNames) {
    const layout = isSidecarName(name) ? guessLayout(dir, [name]) : undefined;
    if (layout !== undefined) return layout;
  }
  return 'kv';
}

function readJson(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return Object(JSON.parse(readDescriptionAt(path))) as Record<string, unknown>;
  } catch (error) {
    if (isFileError(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
