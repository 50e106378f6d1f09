import type { KeyInfo, KeyValueStoreBackend, ListKeysOptions, ListKeysPage } from '@kv/core';
import { brokenStore } from './mutant.ts';
import type { Mutant } from './mutant.ts';

/** The rules of a listing; a mutant breaks one of them. */
interface Rules {
  readonly begins: (key: string, prefix: string) => boolean;
  readonly isAfter: (key: string, cursor: string, all: readonly KeyInfo[]) => boolean;
  readonly compare: (a: KeyInfo, b: KeyInfo) => number;
  readonly count: (limit: number) => number;
  readonly isTruncated: (found: number, limit: number, all: number) => boolean;
  readonly next: (items: readonly KeyInfo[], found: readonly KeyInfo[]) => string;
}

const RULES: Rules = {
  begins: (key, prefix) => key.startsWith(prefix),
  isAfter: (key, cursor) => key > cursor,
  compare: (a, b) => (a.key < b.key ? -1 : 1),
  count: (limit) => limit,
  isTruncated: (found, limit) => found > limit,
  next: (items) => items.at(-1)?.key ?? '',
};

function brokenRule(name: string, defect: string, broken: Partial<Rules>): Mutant {
  const rules = { ...RULES, ...broken };
  return brokenStore(name, defect, () => (store) => ({
    listKeys: async (options: ListKeysOptions = {}): Promise<ListKeysPage> => {
      await store.listKeys(options);
      const { prefix = '', exclusiveStartKey: cursor, limit = 1000 } = options;
      const all = await listAll(store);
      const found = all
        .filter(({ key }) => rules.begins(key, prefix) && (cursor === undefined || rules.isAfter(key, cursor, all)))
        .toSorted(rules.compare);
      const items = found.slice(0, rules.count(limit));
      const isTruncated = rules.isTruncated(found.length, limit, all.length);
      const nextExclusiveStartKey = isTruncated ? rules.next(items, found) : null;
      return { items, count: items.length, limit, isTruncated, nextExclusiveStartKey };
    },
  }));
}

/** Changes the page that the listing gives. */
function brokenPage(name: string, defect: string, broken: (page: ListKeysPage) => Partial<ListKeysPage>): Mutant {
  return brokenStore(name, defect, () => (store) => ({
    listKeys: async (options) => {
      const page = await store.listKeys(options);
      return { ...page, ...broken(page) };
    },
  }));
}

async function listAll(store: KeyValueStoreBackend): Promise<KeyInfo[]> {
  const all: KeyInfo[] = [];
  for (let next: string | null | undefined; next !== null;) {
    const page: ListKeysPage = await store.listKeys({ exclusiveStartKey: next });
    all.push(...page.items);
    next = page.nextExclusiveStartKey;
  }
  return all;
}

/** Listings that go wrong. */
export const LISTING_MUTANTS: readonly Mutant[] = [
  brokenRule('inclusive-cursor', 'Lists the cursor again: `>=` for `>`.', { isAfter: (key, cursor) => key >= cursor }),
  brokenRule('ignored-cursor', 'Begins every page at the first key.', { isAfter: () => true }),
  brokenRule('cursor-must-exist', 'Finds nothing after a cursor that is no key.', {
    isAfter: (key, cursor, all) => all.some((item) => item.key === cursor) && key > cursor,
  }),
  brokenRule('lost-cursor', 'Begins anew when the key of the cursor was deleted.', {
    isAfter: (key, cursor, all) => !all.some((item) => item.key === cursor) || key > cursor,
  }),
  brokenRule('numeric-cursor', 'Compares the cursor as people count: `key-10` after `key-9`.', {
    isAfter: (key, cursor) => key.localeCompare(cursor, 'en', { numeric: true }) > 0,
  }),
  brokenRule('ignored-prefix', 'Lists all keys whatever the prefix.', { begins: () => true }),
  brokenRule('prefix-anywhere', 'Takes keys that have the prefix inside.', {
    begins: (key, prefix) => key.includes(prefix),
  }),
  brokenRule('prefix-without-case', 'Takes `User` for the prefix `user`.', {
    begins: (key, prefix) => key.toLowerCase().startsWith(prefix.toLowerCase()),
  }),
  brokenRule('prefix-as-pattern', 'Takes the prefix for a regular expression, where a dot is any character.', {
    begins: (key, prefix) => new RegExp(`^${prefix.replaceAll(/[()]/g, String.raw`\$&`)}`).test(key),
  }),
  brokenRule('prefix-as-folder', 'Takes the prefix for a folder: `users` does not list `users2`.', {
    begins: (key, prefix) => key === prefix || (key.startsWith(prefix) && !/[a-z0-9]/i.test(key.charAt(prefix.length))),
  }),
  brokenRule('locale-order', 'Sorts as people do: `a`, `B`, `c`.', { compare: (a, b) => a.key.localeCompare(b.key) }),
  brokenRule('descending-order', 'Sorts from the last to the first.', { compare: (a, b) => (a.key < b.key ? 1 : -1) }),
  brokenRule('length-order', 'Sorts shorter keys first.', {
    compare: (a, b) => a.key.length - b.key.length || RULES.compare(a, b),
  }),
  brokenRule('ignored-limit', 'Gives all keys whatever the limit.', { count: () => Number.POSITIVE_INFINITY }),
  brokenRule('limit-plus-one', 'Gives one key more than the limit.', { count: (limit) => limit + 1 }),
  brokenRule('limit-minus-one', 'Gives one key fewer than the limit.', { count: (limit) => Math.max(1, limit - 1) }),
  brokenRule('truncated-when-full', 'Takes a full page for a truncated one: `>=` for `>`.', {
    isTruncated: (found, limit) => found >= limit && found > 0,
  }),
  brokenRule('truncated-by-others', 'Counts keys outside of the prefix for what remains.', {
    isTruncated: (found, limit, all) => found > 0 && all > limit && all !== found,
  }),
  brokenRule('never-truncated', 'Lists the first page alone.', { isTruncated: () => false }),
  brokenRule('cursor-of-next-page', 'Gives the first key of the next page as the cursor, so that it is skipped.', {
    next: (items, found) => found[items.length]?.key ?? '',
  }),
  brokenPage('no-sizes', 'Lists every size as 0.', ({ items }) => ({
    items: items.map(({ key }) => ({ key, size: 0 })),
  })),
  brokenPage('count-of-limit', 'Tells the limit for the count.', ({ limit }) => ({ count: limit })),
  brokenPage('limit-of-count', 'Tells the count for the limit.', ({ count }) => ({ limit: count })),
  brokenPage('cursor-at-the-end', 'Gives a cursor on the last page too.', ({ items, nextExclusiveStartKey }) => ({
    nextExclusiveStartKey: nextExclusiveStartKey ?? items.at(-1)?.key ?? null,
  })),
  brokenStore('default-limit-of-100', 'Lists 100 keys where no limit is given.', () => (store) => ({
    listKeys: async (options) => store.listKeys({ ...options, limit: options?.limit ?? 100 }),
  })),
  brokenStore('lenient-limit', 'Cuts a limit to size instead of refusing it.', () => (store) => ({
    listKeys: async (options = {}) => {
      const { limit = 1000 } = options;
      const isNumber = typeof limit === 'number';
      return store.listKeys({
        ...options,
        limit: isNumber ? Math.min(1000, Math.max(1, Math.trunc(limit) || 1)) : limit,
      });
    },
  })),
  brokenStore(
    'offset-cursor',
    'Remembers a cursor as a position, which moves when keys come and go.',
    () => (store) => {
      const positions = new Map<string, number>();
      return {
        listKeys: async (options = {}) => {
          const { exclusiveStartKey: cursor, prefix } = options;
          const begin = cursor === undefined ? 0 : positions.get(cursor);
          if (begin === undefined || prefix !== undefined) return store.listKeys(options);
          const all = await listAll(store);
          const limit = options.limit ?? 1000;
          const items = all.slice(begin, begin + limit);
          const isTruncated = begin + limit < all.length;
          const last = items.at(-1)?.key ?? null;
          if (last !== null) positions.set(last, begin + limit);
          return { items, count: items.length, limit, isTruncated, nextExclusiveStartKey: isTruncated ? last : null };
        },
      };
    },
  ),
  brokenStore('frozen-walk', 'Lists from a copy of the keys that it made for the first page.', () => (store) => {
    let copy: readonly KeyInfo[] = [];
    return {
      listKeys: async (options = {}) => {
        const page = await store.listKeys(options);
        const { exclusiveStartKey: cursor, limit = 1000, prefix = '' } = options;
        if (cursor === undefined) copy = await listAll(store);
        if (prefix !== '' || !copy.some(({ key }) => key === cursor)) return page;
        const found = copy.filter(({ key }) => key > (cursor ?? ''));
        const items = found.slice(0, limit);
        const isTruncated = found.length > limit;
        const next = isTruncated ? (items.at(-1)?.key ?? null) : null;
        return { items, count: items.length, limit, isTruncated, nextExclusiveStartKey: next };
      },
    };
  }),
];
