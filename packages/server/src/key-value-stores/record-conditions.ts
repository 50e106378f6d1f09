import type { Parameter } from '../openapi/operation.js';

/** Headers that say which version of a record is read, and how much of it. */
export const READ_CONDITIONS: readonly Parameter[] = [
  header('Range', 'Which bytes of the plain value, as one range: `bytes=0-99`.'),
  header('If-Range', 'Only this version is sent in part; another one as a whole.'),
  header('If-Match', 'One of these versions, or an error.'),
  header('If-None-Match', 'Not these versions, which the client has.'),
  header('Accept-Encoding', 'In which of the codings `br`, `gzip` and `deflate` the value may be sent.'),
];

/** Headers that say which version of a record is replaced or deleted, and which write that is. */
export const WRITE_CONDITIONS: readonly Parameter[] = [
  header('If-Match', 'Only this version, or `*` for any. Needs conditional writes of the backend, as `GET /` tells.'),
  header('If-None-Match', '`*`: only where there is no record yet. Needs conditional writes of the backend.'),
  header('X-KV-Write', '`CLIENT:NUMBER:OLDEST`: which write of the client this is, and the oldest that it waits for.'),
];

function header(name: string, description: string): Parameter {
  return { name, in: 'header', description, schema: { type: 'string' } };
}
