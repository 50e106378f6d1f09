import type { ApiContext } from './api-context.js';

/** One answered request, for a log. There is no query in it, where tokens and signatures may stand. */
export interface AccessLogEntry {
  /** When the request came, in ISO 8601. */
  readonly time: string;
  /** Method of the request. */
  readonly method: string;
  /** Path of the request, without its query. */
  readonly path: string;
  /** Status of the response. */
  readonly status: number;
  /** Time until the response began, in milliseconds. */
  readonly durationMillis: number;
  /** Name of the user, where the request had a token. */
  readonly user: string | undefined;
  /** What the client calls itself. */
  readonly userAgent: string | undefined;
}

/** Tells the log and the metrics of an answer. */
export function report(c: ApiContext, { status }: Response, durationMillis: number): void {
  const { metrics, log } = c.get('server');
  const { method, path } = c.req;
  metrics.record({ method, route: c.get('routePath') ?? 'none', status, durationMillis });
  if (!log) return;
  const time = toIso(Math.round(Date.now() - durationMillis));
  log({
    time,
    method,
    path,
    status,
    durationMillis,
    user: c.get('identity')?.user.username,
    userAgent: c.req.header('user-agent'),
  });
}

let lastTime = { millis: 0, text: '' };

/** Under load, many requests come in the same millisecond, and it takes as long to write that out as all the rest of a line. */
function toIso(millis: number): string {
  if (lastTime.millis !== millis) lastTime = { millis, text: new Date(millis).toISOString() };
  return lastTime.text;
}
