// The handlers of a bare server over @kv/fs itself: what any server over that store has to do at least.
import { join } from 'node:path';
import { basename } from 'node:path/posix';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBackend } from '@kv/fs';

const TYPE = 'application/json; charset=utf-8';

/**
 * Opens the store that is read and written, and the one that is listed.
 *
 * @param {string} dir
 * @param {(request: import('node:http').IncomingMessage) => Promise<Uint8Array> | undefined} smallBodyOf
 * @returns {Promise<import('./bare-server.js').Handlers>}
 */
export async function storeHandlers(dir, smallBodyOf) {
  const store = await createBackend({ dir: join(dir, 'store') }).openKeyValueStore({ name: 'records' });
  const listed = await createBackend({ dir: join(dir, 'kv') }).openKeyValueStore({ name: 'listed' });
  return {
    async get(_, response, path) {
      const record = await store.getRecordBody(basename(path, '.json'));
      if (!record) throw new Error(`There is no record at ${path}.`);
      const { value, contentType, size } = record;
      response.writeHead(200, { 'content-type': contentType, 'content-length': size });
      await (value instanceof Uint8Array ? response.end(value) : pipeline(value, response));
    },
    async put(request, response, path) {
      const value = (await smallBodyOf(request)) ?? Readable.toWeb(request);
      await store.setRecord({ key: basename(path, '.json'), value, contentType: TYPE });
      response.writeHead(201, { 'content-type': TYPE }).end('{}');
    },
    async list(_, response) {
      const { items } = await listed.listKeys({ limit: 1000 });
      response.writeHead(200, { 'content-type': TYPE }).end(JSON.stringify({ items }));
    },
  };
}
