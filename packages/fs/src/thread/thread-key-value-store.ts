import { assertRecordKey } from '@kv/core';
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
import type { ThreadCall, ThreadChannel } from './thread-channel.js';
import { watchedStream } from './watched-stream.js';

/** A store whose files are worked on in a thread. */
export class ThreadKeyValueStore implements KeyValueStoreBackend {
  readonly id: string;
  readonly #call: <T>(call: ThreadCall) => Promise<T>;

  /** `open` gives the channel, as long as the backend is not closed. */
  constructor(id: string, handle: number, open: () => ThreadChannel) {
    this.id = id;
    this.#call = async (call) => open().call({ handle, ...call });
  }

  async getInfo(options?: OperationOptions): Promise<KeyValueStoreInfo> {
    return this.#call({ method: 'getInfo', options });
  }

  async update(changes: KeyValueStoreChanges, options?: OperationOptions): Promise<KeyValueStoreInfo> {
    return this.#call({ method: 'update', args: [changes], options });
  }

  async drop(options?: OperationOptions): Promise<void> {
    return this.#call({ method: 'drop', options });
  }

  async purge(options?: PurgeOptions): Promise<PurgeResult> {
    return this.#call({ method: 'purge', options });
  }

  async getRecord(key: string, options?: OperationOptions): Promise<KeyValueStoreRecord | undefined> {
    return this.#call({ method: 'getRecord', args: [key], options });
  }

  async getRecordStream(key: string, options?: OperationOptions): Promise<KeyValueStoreRecordStream | undefined> {
    return this.#call({ method: 'getRecordStream', args: [key], options });
  }

  async getRecordBody(key: string, options?: OperationOptions): Promise<KeyValueStoreRecordBody | undefined> {
    return this.#call({ method: 'getRecordBody', args: [key], options });
  }

  async getRecordInfo(key: string, options?: OperationOptions): Promise<RecordInfo | undefined> {
    return this.#call({ method: 'getRecordInfo', args: [key], options });
  }

  async setRecord(record: SetRecord, options?: WriteOptions): Promise<void> {
    const { value } = record;
    if (!(value instanceof ReadableStream)) return this.#call({ method: 'setRecord', args: [record], options });
    const { stream, assertSound } = watchedStream(value);
    try {
      await this.#call({ method: 'setRecord', args: [{ ...record, value: stream }], options, stream });
    } catch (error) {
      // The thread knows of the error of a stream by its message alone.
      assertSound();
      await stream.cancel(error).catch(() => undefined);
      throw error;
    }
  }

  async deleteRecord(key: string, options?: WriteOptions): Promise<void> {
    return this.#call({ method: 'deleteRecord', args: [key], options });
  }

  async listKeys(options?: ListKeysOptions): Promise<ListKeysPage> {
    return this.#call({ method: 'listKeys', options });
  }

  async getPublicUrl(key: string, options?: OperationOptions): Promise<string | undefined> {
    assertRecordKey(key);
    return this.#call({ method: 'getPublicUrl', args: [key], options });
  }
}
