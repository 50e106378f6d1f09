import type { RecordBody, SetRecord } from '@kv/core';
import { brokenStore } from './mutant.ts';
import type { Mutant } from './mutant.ts';

async function collect(
  value: RecordBody,
  signal: AbortSignal | undefined,
): Promise<{ bytes: Uint8Array; error: unknown }> {
  const chunks: Uint8Array[] = [];
  let error: unknown;
  try {
    const sink = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk) });
    await (value as ReadableStream<Uint8Array>).pipeTo(sink, signal ? { signal } : {});
  } catch (caught) {
    error = caught;
  }
  return { bytes: Buffer.concat(chunks), error };
}

const isStream = (record: SetRecord): boolean => record.value instanceof ReadableStream;

/** Streams that lose, leak or hang, and signals that nobody hears. */
export const STREAM_MUTANTS: readonly Mutant[] = [
  brokenStore('half-a-stream', 'Stores what came before a stream failed.', () => (store) => ({
    setRecord: async (record, options) => {
      if (!isStream(record)) return store.setRecord(record, options);
      const { bytes, error } = await collect(record.value, options?.signal);
      await store.setRecord({ ...record, value: bytes });
      if (error !== undefined) throw error as Error;
    },
  })),
  brokenStore('swallowed-stream-error', 'Keeps silent when a stream fails.', () => (store) => ({
    setRecord: async (record, options) => {
      if (!isStream(record)) return store.setRecord(record, options);
      const { bytes, error } = await collect(record.value, options?.signal);
      if (error === undefined) await store.setRecord({ ...record, value: bytes });
    },
  })),
  brokenStore(
    'other-stream-error',
    'Raises an error of its own when a stream fails, and loses the cause.',
    () => (store) => ({
      setRecord: async (record, options) => {
        if (!isStream(record)) return store.setRecord(record, options);
        const { bytes, error } = await collect(record.value, options?.signal);
        options?.signal?.throwIfAborted();
        if (error !== undefined) throw new Error('The write failed.');
        await store.setRecord({ ...record, value: bytes });
      },
    }),
  ),
  brokenStore('stream-deletes-first', 'Deletes the old record before it reads a stream.', () => (store) => ({
    setRecord: async (record, options) => {
      if (isStream(record)) await store.deleteRecord(record.key, options);
      await store.setRecord(record, options);
    },
  })),
  brokenStore('first-chunk-only', 'Stores the first chunk of a stream.', () => (store) => ({
    setRecord: async (record, options) => {
      if (!isStream(record)) return store.setRecord(record, options);
      const reader = (record.value as ReadableStream<Uint8Array>).getReader();
      const { value } = await reader.read();
      await store.setRecord({ ...record, value: value ?? new Uint8Array() }, options);
    },
  })),
  brokenStore('empty-stream-ignored', 'Does not write a stream without bytes.', () => (store) => ({
    setRecord: async (record, options) => {
      if (!isStream(record)) return store.setRecord(record, options);
      const { bytes, error } = await collect(record.value, options?.signal);
      if (error !== undefined) throw error as Error;
      if (bytes.length > 0) await store.setRecord({ ...record, value: bytes }, options);
    },
  })),
  brokenStore('stream-ends-at-empty-chunk', 'Takes an empty chunk for the end of a stream.', () => (store) => ({
    setRecord: async (record, options) => {
      if (!isStream(record)) return store.setRecord(record, options);
      const chunks: Uint8Array[] = [];
      for await (const chunk of record.value as ReadableStream<Uint8Array>) {
        if (chunk.length === 0) break;
        chunks.push(chunk);
      }
      await store.setRecord({ ...record, value: Buffer.concat(chunks) }, options);
    },
  })),
  brokenStore('32-mib-of-a-stream', 'Stores the first 32 MiB of a stream.', () => (store) => ({
    setRecord: async (record, options) => {
      if (!isStream(record)) return store.setRecord(record, options);
      let length = 0;
      const cut = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          length += chunk.length;
          if (length <= 32 * 1024 * 1024) controller.enqueue(chunk);
        },
      });
      const value = (record.value as ReadableStream<Uint8Array>).pipeThrough(cut);
      await store.setRecord({ ...record, value }, options);
    },
  })),
  brokenStore('late-stream', 'Reads the value when the stream is read, not when it is opened.', () => (store) => ({
    getRecordStream: async (key, options) => {
      const opened = await store.getRecordStream(key, options);
      if (!opened) return undefined;
      const stream = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            const record = await store.getRecord(key);
            if (record && record.value.length > 0) controller.enqueue(record.value);
            controller.close();
          },
        },
        { highWaterMark: 0 },
      );
      return { ...opened, stream };
    },
  })),
  brokenStore('large-body-in-memory', 'Reads values of any size into memory to pass them on.', () => (store) => ({
    getRecordBody: async (key, options) => {
      const [body, record] = [await store.getRecordBody(key, options), await store.getRecord(key, options)];
      return body && record && { ...body, value: record.value };
    },
  })),
  brokenStore('small-body-as-stream', 'Makes a stream of every value to pass it on.', () => (store) => ({
    getRecordBody: async (key, options) => {
      const opened = await store.getRecordStream(key, options);
      if (!opened) return undefined;
      const { stream: value, ...info } = opened;
      return { ...info, value };
    },
  })),
  brokenStore('late-body', 'Opens a large value to pass it on when it is read.', () => (store) => ({
    getRecordBody: async (key, options) => {
      const body = await store.getRecordBody(key, options);
      if (!(body?.value instanceof ReadableStream)) return body;
      await body.value.cancel();
      const late = async function* (): AsyncGenerator<Uint8Array> {
        const record = await store.getRecord(key);
        if (record) yield record.value;
      };
      return { ...body, value: ReadableStream.from(late()) };
    },
  })),
  brokenStore('one-stream-per-record', 'Gives all readers of a version one stream.', () => {
    const streams = new Map<string, ReadableStream<Uint8Array>>();
    return (store) => ({
      getRecordStream: async (key, options) => {
        const opened = await store.getRecordStream(key, options);
        if (!opened) return undefined;
        const stream = streams.get(opened.etag) ?? opened.stream;
        streams.set(opened.etag, stream);
        return { ...opened, stream };
      },
    });
  }),
  brokenStore('abort-not-heard-by-streams', 'Does not hear the signal once a stream is coming.', () => (store) => ({
    setRecord: async (record, options) => {
      options?.signal?.throwIfAborted();
      await store.setRecord(record);
    },
  })),
  brokenStore('abort-not-heard-by-reads', 'Reads although the signal has fired.', () => (store) => ({
    getRecord: async (key) => store.getRecord(key),
  })),
  brokenStore('abort-not-heard-by-listing', 'Lists although the signal has fired.', () => (store) => ({
    listKeys: async (options) => store.listKeys({ ...options, signal: undefined }),
  })),
  brokenStore('abort-too-late', 'Hears the signal after it has deleted.', () => (store) => ({
    deleteRecord: async (key, options) => {
      await store.deleteRecord(key);
      options?.signal?.throwIfAborted();
    },
  })),
  brokenStore('abort-with-another-reason', 'Rejects with an AbortError of its own.', () => (store) => ({
    setRecord: async (record, options) =>
      store.setRecord(record, options).catch((error: unknown) => {
        throw options?.signal?.aborted === true ? new DOMException('Aborted', 'AbortError') : error;
      }),
  })),
];
