// Sends requests to a server from a process of its own, one after the other on each connection, and tells how many it
// answered in a second and how long they took.
import { createHistogram } from 'node:perf_hooks';
import { Client } from 'undici';

/**
 * What is sent, and for how long.
 *
 * @typedef {object} Load
 * @property {string} url Base URL of the server.
 * @property {string} path What the path of a record begins with.
 * @property {'GET' | 'PUT'} method
 * @property {string} token
 * @property {number} size Bytes of a value.
 * @property {number} connections
 * @property {number} warmUp How many requests are sent before.
 * @property {number} millis How long the requests are counted.
 */

/** @type {Load} */
const load = JSON.parse(process.argv[2] ?? '{}');
const { method, connections } = load;
const body = method === 'PUT' ? Buffer.from(JSON.stringify('x'.repeat(load.size - 2))) : null;
const headers = { authorization: `Bearer ${load.token}`, ...(body && { 'content-type': 'application/json; charset=utf-8' }) };
let sent = 0;

/** Reads one of a few records; writes under new keys, because to replace a file takes the disk longer than all the rest. */
function nextPath() {
  sent += 1;
  return load.path + (method === 'PUT' ? `${process.pid}-${sent}` : String(sent % 8));
}

/**
 * Sends a request and reads the answer to its end.
 *
 * @param {Client} client
 * @returns {Promise<void>}
 */
function send(client) {
  return new Promise((resolve, reject) => {
    client.dispatch(
      { method, path: nextPath(), headers, body },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_, status) => (status < 300 ? undefined : reject(new Error(`${method}: status ${status}`))),
        onResponseData: () => undefined,
        onResponseEnd: () => resolve(),
        onResponseError: (_, error) => reject(error),
      },
    );
  });
}

/** @param {() => boolean} isDone @param {(nanos: bigint) => void} [record] */
async function run(isDone, record) {
  const work = clients.map(async (client) => {
    while (!isDone()) {
      const started = process.hrtime.bigint();
      await send(client);
      record?.(process.hrtime.bigint() - started);
    }
  });
  await Promise.all(work);
}

const clients = Array.from({ length: connections }, () => new Client(load.url));
await run(() => sent >= Math.max(load.warmUp, 2 * connections));
const histogram = createHistogram();
const started = performance.now();
const until = started + load.millis;
await run(
  () => performance.now() > until,
  (nanos) => histogram.record(nanos),
);
const seconds = (performance.now() - started) / 1000;
await Promise.all(clients.map((client) => client.destroy()));
process.send?.({
  rate: histogram.count / seconds,
  median: histogram.percentile(50) / 1e6,
  p99: histogram.percentile(99) / 1e6,
});
process.disconnect?.();
