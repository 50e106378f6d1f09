import { isRecordKey } from '@kv/core';
import { isSidecarName, METADATA_FILE, sidecarName, sidecarStem } from '../layout/sidecar.js';
import type { StoreDirectory } from '../store/store-directory.js';
import { readSidecarOr } from './foreign-files.js';
import { hasExtensions } from './layout-name.js';
import { looseKey } from './loose-file.js';
import { unquoteKey } from './quoted-stem.js';

/**
 * Gives the keys that the files in a store of another tool may belong to.
 *
 * Not every one is a record: whoever lists the keys looks at each.
 */
export function foreignKeys(store: StoreDirectory, names: readonly string[]): ReadonlySet<string> {
  const keys = new Set(foreignOwners(store, names).values());
  // With Crawlee 3 the file `photo.png` may be that of `photo` as well as that of `photo.png`.
  const loose = store.layout === 'crawlee3' ? names.filter(isValueName) : [];
  for (const key of loose.map((name) => looseKey(store, name))) if (key !== undefined) keys.add(key);
  return keys;
}

/**
 * Gives for the files in a store of another tool, value or sidecar, the keys that they belong to. Those that are no record's,
 * as with Python's tools, which take any text for a key, are not in it.
 */
export function foreignOwners(store: StoreDirectory, names: readonly string[]): ReadonlyMap<string, string> {
  const stems = names.filter((name) => isSidecarName(name) && name !== METADATA_FILE).map(sidecarStem);
  const named = new Set(stems);
  const loose = names.filter((name) => isValueName(name) && !named.has(name));
  const owners = new Map<string, string>();
  const spare: (readonly [name: string, key: string])[] = [];
  for (const stem of stems) {
    const { key, files } = describe(store, stem, loose.length > 0);
    if (!isRecordKey(key)) continue;
    owners.set(sidecarName(stem), key);
    for (const [index, file] of files.entries())
      if (index === 0) owners.set(file, key);
      else spare.push([file, key]);
  }
  for (const name of loose) {
    const key = looseKey(store, name);
    if (key !== undefined) spare.push([name, key]);
  }
  for (const [name, key] of spare) if (!owners.has(name)) owners.set(name, key);
  return owners;
}

/** A sidecar need not be read when its name is that of its key, unless there are files that it may speak of. */
function describe(store: StoreDirectory, stem: string, hasLoose: boolean): { key: string; files: readonly string[] } {
  const key = unquoteKey(stem);
  // The input is named by its file. Where files have extensions, all sidecars are.
  const isNamedByKey = key !== undefined && !hasExtensions(store.layout) && !stem.startsWith('INPUT.');
  const sidecar = isNamedByKey && !hasLoose ? undefined : readSidecarOr(store, stem, 'ignore');
  if (!sidecar) return { key: key ?? stem, files: [stem] };
  return { key: sidecar.key, files: [...sidecar.files, ...(sidecar.replaces ? [sidecar.replaces.file] : [])] };
}

function isValueName(name: string): boolean {
  return !isSidecarName(name) && name !== METADATA_FILE;
}
