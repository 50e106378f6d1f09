import type { ApiContext } from '../http/api-context.js';
import { ApiError } from '../http/api-error.js';
import type { Store } from './store.js';

/** Which keys of a store are meant. */
export interface KeyFilter {
  /** What the keys begin with. */
  readonly prefix: string | undefined;
  /** The only key, if there is but one. */
  readonly only: string | undefined;
  /** No key can be meant. */
  readonly isEmpty: boolean;
}

/**
 * Reads the parameters `prefix` and `collection`; with both, a key must satisfy both.
 *
 * @throws ApiError 400 `invalid-collection`.
 */
export async function keyFilter(c: ApiContext, store: Store): Promise<KeyFilter> {
  const prefix = c.req.query('prefix') || undefined;
  // A prefix that no key can have is no mistake: it matches nothing.
  const isImpossible = prefix !== undefined && !/^[a-zA-Z0-9!\-_.'()]{1,256}$/.test(prefix);
  const id = c.req.query('collection') || undefined;
  if (id === undefined) return { prefix, only: undefined, isEmpty: isImpossible };
  const { key, keyPrefix = '' } = await findCollection(store, id);
  if (key !== undefined) return { prefix: undefined, only: key, isEmpty: !key.startsWith(prefix ?? '') };
  const [short, long] = [prefix ?? '', keyPrefix].toSorted((a, b) => a.length - b.length);
  return { prefix: long, only: undefined, isEmpty: isImpossible || !long?.startsWith(short ?? '') };
}

async function findCollection(
  store: Store,
  id: string,
): Promise<{ readonly key?: string; readonly keyPrefix?: string }> {
  const schema = await store.getSchema();
  const collection = schema && Object.hasOwn(schema.collections, id) ? schema.collections[id] : undefined;
  if (collection) return collection;
  const problem = schema ? `has no collection ${JSON.stringify(id)}` : 'has no schema';
  throw new ApiError(400, 'invalid-collection', `The key-value store ${problem}.`);
}
