// Sends requests to a server from a process of its own, one after the other on each connection, and tells how many it
// answered in a second and how long they took.
import { createHistogram } from 'node:perf_hooks';
import { Client } from 'undici';

/** @type {import('./server-plan.ts').Load} */
const load = JSON.parse(process.argv[2] ?? '{}');
const { method, connections, keys } = load;
const body = method === 'PUT' ? Buffer.from(JSON.stringify('x'.repeat(load.size - 2))) : null;
const type = body && { 'content-type': 'application/json; charset=utf-8' };
const headers = { authorization: `Bearer ${load.token}`, ...type };
let sent = 0;

function nextPath() {
  sent += 1;
  if (keys === 0) return load.path;
  return load.path + (keys === null ? `${process.pid}-${sent}` : sent % keys);
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

/**
 * Keeps all connections busy.
 *
 * @param {() => boolean} isDone
 * @param {(nanos: bigint) => void} [record]
 */
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
  count: sent,
  rate: histogram.count / seconds,
  median: histogram.percentile(50) / 1e6,
  p99: histogram.percentile(99) / 1e6,
});
process.disconnect?.();
