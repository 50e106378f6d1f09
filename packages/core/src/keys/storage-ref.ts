import { kindOf } from '../errors/quote.js';
import { assertStorageAlias, assertStorageName } from './storage-name.js';

/**
 * Says which storage is meant. At most one property may be given.
 *
 * - `{ id }`: the storage with this id; it must exist.
 * - `{ name }`: the storage with this name, kept for good; created when it does not exist.
 * - `{ alias }`: an unnamed storage of this run, known to it by the alias; created when it does not exist. Names and
 *   aliases are apart: the same word may be both.
 * - `{}`: the default storage of the run. The aliases `default` and `__default__` mean it too.
 */
export interface StorageRef {
  /** Id of a storage that exists. */
  readonly id?: string | undefined;
  /** Name of a storage to open or create. */
  readonly name?: string | undefined;
  /** Alias of a run-scoped storage to open or create. */
  readonly alias?: string | undefined;
}

/** A {@link StorageRef} after validation: which of its four forms it has. */
export type ResolvedStorageRef =
  | { readonly type: 'id'; readonly id: string }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'alias'; readonly alias: string }
  | { readonly type: 'default' };

/**
 * Validates a {@link StorageRef} and tells which form it has.
 *
 * @throws `TypeError` when it is not an object, gives more than one property or an unknown one, or a property is not a
 * string.
 * @throws {@link KvError} `KV_NAME_INVALID` when the name or alias is not legal.
 */
export function resolveStorageRef(ref: StorageRef): ResolvedStorageRef {
  if (typeof ref !== 'object' || ref === null) {
    throw new TypeError(`A storage is given as { id }, { name }, { alias } or {}, not as ${kindOf(ref)}.`);
  }
  const { id, name, alias, ...rest } = ref;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) {
    throw new TypeError(`A storage is given as { id }, { name }, { alias } or {}; there is no "${unknown}".`);
  }
  const given = Object.entries({ id, name, alias }).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    const words = given.map(([property]) => property).join(' and ');
    throw new TypeError(`A storage is given by one of id, name and alias, not by ${words} at once.`);
  }
  if (id !== undefined) return resolveId(id);
  if (name !== undefined) return resolveName(name);
  if (alias !== undefined) return resolveAlias(alias);
  return { type: 'default' };
}

function resolveId(id: unknown): ResolvedStorageRef {
  if (typeof id !== 'string') throw new TypeError(`The storage id must be a string, not ${kindOf(id)}.`);
  return { type: 'id', id };
}

function resolveName(name: unknown): ResolvedStorageRef {
  assertStorageName(name);
  return { type: 'name', name };
}

function resolveAlias(alias: unknown): ResolvedStorageRef {
  assertStorageAlias(alias);
  if (alias === 'default' || alias === '__default__') return { type: 'default' };
  return { type: 'alias', alias };
}
