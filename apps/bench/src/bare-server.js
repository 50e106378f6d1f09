// Bare handlers of node:http for records in files, in a process of their own: what any server in Node has to do at least.
import { closeSync, createReadStream, createWriteStream, existsSync, fstatSync, openSync, readdirSync } from 'node:fs';
import { readSync, renameSync, statSync, writeSync } from 'node:fs';
import { open, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * @typedef {import('node:http').IncomingMessage} Request
 * @typedef {import('node:http').ServerResponse} Response
 * @typedef {(request: Request, response: Response, path: string) => Promise<void> | void} Handler
 * @typedef {Readonly<Record<'get' | 'put' | 'list', Handler>>} Handlers
 */

// What @kv/fs takes for small, and how it reads and writes what is not.
const SMALL_BYTES = 64 * 1024;
const READ_BYTES = 64 * 1024;
const WRITE_BYTES = 512 * 1024;
const PAGE = 1000;

const [, , kind = '', dir = ''] = process.argv;
const TYPE = { 'content-type': 'application/json; charset=utf-8' };
// Those of a record of kv-server: for caches, for conditions, and so that no browser runs what is stored.
const RECORD_HEADERS = {
  ...TYPE,
  'content-security-policy':
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  etag: '"2jmj7l5rSw0yVb-vlWAYkK-YBwk"',
  'last-modified': 'Thu, 01 Jan 1970 00:00:00 GMT',
  'cache-control': 'private, no-cache',
  vary: 'Accept-Encoding',
  'accept-ranges': 'bytes',
  'access-control-allow-origin': '*',
};
let count = 0;

/**
 * The calls of @kv/fs: small values at once, large ones as streams.
 *
 * @type {Handlers}
 */
const calls = {
  async get(_, response, path) {
    existsSync(sidecarOf(path));
    const fd = openSync(path, 'r');
    const { size } = fstatSync(fd);
    response.writeHead(200, { ...(kind === 'headers' ? RECORD_HEADERS : TYPE), 'content-length': size });
    if (size > SMALL_BYTES) {
      await pipeline(createReadStream('', { fd, highWaterMark: READ_BYTES }), response);
      return;
    }
    const bytes = Buffer.allocUnsafe(size);
    readSync(fd, bytes, 0, size, 0);
    closeSync(fd);
    response.end(bytes);
  },
  async put(request, response, path) {
    const temp = join(dir, `temp-${(count += 1)}`);
    const bytes = await smallBodyOf(request);
    if (!bytes) {
      await pipeline(request, createWriteStream(temp, { highWaterMark: WRITE_BYTES }));
    } else {
      const fd = openSync(temp, 'wx');
      writeSync(fd, bytes);
      closeSync(fd);
    }
    existsSync(sidecarOf(path));
    renameSync(temp, path);
    response.writeHead(201, TYPE).end('{}');
  },
  list(_, response, path) {
    const names = readdirSync(path).filter(isRecord).toSorted().slice(0, PAGE);
    const items = names.map((key) => ({ key, size: statSync(join(path, key)).size }));
    response.writeHead(200, TYPE).end(JSON.stringify({ items }));
  },
};

/**
 * The same as most would write it.
 *
 * @type {Handlers}
 */
const promises = {
  async get(_, response, path) {
    const file = await open(path);
    const { size } = await file.stat();
    response.writeHead(200, { ...TYPE, 'content-length': size });
    if (size > SMALL_BYTES) {
      await pipeline(file.createReadStream(), response);
      return;
    }
    response.end(await file.readFile());
    await file.close();
  },
  async put(request, response, path) {
    const temp = join(dir, `temp-${(count += 1)}`);
    await writeFile(temp, request);
    await rename(temp, path);
    response.writeHead(201, TYPE).end('{}');
  },
  async list(_, response, path) {
    const names = (await readdir(path)).filter(isRecord).toSorted().slice(0, PAGE);
    const items = await Promise.all(names.map(async (key) => ({ key, size: (await stat(join(path, key))).size })));
    response.writeHead(200, TYPE).end(JSON.stringify({ items }));
  },
};

/** @param {string} path */
const sidecarOf = (path) => path.replace(/json$/, '__metadata__.json');

/** @param {string} name */
const isRecord = (name) => !name.startsWith('__');

/**
 * Collects a small body by its events; the iterator of a stream costs more than all the rest.
 *
 * @param {Request} request
 * @returns {Promise<Buffer> | undefined}
 */
function smallBodyOf(request) {
  if (Number(request.headers['content-length'] ?? Infinity) > SMALL_BYTES) return undefined;
  return new Promise((resolve, reject) => {
    /** @type {Buffer[]} */
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

const kinds = {
  calls: () => calls,
  headers: () => calls,
  promises: () => promises,
  // Not before: to load it takes memory, which is measured.
  store: async () => (await import('./store-handlers.js')).storeHandlers(dir, smallBodyOf),
};
const handlers = await kinds[/** @type {keyof typeof kinds} */ (kind)]();

/** @param {Request} request @param {Response} response */
async function handle(request, response) {
  const { url = '', method } = request;
  if (url.endsWith('/')) return handlers.list(request, response, join(dir, url));
  const path = join(dir, `${url}.json`);
  return method === 'PUT' ? handlers.put(request, response, path) : handlers.get(request, response, path);
}

const server = createServer((request, response) => {
  handle(request, response).catch((error) => response.destroy(error));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
});
process.once('SIGTERM', () => process.exit());
