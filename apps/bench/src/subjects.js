// Plain JavaScript, like the process that runs it: stripping types would add to the memory that is measured.
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Something that stores a stream and gives it back.
 *
 * @typedef {object} Subject
 * @property {() => Promise<unknown>} load Loads the package, which is not what is measured.
 * @property {(dir: string, source: import('node:stream/web').ReadableStream<Uint8Array>) => Promise<void>} write
 * @property {(dir: string) => Promise<AsyncIterable<Uint8Array>>} read
 */

// Each package is only loaded by the process that measures it.
const loadKv = async () => {
  await import('@kv/fs');
  return import('@kv/sdk');
};
const loadCrawlee = () => import('@crawlee/memory-storage');

/** @param {string} dir */
async function openKv(dir) {
  const { Configuration, KeyValueStore } = await loadKv();
  return KeyValueStore.open(null, { config: new Configuration({ storageDir: dir, purgeOnStart: false }) });
}

/** @param {string} dir */
async function openCrawlee(dir) {
  const { MemoryStorage } = await loadCrawlee();
  const storage = new MemoryStorage({ localDataDirectory: dir });
  const { id } = await storage.keyValueStores().getOrCreate('default');
  return storage.keyValueStore(id);
}

/**
 * The store, the raw limit and the peer.
 *
 * @type {Readonly<Record<string, Subject>>}
 */
export const SUBJECTS = {
  kv: {
    load: loadKv,
    write: async (dir, source) => (await openKv(dir)).setValue('big', source, { contentType: 'video/mp4' }),
    read: async (dir) => (await (await openKv(dir)).getStream('big')) ?? Readable.from([]),
  },
  'raw pipeline': {
    load: async () => undefined,
    write: (dir, source) => pipeline(Readable.fromWeb(source), createWriteStream(join(dir, 'raw.bin'))),
    read: async (dir) => createReadStream(join(dir, 'raw.bin')),
  },
  '@crawlee/memory-storage 3': {
    load: loadCrawlee,
    write: async (dir, source) => {
      const value = Readable.fromWeb(source);
      await (await openCrawlee(dir)).setRecord({ key: 'big', value, contentType: 'video/mp4' });
    },
    read: async (dir) => {
      const record = await (await openCrawlee(dir)).getRecord('big', { stream: true });
      return record?.value ?? Readable.from([]);
    },
  },
};
