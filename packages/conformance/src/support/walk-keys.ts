import assert from 'node:assert/strict';
import type { KeyInfo, KeyValueStoreBackend, ListKeysOptions, ListKeysPage } from '@kv/core';

/** Lists a page, and asserts that it says the truth of itself. */
export async function listPage(store: KeyValueStoreBackend, options: ListKeysOptions = {}): Promise<ListKeysPage> {
  const page = await store.listKeys(options);
  const { items, count, limit, isTruncated, nextExclusiveStartKey } = page;
  assert.equal(limit, options.limit ?? 1000, 'the page tells the limit that was in force');
  assert.equal(count, items.length, 'the page tells how many items it has');
  assert.ok(items.length <= limit, `the page has ${items.length} items, more than the limit of ${limit}`);
  assert.equal(isTruncated, nextExclusiveStartKey !== null, 'the page has a cursor exactly when keys remain');
  if (isTruncated) assert.ok(items.length > 0, 'a page that is not the last one has items');
  return page;
}

/** Lists all keys through pages; `onPage` is called after each. */
export async function walk(
  store: KeyValueStoreBackend,
  options: ListKeysOptions = {},
  onPage: (page: ListKeysPage) => Promise<void> = async () => {},
): Promise<KeyInfo[]> {
  const all: KeyInfo[] = [];
  let exclusiveStartKey = options.exclusiveStartKey;
  for (;;) {
    const page = await listPage(store, { ...options, exclusiveStartKey });
    all.push(...page.items);
    await onPage(page);
    const next = page.nextExclusiveStartKey;
    if (next === null) return all;
    assert.ok(exclusiveStartKey === undefined || next > exclusiveStartKey, 'the cursor of a page moves on');
    exclusiveStartKey = next;
  }
}

/** Lists all keys through pages. */
export async function walkKeys(store: KeyValueStoreBackend, options?: ListKeysOptions): Promise<string[]> {
  return (await walk(store, options)).map(({ key }) => key);
}
