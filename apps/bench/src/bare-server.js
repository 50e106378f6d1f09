// A bare handler of node:http for records of files, in a process of its own: what any server in Node has to do at least.
import { closeSync, createReadStream, createWriteStream, fstatSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

// What @kv/fs takes for small, and how it reads and writes what is not.
const SMALL_BYTES = 64 * 1024;
const READ_BYTES = 64 * 1024;
const WRITE_BYTES = 512 * 1024;

const [, , kind = 'calls', dir = ''] = process.argv;
const type = { 'content-type': 'application/json; charset=utf-8' };
let count = 0;

/** The system calls of @kv/fs: small values at once, large ones as streams. */
const calls = {
  /** @type {import('node:http').RequestListener} */
  async get(request, response) {
    const fd = openSync(fileOf(request), 'r');
    const { size } = fstatSync(fd);
    response.writeHead(200, { ...type, 'content-length': size });
    if (size > SMALL_BYTES) return pipeline(createReadStream('', { fd, highWaterMark: READ_BYTES }), response);
    const bytes = Buffer.allocUnsafe(size);
    readSync(fd, bytes, 0, size, 0);
    closeSync(fd);
    response.end(bytes);
  },
  /** @type {import('node:http').RequestListener} */
  async put(request, response) {
    const temp = join(dir, `temp-${(count += 1)}`);
    if (Number(request.headers['content-length']) > SMALL_BYTES) {
      await pipeline(request, createWriteStream(temp, { highWaterMark: WRITE_BYTES }));
    } else {
      const bytes = await bodyOf(request);
      const fd = openSync(temp, 'wx');
      writeSync(fd, bytes);
      closeSync(fd);
    }
    renameSync(temp, fileOf(request));
    response.writeHead(201, type).end('{}');
  },
};

/** The same as most would write it. */
const promises = {
  /** @type {import('node:http').RequestListener} */
  async get(request, response) {
    const path = fileOf(request);
    const file = await open(path);
    const { size } = await file.stat();
    response.writeHead(200, { ...type, 'content-length': size });
    if (size > SMALL_BYTES) return pipeline(file.createReadStream(), response);
    await file.close();
    response.end(await readFile(path));
  },
  /** @type {import('node:http').RequestListener} */
  async put(request, response) {
    const temp = join(dir, `temp-${(count += 1)}`);
    await writeFile(temp, request);
    await rename(temp, fileOf(request));
    response.writeHead(201, type).end('{}');
  },
};

/**
 * Collects a small body by its events; the iterator of a stream costs more than all the rest.
 *
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<Buffer>}
 */
function bodyOf(request) {
  return new Promise((resolve, reject) => {
    /** @type {Buffer[]} */
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

/** @param {import('node:http').IncomingMessage} request */
function fileOf({ url = '' }) {
  return join(dir, `${url}.json`);
}

const { get, put } = kind === 'calls' ? calls : promises;
const server = createServer((request, response) => {
  const handle = request.method === 'PUT' ? put : get;
  handle(request, response).catch((error) => response.destroy(error));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
});
process.once('SIGTERM', () => process.exit());
