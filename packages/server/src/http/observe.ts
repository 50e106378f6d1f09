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

/** Answers a request, and tells the log and the metrics of it. */
export async function observed(
  c: ApiContext,
  handle: (c: ApiContext) => Response | Promise<Response>,
): Promise<Response> {
  const { metrics, log } = c.get('server');
  const start = performance.now();
  const time = log && new Date().toISOString();
  const response = await handle(c);
  const durationMillis = performance.now() - start;
  const { method } = c.req;
  const { status } = response;
  metrics.record({ method, route: c.get('routePath') ?? 'none', status, durationMillis });
  if (log && time !== undefined) {
    const user = c.get('identity')?.user.username;
    log({ time, method, path: c.req.path, status, durationMillis, user, userAgent: c.req.header('user-agent') });
  }
  return response;
}
