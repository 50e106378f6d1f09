import { isKvError } from '@kv/core';
import { adoptFile } from '../layout/adopted-file.js';
import { decodeStem } from '../layout/file-stem.js';
import { isSidecarName, readSidecar, sidecarStem } from '../layout/sidecar.js';
import type { StoreDirectory } from '../store/store-directory.js';

const SECOND_CHOICE = /~\d+(?=\.\w+$|$)/;

/** Gives the key of the record that a file seems to be, or to describe; `undefined` for what is no record. */
export function keyOfFile(store: StoreDirectory, name: string): string | undefined {
  if (!isSidecarName(name)) return adoptFile(name, store.ignoresCase)?.key;
  const stem = sidecarStem(name);
  return decodeStem(stem, store.ignoresCase) ?? readKey(store, stem);
}

/**
 * Gives the key, with or without an extension, that a file belongs to, be it whole or left by half a write; `undefined` for
 * what nobody but people and other tools can have put there.
 */
export function ownerOfFile(store: StoreDirectory, name: string): string | undefined {
  const key = keyOfFile(store, name) ?? keyOfFile(store, name.replace(SECOND_CHOICE, ''));
  if (key !== undefined) return key;
  const hashedStem = name.slice(0, name.lastIndexOf('.')).replace(SECOND_CHOICE, '');
  const isOurs = isSidecarName(name) || SECOND_CHOICE.test(name) || hashedStem.includes('+');
  return isOurs ? (readKey(store, hashedStem) ?? name) : undefined;
}

/** A hashed name does not tell its key: the sidecar does. */
function readKey(store: StoreDirectory, stem: string): string | undefined {
  try {
    return readSidecar(store.path, stem)?.key;
  } catch (error) {
    if (isKvError(error, 'KV_RECORD_CORRUPT') || isKvError(error, 'KV_ACCESS_DENIED')) return undefined;
    throw error;
  }
}
