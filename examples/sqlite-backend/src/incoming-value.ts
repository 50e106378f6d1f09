import { createHash } from 'node:crypto';
import type { SetRecord } from '@kv/core';
import type { SqliteConnection } from './sqlite-connection.js';

/** Values are cut into chunks of this size, so that none has to be in memory whole. */
const CHUNK_BYTES = 1024 * 1024;

const INSERT_CHUNK = 'INSERT INTO chunks (recordId, position, bytes) VALUES (?, ?, ?)';
const INSERT_INCOMING = 'INSERT INTO incoming (upload, position, bytes) VALUES (?, ?, ?)';
const COPY_INCOMING =
  'INSERT INTO chunks (recordId, position, bytes) SELECT ?, position, bytes FROM incoming WHERE upload = ?';

let uploads = 0;

/** A value on its way into a record. What comes as a stream waits in a table of the connection's own. */
export class IncomingValue {
  readonly #connection: SqliteConnection;
  readonly #upload = (uploads += 1);
  readonly #hash = createHash('sha256');
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #chunks = 0;
  size = 0;

  constructor(connection: SqliteConnection, contentType: string) {
    this.#connection = connection;
    this.#hash.update(contentType).update('\0');
  }

  /** Takes in a value to its end. */
  async receive(value: SetRecord['value'], signal: AbortSignal | undefined): Promise<void> {
    if (value instanceof Uint8Array) return this.#add(value);
    const sink = new WritableStream<Uint8Array>({
      write: (chunk) => {
        this.#add(chunk.slice());
        if (this.#pendingBytes >= CHUNK_BYTES) this.#putAside();
      },
    });
    await value.pipeTo(sink, signal ? { signal } : {});
  }

  /** Writes the value to a record, in the transaction that makes the record. */
  store(recordId: number): void {
    this.#connection.run(COPY_INCOMING, recordId, this.#upload);
    this.#insertPending(INSERT_CHUNK, recordId);
  }

  /** Lets go of the value, stored or not. */
  discard(): void {
    if (this.#chunks > 0) this.#connection.run('DELETE FROM incoming WHERE upload = ?', this.#upload);
  }

  /** Gives the version of a record with this value. */
  etag(): string {
    return this.#hash.digest('base64url');
  }

  #add(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.size += bytes.length;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
  }

  #putAside(): void {
    this.#insertPending(INSERT_INCOMING, this.#upload);
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #insertPending(sql: string, owner: number): void {
    const bytes = Buffer.concat(this.#pending);
    for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
      this.#connection.run(sql, owner, this.#chunks, bytes.subarray(start, start + CHUNK_BYTES));
      this.#chunks += 1;
    }
  }
}
