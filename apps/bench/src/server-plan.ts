/** What a process that loads a server sends, and for how long. */
export interface Load {
  /** Base URL of the server. */
  readonly url: string;
  /** What the path of a record begins with. */
  readonly path: string;
  readonly method: 'GET' | 'PUT';
  readonly token: string;
  /** Bytes of a value. */
  readonly size: number;
  /** How many keys there are; 0 for the path as it is, `null` for a new one each time. */
  readonly keys: number | null;
  readonly connections: number;
  /** How many requests are sent before those that count. */
  readonly warmUp: number;
  /** How long requests are counted. */
  readonly millis: number;
}

/** A row of requests that are measured. */
export interface Row {
  readonly name: string;
  readonly method: Load['method'];
  readonly size: number;
  readonly keys: number | null;
  readonly connections: number;
}

const SMALL = 1024;
const LARGE = 1024 * 1024;
/** How many records are read, and how many large ones are written again and again. */
export const KEYS = 16;

/** Connections that send at once. */
export const CONNECTIONS: readonly number[] = [1, 8, 64];
/** What is measured with each number of connections, and what the page calls it. */
export const REQUESTS: readonly Omit<Row, 'connections'>[] = [
  { name: 'get of 1 KiB', method: 'GET', size: SMALL, keys: KEYS },
  // Under new keys: to replace a file may take the disk longer than all the rest.
  { name: 'set of 1 KiB', method: 'PUT', size: SMALL, keys: null },
  { name: 'get of 1 MiB', method: 'GET', size: LARGE, keys: KEYS },
  { name: 'set of 1 MiB', method: 'PUT', size: LARGE, keys: KEYS },
];
/** All rows. */
export const ROWS: readonly Row[] = REQUESTS.flatMap((request) =>
  CONNECTIONS.map((connections) => ({ ...request, connections })),
);
/** Size of the store whose first keys are listed. */
export const LISTED_KEYS: number = Math.min(100_000, Number(process.env['BENCH_KEYS'] ?? 100_000));
/** Size of the streams that memory is measured with. */
export const STREAM_BYTES: number = Number(process.env['BENCH_BYTES'] ?? 256 * 1024 ** 2);
/** How long each row is measured in each round. */
export const MILLIS = 1000;
