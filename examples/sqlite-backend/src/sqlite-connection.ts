import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DatabaseSyncOptions, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { KvError } from '@kv/core';
import { backendClosed } from './database-errors.js';
import { SCHEMA, TEMPORARY_SCHEMA } from './schema.js';
import { sqliteError } from './sqlite-error.js';

/** How long a writer waits for another one, of this process or of any other. */
const BUSY_TIMEOUT_MILLIS = 10_000;

/** A row, by the names of its columns. */
export type Row = Record<string, SQLOutputValue>;

/** A connection to the file, with its statements. */
export class SqliteConnection {
  readonly file: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string) {
    this.file = file;
    makeDirectory(dirname(file));
    this.#database = connect(file, {}, (database) => {
      // Readers do not wait for writers, and a commit survives the death of the process.
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT; ${TEMPORARY_SCHEMA}`);
    });
  }

  /** Gives the first row. */
  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#run(() => this.#prepare(sql).get(...values));
  }

  /** Gives all rows. */
  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#run(() => this.#prepare(sql).all(...values));
  }

  /** Changes something; gives the number of rows and the id of the last one. */
  run(sql: string, ...values: SQLInputValue[]): { changes: number; rowId: number } {
    const { changes, lastInsertRowid } = this.#run(() => this.#prepare(sql).run(...values));
    return { changes: Number(changes), rowId: Number(lastInsertRowid) };
  }

  /** Does all or nothing, with no other writer in between. */
  transaction<T>(body: () => T): T {
    return this.#run(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = body();
        this.#database.exec('COMMIT');
        return result;
      } finally {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      }
    });
  }

  /** Opens a second connection, which sees the file as it is now for as long as it is open, whatever is written. */
  snapshot(): DatabaseSync {
    return this.#run(() => connect(this.file, { readOnly: true }, (database) => database.exec('BEGIN')));
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #prepare(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #run<T>(body: () => T): T {
    if (!this.#database.isOpen) throw backendClosed(this.file);
    try {
      return body();
    } catch (error) {
      throw sqliteError(error, this.file);
    }
  }
}

function makeDirectory(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
  } catch (cause) {
    const message = `The directory ${dir} cannot be created. Give the user of the program the right to, or choose another one.`;
    throw new KvError('KV_ACCESS_DENIED', message, { cause, details: { path: dir } });
  }
}

function connect(file: string, options: DatabaseSyncOptions, prepare: (database: DatabaseSync) => void): DatabaseSync {
  try {
    const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MILLIS, ...options });
    try {
      prepare(database);
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  } catch (error) {
    throw sqliteError(error, file);
  }
}
