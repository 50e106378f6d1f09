import { assertPreconditions, createStorageId } from '@kv/core';
import type {
  KeyInfo,
  KeyValueStoreChanges,
  KeyValueStoreRecord,
  KeyValueStoreRecordStream,
  RecordInfo,
  SetRecord,
  WriteOptions,
} from '@kv/core';
import { nameTaken, storeNotFound } from './database-errors.js';
import { IncomingValue } from './incoming-value.js';
import { outgoingStream } from './outgoing-stream.js';
import { SqliteConnection } from './sqlite-connection.js';
import type { Row } from './sqlite-connection.js';
import type { StoreAddress, StoreRow } from './store-row.js';

const SELECT_RECORD = 'SELECT * FROM records WHERE storeId = ? AND key = ?';

/** Keeps the stores and their records in one SQLite file, which many backends may have open, in one process or in several. */
export class SqliteDatabase {
  readonly location: string;
  readonly #connection: SqliteConnection;

  constructor(file: string) {
    this.location = file;
    this.#connection = new SqliteConnection(file);
  }

  /** Finds a store, or creates it. Of many that open the same new one at once, one creates it. */
  async openStore(address: StoreAddress): Promise<StoreRow> {
    return this.#find(address) ?? this.#connection.transaction(() => this.#find(address) ?? this.#create(address));
  }

  /** Finds a store by its id or by its address. */
  async findStore(target: string | StoreAddress): Promise<StoreRow | undefined> {
    return this.#find(target);
  }

  /** Reads a store; `KV_STORAGE_NOT_FOUND` when it is gone. So does every method below that takes an id. */
  async getStore(id: string): Promise<StoreRow> {
    return this.#get(id);
  }

  /** Lists all stores, by creation time and then by id. */
  async listStores(): Promise<readonly StoreRow[]> {
    return this.#connection.all('SELECT * FROM stores ORDER BY createdAt, id').map(toStoreRow);
  }

  /** Changes what is given; `KV_NAME_TAKEN` when another store has the name. */
  async updateStore(id: string, { name, ...changes }: KeyValueStoreChanges): Promise<StoreRow> {
    return this.#connection.transaction(() => {
      const store = this.#get(id);
      const { type, word }: StoreAddress = name === undefined ? store : { type: 'name', word: name };
      const owner = this.#find({ type, word });
      if (owner && owner.id !== id) throw nameTaken(word);
      const { title = store.title, generalAccess = store.generalAccess } = changes;
      const sql = 'UPDATE stores SET type = ?, word = ?, title = ?, generalAccess = ?, modifiedAt = ? WHERE id = ?';
      this.#connection.run(sql, type, word, title, generalAccess, Date.now(), id);
      return this.#get(id);
    });
  }

  /** Removes a store and all its records. */
  async dropStore(id: string): Promise<void> {
    if (this.#connection.run('DELETE FROM stores WHERE id = ?', id).changes === 0) throw storeNotFound(id);
  }

  /** Removes the records that are not kept, or only says which, ascending. */
  async purgeStore(
    id: string,
    isKept: (key: string) => boolean,
    isDryRun: boolean,
  ): Promise<{ removed: string[]; kept: number }> {
    return this.#connection.transaction(() => {
      this.#get(id);
      const rows = this.#connection.all('SELECT key FROM records WHERE storeId = ? ORDER BY key', id);
      const removed = rows.map(({ key }) => key as string).filter((key) => !isKept(key));
      const kept = rows.length - removed.length;
      if (isDryRun) return { removed, kept };
      for (const key of removed) this.#delete(id, key);
      this.#touch(id);
      return { removed, kept };
    });
  }

  /** Reads a record. */
  async readRecord(id: string, key: string): Promise<KeyValueStoreRecord | undefined> {
    this.#get(id);
    const sql = `SELECT contentType, bytes FROM (${SELECT_RECORD}) LEFT JOIN chunks USING (recordId) ORDER BY position`;
    const [first, ...rest] = this.#connection.all(sql, id, key);
    if (!first) return undefined;
    const chunks = [first, ...rest].map(({ bytes }) => (bytes ?? new Uint8Array()) as Uint8Array);
    const value = rest.length === 0 ? chunks[0] : new Uint8Array(await new Blob(chunks).arrayBuffer());
    return { key, value: value as Uint8Array, contentType: first['contentType'] as string };
  }

  /** Opens a record: the stream gives what the record was at this moment, whatever is written or deleted meanwhile. */
  async openRecord(id: string, key: string): Promise<KeyValueStoreRecordStream | undefined> {
    this.#get(id);
    const snapshot = this.#connection.snapshot();
    const row = snapshot.prepare(SELECT_RECORD).get(id, key);
    if (row) return { ...toRecordInfo(row), stream: outgoingStream(snapshot, row['recordId'] as number) };
    snapshot.close();
    return undefined;
  }

  /** Reads what is known of a record without its value. */
  async findRecord(id: string, key: string): Promise<RecordInfo | undefined> {
    this.#get(id);
    const row = this.#connection.get(SELECT_RECORD, id, key);
    return row && toRecordInfo(row);
  }

  /** Stores a record: value, type, size and etag at once, and only when the conditions of `options` hold in that moment. */
  async writeRecord(id: string, { key, value, contentType }: SetRecord, options: WriteOptions): Promise<void> {
    this.#get(id);
    const incoming = new IncomingValue(this.#connection, contentType);
    try {
      await incoming.receive(value, options.signal);
      this.#connection.transaction(() => {
        this.#get(id);
        assertPreconditions(key, options, this.#etagOf(id, key));
        this.#delete(id, key);
        const sql = 'INSERT INTO records (storeId, key, contentType, size, etag, modifiedAt) VALUES (?, ?, ?, ?, ?, ?)';
        const etag = incoming.etag();
        incoming.store(this.#connection.run(sql, id, key, contentType, incoming.size, etag, Date.now()).rowId);
        this.#touch(id);
      });
    } finally {
      incoming.discard();
    }
  }

  /** Removes a record if there is one, and only when the conditions of `options` hold in that moment. */
  async deleteRecord(id: string, key: string, options: WriteOptions): Promise<void> {
    this.#connection.transaction(() => {
      this.#get(id);
      assertPreconditions(key, options, this.#etagOf(id, key));
      if (this.#delete(id, key)) this.#touch(id);
    });
  }

  /** Lists the first `limit` keys with the prefix that come after a key, in ascending order of their bytes. */
  async listKeys(
    id: string,
    { prefix, after, limit }: { prefix: string; after: string; limit: number },
  ): Promise<KeyInfo[]> {
    this.#get(id);
    // One range of the index: nothing lies between a key and the same with a NUL, and `~` comes after all that a key may hold.
    const [from, to] = [prefix > after ? prefix : `${after}\0`, `${prefix}~`];
    const sql = 'SELECT key, size FROM records WHERE storeId = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?';
    const rows = this.#connection.all(sql, id, from, to, limit);
    return rows.map(({ key, size }) => ({ key: key as string, size: size as number }));
  }

  /** Lets go of everything; a second call does nothing. Every other method raises `KV_BACKEND_CLOSED` from then on. */
  async close(): Promise<void> {
    this.#connection.close();
  }

  #find(target: string | StoreAddress): StoreRow | undefined {
    const row =
      typeof target === 'string'
        ? this.#connection.get('SELECT * FROM stores WHERE id = ?', target)
        : this.#connection.get('SELECT * FROM stores WHERE type = ? AND word = ?', target.type, target.word);
    return row && toStoreRow(row);
  }

  #get(id: string): StoreRow {
    const store = this.#find(id);
    if (!store) throw storeNotFound(id);
    return store;
  }

  #create({ type, word }: StoreAddress): StoreRow {
    // A default store has the id that the program expects, unless a store that was given a name since has it.
    const id = type === 'default' && !this.#find(word) ? word : createStorageId();
    const sql = 'INSERT INTO stores (id, type, word, createdAt, modifiedAt) VALUES (?, ?, ?, ?, ?)';
    this.#connection.run(sql, id, type, word, Date.now(), Date.now());
    return this.#get(id);
  }

  #touch(id: string): void {
    this.#connection.run('UPDATE stores SET modifiedAt = ? WHERE id = ?', Date.now(), id);
  }

  #etagOf(id: string, key: string): string | undefined {
    return this.#connection.get(SELECT_RECORD, id, key)?.['etag'] as string | undefined;
  }

  #delete(id: string, key: string): boolean {
    return this.#connection.run('DELETE FROM records WHERE storeId = ? AND key = ?', id, key).changes > 0;
  }
}

function toStoreRow(row: Row): StoreRow {
  const { createdAt, modifiedAt } = row as { createdAt: number; modifiedAt: number };
  return { ...(row as unknown as StoreRow), createdAt: new Date(createdAt), modifiedAt: new Date(modifiedAt) };
}

function toRecordInfo({ key, contentType, size, etag, modifiedAt }: Row): RecordInfo {
  const known = { key, contentType, size, etag } as Omit<RecordInfo, 'modifiedAt'>;
  return { ...known, modifiedAt: new Date(modifiedAt as number) };
}
