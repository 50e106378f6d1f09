import {
  assertContentEncoding,
  assertContentType,
  assertRecordKey,
  assertStorageName,
  isConditional,
  isKvError,
  KvError,
  resolveListKeysOptions,
  toRecordBody,
} from '@kv/core';
import type {
  KeyValueStoreBackend,
  KeyValueStoreChanges,
  KeyValueStoreInfo,
  KeyValueStoreRecord,
  KeyValueStoreRecordBody,
  KeyValueStoreRecordStream,
  ListKeysOptions,
  ListKeysPage,
  OperationOptions,
  PurgeOptions,
  PurgeResult,
  RecordInfo,
  SetRecord,
  WriteOptions,
} from '@kv/core';
import type { ApiClient } from './http/api-client.js';
import type { ApiRequest } from './http/api-request.js';
import type { ApiUrls } from './http/api-urls.js';
import { notSupported } from './not-supported.js';
import { listOne, listPage } from './store/list-page.js';
import { purgeStore } from './store/purge-store.js';
import { readContentType, readRecordHeaders } from './store/record-headers.js';
import { assertUserName } from './store/reserved-name.js';
import { toChangesJson, toInfo } from './store/store-info.js';
import type { StoreJson } from './store/store-info.js';
import { StoreRequests } from './store/store-requests.js';
import type { WriteNumbers } from './store/write-numbers.js';
import { deleteRequest, writeRequest } from './store/write-request.js';

/** What a store needs of its backend. */
export interface CloudKeyValueStoreContext {
  readonly id: string;
  readonly client: ApiClient;
  readonly urls: ApiUrls;
  /** Where links go. */
  readonly publicUrls: ApiUrls;
  /** Whether the place heeds the conditions of writes. */
  readonly conditionalWrites: boolean;
  /** Absent where the place does not know them. */
  readonly writeNumbers: WriteNumbers | undefined;
  /** Raises `KV_BACKEND_CLOSED` after the backend was closed. */
  readonly assertOpen: () => void;
  /** Tells of a store what its users know of it. */
  readonly toUsers: (info: KeyValueStoreInfo) => KeyValueStoreInfo;
}

/** The size of a value is told for the plain one alone. */
const PLAIN = { 'accept-encoding': 'identity' };

/** The records of one store behind the storage API. Nothing of it is remembered: every call asks. */
export class CloudKeyValueStore implements KeyValueStoreBackend {
  readonly id: string;
  readonly #context: CloudKeyValueStoreContext;
  readonly #client: ApiClient;
  readonly #requests: StoreRequests;

  constructor(context: CloudKeyValueStoreContext) {
    this.id = context.id;
    this.#context = context;
    this.#client = context.client;
    this.#requests = new StoreRequests(context.urls, context.id);
  }

  async getInfo(options?: OperationOptions): Promise<KeyValueStoreInfo> {
    this.#assertUsable(options);
    const store = await this.#client.callData<StoreJson>(this.#requests.store('GET', 'read', options));
    return this.#context.toUsers(toInfo(store));
  }

  async update(changes: KeyValueStoreChanges, options?: OperationOptions): Promise<KeyValueStoreInfo> {
    if (changes.name !== undefined) assertNewName(changes.name);
    assertText('title', changes.title);
    assertText('access', changes.generalAccess);
    this.#assertUsable(options);
    const store = await this.#client.callData<StoreJson>({
      ...this.#requests.store('PUT', 'change', options),
      // Since the first time, another store may have got the name.
      isRepeatable: false,
      headers: { 'content-type': 'application/json' },
      body: toChangesJson(changes),
    });
    return this.#context.toUsers(toInfo(store));
  }

  async drop(options?: OperationOptions): Promise<void> {
    this.#assertUsable(options);
    // The second time there would be no store, which is an error of its own.
    await this.#client.call({ ...this.#requests.store('DELETE', 'drop', options), isRepeatable: false });
  }

  async purge(options?: PurgeOptions): Promise<PurgeResult> {
    this.#assertUsable(options);
    return purgeStore(this, options);
  }

  async getRecord(key: string, options?: OperationOptions): Promise<KeyValueStoreRecord | undefined> {
    assertRecordKey(key);
    this.#assertUsable(options);
    const answer = await this.#client.find(this.#requests.record('GET', key, options));
    if (!answer) return this.#absence(options);
    const contentType = readContentType(answer.headers);
    return { key, value: answer.body, contentType, location: this.#context.urls.record(this.id, key) };
  }

  async getRecordStream(key: string, options?: OperationOptions): Promise<KeyValueStoreRecordStream | undefined> {
    assertRecordKey(key);
    this.#assertUsable(options);
    const request = this.#requests.record('GET', key, options);
    const answer = await this.#client.findStream({ ...request, headers: PLAIN });
    if (!answer) return this.#absence(options);
    const { headers, body: stream } = answer;
    try {
      return { ...(await this.#describe(key, headers, options)), stream };
    } catch (error) {
      // Nobody else closes the connection.
      await stream.cancel(error);
      throw error;
    }
  }

  async getRecordBody(key: string, options?: OperationOptions): Promise<KeyValueStoreRecordBody | undefined> {
    const record = await this.getRecordStream(key, options);
    return record && toRecordBody(record);
  }

  async getRecordInfo(key: string, options?: OperationOptions): Promise<RecordInfo | undefined> {
    assertRecordKey(key);
    this.#assertUsable(options);
    const answer = await this.#client.find({ ...this.#requests.record('HEAD', key, options), headers: PLAIN });
    return answer ? this.#describe(key, answer.headers, options) : this.#absence(options);
  }

  async setRecord(record: SetRecord, options: WriteOptions = {}): Promise<void> {
    const { key, value, contentType, contentEncoding } = record;
    try {
      assertRecordKey(key);
      assertContentType(contentType);
      assertContentEncoding(contentEncoding);
      assertBody(value);
      this.#assertWritable(options);
    } catch (error) {
      // Nobody else closes a stream that is not used.
      if (value instanceof ReadableStream && !value.locked) await value.cancel(error);
      throw error;
    }
    const request = await writeRequest(this.#requests, record, options);
    await this.#withEtag(key, options, () => this.#write(request, (numbered) => this.#client.call(numbered)));
  }

  async deleteRecord(key: string, options: WriteOptions = {}): Promise<void> {
    assertRecordKey(key);
    this.#assertWritable(options);
    const request = deleteRequest(this.#requests, key, options);
    const answer = await this.#withEtag(key, options, () =>
      this.#write(request, (numbered) => this.#client.find(numbered)),
    );
    if (!answer) await this.#absence(options);
  }

  async listKeys(options?: ListKeysOptions): Promise<ListKeysPage> {
    const { prefix, exclusiveStartKey, limit } = resolveListKeysOptions(options);
    this.#assertUsable(options);
    const query = { prefix: prefix === '' ? undefined : prefix, exclusiveStartKey, limit };
    const page = await listPage(this.#client, this.#requests, query, options);
    const { isTruncated, nextExclusiveStartKey } = page;
    const items = page.items.map(({ key, size }) => ({ key, size }));
    // Some servers leave the cursor out.
    const next = isTruncated ? (nextExclusiveStartKey ?? items.at(-1)?.key ?? null) : null;
    return { items, count: items.length, limit, isTruncated: next !== null, nextExclusiveStartKey: next };
  }

  async getPublicUrl(key: string, options?: OperationOptions): Promise<string | undefined> {
    assertRecordKey(key);
    this.#assertUsable(options);
    const item = await listOne(this.#client, this.#requests, key, options);
    // The server signs its own link; so the secret for it stays there.
    const link = item && URL.parse(item.recordPublicUrl ?? '');
    const signature = link?.searchParams.get('signature') ?? undefined;
    return item && this.#context.publicUrls.record(this.id, key, { signature });
  }

  async #write<T>(request: ApiRequest, send: (numbered: ApiRequest) => Promise<T>): Promise<T> {
    const { writeNumbers } = this.#context;
    return writeNumbers ? writeNumbers.send(request, send) : send(request);
  }

  /** A condition that was not met is told with the etag that the record has, which the answer does not tell. */
  async #withEtag<T>(key: string, options: OperationOptions, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (!isKvError(error, 'KV_PRECONDITION_FAILED')) throw error;
      const { code, message } = error;
      const etag = (await this.getRecordInfo(key, options))?.etag;
      throw new KvError(code, message, { details: { ...error.details, etag } });
    }
  }

  /** Where a record is not there, the store may be gone, and a server does not say which. */
  async #absence(options: OperationOptions | undefined): Promise<undefined> {
    await this.getInfo(options);
  }

  async #describe(key: string, headers: Headers, options: OperationOptions | undefined): Promise<RecordInfo> {
    const info = readRecordHeaders(headers);
    const size = info.size ?? (await listOne(this.#client, this.#requests, key, options))?.size ?? 0;
    return { key, ...info, size };
  }

  #assertWritable(options: WriteOptions): void {
    const needsConditions = isConditional(options);
    this.#assertUsable(options);
    if (needsConditions && !this.#context.conditionalWrites) throw notSupported('conditionalWrites');
  }

  #assertUsable(options: OperationOptions | undefined): void {
    this.#context.assertOpen();
    options?.signal?.throwIfAborted();
  }
}

function assertNewName(name: string): void {
  assertStorageName(name);
  assertUserName(name);
}

function assertText(what: string, value: unknown): void {
  if (value === undefined || value === null || typeof value === 'string') return;
  throw new TypeError(`The ${what} of a store must be a string or null, not ${typeof value}.`);
}

function assertBody(value: unknown): void {
  if (value instanceof Uint8Array || value instanceof ReadableStream) return;
  throw new TypeError('The value of a record must be a Uint8Array or a ReadableStream of them.');
}
