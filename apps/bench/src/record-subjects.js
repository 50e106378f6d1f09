// Plain JavaScript, like the process that runs it: stripping types would add to the memory that is measured.
import * as sync from 'node:fs';
import * as promises from 'node:fs/promises';
import { join } from 'node:path';

/**
 * An open store of JSON values.
 *
 * @typedef {object} RecordStore
 * @property {(key: string, value: unknown) => unknown} set
 * @property {(key: string) => unknown} get
 * @property {(key: string) => unknown} delete
 * @property {() => Promise<number>} list Lists all keys, with sizes where the store knows them, and counts them.
 * @property {() => Promise<number>} [firstPage] As `list`, for the first 1,000.
 * @property {() => unknown} [close]
 */

const PAGE = 1000;
const JSON_TYPE = 'application/json; charset=utf-8';

/** Directory of the records in a directory of `@kv/fs`; the raw calls use the same. @param {string} dir */
export function recordsDir(dir) {
  return join(dir, 'key_value_stores', 'default');
}

/** @param {(cursor: string | undefined) => Promise<{ items: readonly unknown[], nextExclusiveStartKey?: string | null }>} readPage */
async function countPages(readPage) {
  let count = 0;
  for (let cursor; ;) {
    const { items, nextExclusiveStartKey } = await readPage(cursor);
    count += items.length;
    if (!nextExclusiveStartKey) return count;
    cursor = nextExclusiveStartKey;
  }
}

/** @param {string} dir */
async function openFs(dir) {
  const { createBackend } = await import('@kv/fs');
  const store = await createBackend({ dir }).openKeyValueStore({});
  return /** @type {RecordStore} */ ({
    set: (key, value) => store.setRecord({ key, value: Buffer.from(JSON.stringify(value)), contentType: JSON_TYPE }),
    get: (key) => store.getRecord(key),
    delete: (key) => store.deleteRecord(key),
    list: () => countPages((exclusiveStartKey) => store.listKeys({ limit: PAGE, exclusiveStartKey })),
    firstPage: async () => (await store.listKeys({ limit: PAGE })).count,
  });
}

/** @param {string} dir */
async function openSdk(dir) {
  const { Configuration, KeyValueStore } = await import('@kv/sdk');
  const config = new Configuration({ storageDir: dir, purgeOnStart: false });
  const store = await KeyValueStore.open(null, { config });
  return /** @type {RecordStore} */ ({
    set: (key, value) => store.setValue(key, value),
    get: (key) => store.getValue(key),
    delete: (key) => store.setValue(key, null),
    list: async () => {
      let count = 0;
      for await (const _ of store.keys()) count += 1;
      return count;
    },
  });
}

/** @param {string} dir */
function openRawSync(dir) {
  const path = recordsDir(dir);
  const temp = join(dir, 'temp');
  sync.mkdirSync(path, { recursive: true });
  /** @param {number} [limit] */
  const list = async (limit) => {
    const names = sync.readdirSync(path).toSorted().slice(0, limit);
    return names.map((name) => ({ key: name, size: sync.statSync(join(path, name)).size })).length;
  };
  return /** @type {RecordStore} */ ({
    set: (key, value) => {
      sync.writeFileSync(temp, JSON.stringify(value));
      sync.renameSync(temp, join(path, `${key}.json`));
    },
    get: (key) => {
      try {
        return sync.readFileSync(join(path, `${key}.json`));
      } catch {
        return undefined;
      }
    },
    delete: (key) => sync.unlinkSync(join(path, `${key}.json`)),
    list: () => list(),
    firstPage: () => list(PAGE),
  });
}

/** @param {string} dir */
function openRawPromises(dir) {
  const path = recordsDir(dir);
  sync.mkdirSync(path, { recursive: true });
  let count = 0;
  /** @param {number} [limit] */
  const list = async (limit) => {
    const names = (await promises.readdir(path)).toSorted().slice(0, limit);
    let listed = 0;
    for (let start = 0; start < names.length; start += 32) {
      const stats = await Promise.all(names.slice(start, start + 32).map((name) => promises.stat(join(path, name))));
      listed += stats.length;
    }
    return listed;
  };
  return /** @type {RecordStore} */ ({
    set: async (key, value) => {
      const temp = join(dir, `temp-${(count += 1)}`);
      await promises.writeFile(temp, JSON.stringify(value));
      await promises.rename(temp, join(path, `${key}.json`));
    },
    get: (key) => promises.readFile(join(path, `${key}.json`)).catch(() => undefined),
    delete: (key) => promises.unlink(join(path, `${key}.json`)),
    list: () => list(),
    firstPage: () => list(PAGE),
  });
}

/** @param {string} dir */
async function openCrawlee(dir) {
  const { MemoryStorage } = await import('@crawlee/memory-storage');
  const storage = new MemoryStorage({ localDataDirectory: dir });
  const { id } = await storage.keyValueStores().getOrCreate('default');
  const store = storage.keyValueStore(id);
  return /** @type {RecordStore} */ ({
    set: (key, value) => store.setRecord({ key, value, contentType: JSON_TYPE }),
    get: (key) => store.getRecord(key),
    delete: (key) => store.deleteRecord(key),
    list: () =>
      countPages((cursor) => store.listKeys({ limit: PAGE, ...(cursor ? { exclusiveStartKey: cursor } : {}) })),
    firstPage: async () => (await store.listKeys({ limit: PAGE })).items.length,
  });
}

/** @param {string} dir */
async function openUnstorage(dir) {
  const { createStorage } = await import('unstorage');
  const { default: driver } = await import('unstorage/drivers/fs');
  const store = createStorage({ driver: driver({ base: dir }) });
  return /** @type {RecordStore} */ ({
    set: (key, value) => store.setItem(key, /** @type {object} */ (value)),
    get: (key) => store.getItem(key),
    delete: (key) => store.removeItem(key),
    list: async () => (await store.getKeys()).length,
  });
}

/** @param {string} dir */
async function openKeyv(dir) {
  const { Keyv } = await import('keyv');
  const { KeyvSqlite } = await import('@keyv/sqlite');
  const store = new Keyv({ store: new KeyvSqlite(`sqlite://${join(dir, 'keyv.sqlite')}`) });
  return /** @type {RecordStore} */ ({
    set: (key, value) => store.set(key, value),
    get: (key) => store.get(key),
    delete: (key) => store.delete(key),
    list: async () => {
      let count = 0;
      for await (const _ of store.iterator?.() ?? []) count += 1;
      return count;
    },
    close: () => store.disconnect(),
  });
}

/** @param {string} dir */
async function openNodePersist(dir) {
  const { default: persist } = await import('node-persist');
  // With its queue, writes wait for up to a second.
  const store = persist.create({ dir, writeQueue: false });
  await store.init();
  return /** @type {RecordStore} */ ({
    set: (key, value) => store.setItem(key, value),
    get: (key) => store.getItem(key),
    delete: (key) => store.removeItem(key),
    list: async () => (await store.keys()).length,
  });
}

/** @param {string} dir */
async function openLevel(dir) {
  const { Level } = await import('level');
  /** @type {import('level').Level<string, unknown>} */
  const store = new Level(join(dir, 'level'), { valueEncoding: 'json' });
  await store.open();
  /** @param {number} limit */
  const list = async (limit) => {
    const entries = await store.iterator({ valueEncoding: 'buffer', limit }).all();
    return entries.length;
  };
  return /** @type {RecordStore} */ ({
    set: (key, value) => store.put(key, value),
    get: (key) => store.get(key),
    delete: (key) => store.del(key),
    list: () => list(-1),
    firstPage: () => list(PAGE),
    close: () => store.close(),
  });
}

/** @param {string} dir */
async function openSqlite(dir) {
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(join(dir, 'records.sqlite'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.exec('CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID');
  const set = db.prepare('INSERT OR REPLACE INTO records VALUES (?, ?)');
  const get = db.prepare('SELECT value FROM records WHERE key = ?').pluck();
  const remove = db.prepare('DELETE FROM records WHERE key = ?');
  const list = db.prepare('SELECT key, length(value) FROM records ORDER BY key LIMIT ?');
  return /** @type {RecordStore} */ ({
    set: (key, value) => set.run(key, JSON.stringify(value)),
    get: (key) => get.get(key),
    delete: (key) => remove.run(key),
    list: async () => list.all(-1).length,
    firstPage: async () => list.all(PAGE).length,
    close: () => db.close(),
  });
}

/**
 * The store, the raw limits and the peers. Each package is only loaded by the process that measures it.
 *
 * @type {Readonly<Record<string, (dir: string) => RecordStore | Promise<RecordStore>>>}
 */
export const RECORD_SUBJECTS = {
  '@kv/fs': openFs,
  '@kv/sdk': openSdk,
  'raw sync': openRawSync,
  'raw promises': openRawPromises,
  '@crawlee/memory-storage': openCrawlee,
  unstorage: openUnstorage,
  'node-persist': openNodePersist,
  '@keyv/sqlite': openKeyv,
  level: openLevel,
  'better-sqlite3': openSqlite,
};
