import { conditions, table } from './measure.ts';
import type { Results } from './measure.ts';
import { LISTED_KEYS, REQUESTS, CONNECTIONS, STREAM_BYTES } from './server-plan.ts';
import { BARE, SERVER, STORE, SUBJECTS, SYNC } from './server-subjects.ts';
import { shareOf, SMALL_REQUESTS } from './server-targets.ts';
import { targetsSection } from './targets.ts';
import type { Target } from './targets.ts';

/** Makes the page of results. */
export function serverPage(results: Results, targets: readonly Target[], rounds: number): string {
  return `# kv-server beside a bare handler

\`kv-server --dir\` with a token and its log on, beside bare handlers of \`node:http\` that know nobody and check nothing: no token, no rights, no conditions, no log. The bare handler makes the same calls on files as \`@kv/fs\` (a look for the sidecar, open, fstat, read, close; temp file and rename) with \`fs.promises\`, as handlers are usually written and as the raw calls are made on the [page of \`@kv/fs\`](fs.md); another one makes them synchronously, and a third uses \`@kv/fs\` itself. Each server and the client are processes of their own; all subjects take turns in each round; medians of ${rounds} rounds. ${conditions()}.

Small values are written under new keys, large ones replace one another. The client is \`undici\` with one request at a time on each connection, and it may be what is waited for: then the time of the processor says more. Above a load of the number of cores, no figure says much.

${targetsSection(targets)}

## What is possible

For 100 requests of 1 KiB that a handler answers which knows nobody and checks nothing, kv-server answers so many:

${floorTable(results)}

Synchronous calls are the floor under everything; for reads, 70 % of that is not reached. The handler over \`@kv/fs\`, which makes them, has to turn a key into a file name, to look what kind of file there is and to make an ETag, so it is the most that a server over that store can come to. Of what kv-server needs besides, nothing stands out: by a profile of a process without a network, a read of 1 KiB takes it 29 µs, of which 12 are \`@kv/fs\`, 4 the request and response of Node, 3 Hono and its adapter, 4 log and metrics, 3 the writing of headers, and 3 token, rights and conditions. Under load, each of these takes twice as long. [Decision 13](../../../docs/decisions/0013-what-the-server-is-measured-against.md) says more.

## Requests

Requests in a second, and in brackets the share of the bare handler; median and 99th percentile of the time of a request, in ms; time of the processor for each request, in µs.

${requestTable(results)}

## Listing

The first 1,000 of ${LISTED_KEYS.toLocaleString('en')} keys with their sizes, one request after the other, in ms; the bare handler reads the directory, sorts, and looks at 1,000 files.

${table(
  ['Subject', 'median', '99th percentile'],
  SUBJECTS.map((name) => [name, ...['median', 'p99'].map((value) => digits(results.median(`listing-${value}`, name)))]),
)}

## Memory

A value of ${STREAM_BYTES / 1024 ** 2} MiB up and down: the highest memory of the process over that of the idle one, in MiB. The last column is down, compressed by Brotli on the way.

${table(
  ['Subject', 'up', 'down', 'down, coded'],
  SUBJECTS.map((name) => [
    name,
    ...['up', 'down', 'coded'].map((value) => digits(results.median(`memory-${value}`, name))),
  ]),
)}
`;
}

function floorTable(results: Results): string {
  const rows = SMALL_REQUESTS.flatMap((name) =>
    CONNECTIONS.map((connections) => {
      const share = (other: string): string =>
        String(Math.round(100 * shareOf(results, `${name}-${connections}`, SERVER, other)));
      return [name, String(connections), share(BARE), share(STORE), share(SYNC)];
    }),
  );
  return table(['Request', 'At once', BARE, STORE, SYNC], rows);
}

function requestTable(results: Results): string {
  const rows = REQUESTS.flatMap(({ name }) =>
    CONNECTIONS.flatMap((connections) =>
      SUBJECTS.map((subject) => {
        const row = `${name}-${connections}`;
        const value = (what: string): string => digits(results.median(`${row}-${what}`, subject));
        const share = `${Math.round(100 * shareOf(results, row, subject))} %`;
        return [
          name,
          String(connections),
          subject,
          `${value('rate')} (${share})`,
          value('median'),
          value('p99'),
          value('cpu'),
        ];
      }),
    ),
  );
  return table(['Request', 'At once', 'Subject', 'in a second', 'median', '99th', 'processor'], rows);
}

/** Two digits at least, and none that the noise would change. */
function digits(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (value >= 10) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 1 ? 1 : 2);
}
