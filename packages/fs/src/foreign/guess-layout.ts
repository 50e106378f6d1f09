import { isSidecarName, METADATA_FILE, readSidecarFile, sidecarStem } from '../layout/sidecar.js';
import type { LayoutName } from './layout-name.js';

/**
 * Tells by its files which tool has made a store that has no metadata; `undefined` when no tool has.
 *
 * Crawlee 3 leaves values alone. What a person puts there before the first run is the input.
 */
export function guessLayout(dir: string, names: readonly string[]): LayoutName | undefined {
  const sidecar = names.find((name) => isSidecarName(name) && name !== METADATA_FILE);
  if (sidecar !== undefined) return layoutOfSidecar(dir, sidecar);
  return names.some((name) => !name.startsWith('.') && !/^INPUT(\.|$)/.test(name)) ? 'crawlee3' : undefined;
}

function layoutOfSidecar(dir: string, name: string): LayoutName | undefined {
  try {
    const content: unknown = JSON.parse(readSidecarFile(dir, sidecarStem(name))?.text ?? '');
    if (typeof content === 'string') return 'crawlee3';
    const properties = Object(content) as Record<string, unknown>;
    if (typeof properties['file'] === 'string') return 'extension' in properties ? 'crawlee3' : 'kv';
    return 'content_type' in properties ? 'python' : 'crawlee';
  } catch {
    return undefined;
  }
}
