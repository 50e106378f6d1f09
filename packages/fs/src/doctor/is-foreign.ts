import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFileError } from '../io/file-error.js';
import { METADATA_FILE } from '../layout/sidecar.js';

/** Tells whether another tool keeps a store: its files have rules of their own, and are not to be mended by ours. */
export function isForeign(dir: string): boolean {
  const metadata = readJson(join(dir, METADATA_FILE));
  // Each tool writes names and times in its own way.
  return 'created_at' in metadata || 'userId' in metadata || !/Z$|^undefined$/.test(String(metadata['createdAt']));
}

function readJson(path: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(readFileSync(path, 'utf8'))) as Record<string, unknown>;
  } catch (error) {
    if (isFileError(error) || error instanceof SyntaxError) return {};
    throw error;
  }
}
