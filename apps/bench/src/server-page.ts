import { conditions, table } from './measure.ts';
import type { Results } from './measure.ts';
import { LISTED_KEYS, REQUESTS, CONNECTIONS, STREAM_BYTES } from './server-plan.ts';
import { SUBJECTS } from './server-subjects.ts';
import { shareOf } from './server-targets.ts';
import { targetsSection } from './targets.ts';
import type { Target } from './targets.ts';

/** Makes the page of results. */
export function serverPage(results: Results, targets: readonly Target[], rounds: number): string {
  return `# kv-server beside a bare handler

\`kv-server --dir\` with a token and its log on, beside bare handlers of \`node:http\` that know nobody and check nothing: no token, no rights, no conditions, no log. One makes the same synchronous calls on files as \`@kv/fs\` (a look for the sidecar, open, fstat, read, close; temp file and rename), one also sends the headers that a record of kv-server has, one does the same with \`fs.promises\`, as handlers are usually written, and one uses \`@kv/fs\` itself, so that what lies between it and kv-server is the server. Each server and the client are processes of their own; all subjects take turns in each round; medians of ${rounds} rounds. ${conditions()}.

Small values are written under new keys, large ones replace one another. The client is \`undici\` with one request at a time on each connection, and it may be what is waited for: then the time of the processor says more. Above a load of the number of cores, no figure says much.

${targetsSection(targets)}

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
