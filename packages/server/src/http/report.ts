import type { ServerResponse } from 'node:http';
import type { ServerContext } from '../server-context.js';
import type { ApiContext } from './api-context.js';
import { requestHeader } from './request-header.js';

/**
 * One answered request, for a log. There is no query in it, where tokens and signatures may stand.
 *
 * What is no good HTTP has neither method nor path: both are empty then.
 */
export interface AccessLogEntry {
  /** When the request came, in ISO 8601. */
  readonly time: string;
  /** Method of the request. */
  readonly method: string;
  /** Path of the request, without its query. */
  readonly path: string;
  /** Status of the response. */
  readonly status: number;
  /** `true` when a streamed response broke off: the client has left, or the place that it is read from has failed. */
  readonly isCut?: true;
  /** Time until the response began, in milliseconds. */
  readonly durationMillis: number;
  /** Name of the user, where the request had a token. */
  readonly user: string | undefined;
  /** What the client calls itself. */
  readonly userAgent: string | undefined;
}

/** A request that was refused before it came to a route. */
export type Refusal = Pick<AccessLogEntry, 'method' | 'path' | 'status' | 'userAgent'>;

/** Tells the log and the metrics of an answer; the log of one that is streamed when it has ended. */
export function report(c: ApiContext, { status }: Response, durationMillis: number): void {
  const { metrics, log } = c.get('server');
  const { method, path } = c.req;
  metrics.record({ method, route: c.get('routePath') ?? 'none', status, durationMillis });
  if (!log) return;
  const time = toIso(Math.round(Date.now() - durationMillis));
  const entry = {
    time,
    method,
    path,
    status,
    durationMillis,
    user: c.get('identity')?.user.username,
    userAgent: requestHeader(c, 'user-agent'),
  };
  const { outgoing } = c.env;
  if (c.get('isStreamed') && outgoing)
    onceClosed(outgoing, (isSent) => log(isSent ? entry : { ...entry, isCut: true }));
  else log(entry);
}

/** Tells them of a refusal. */
export function reportRefusal({ metrics, log }: Pick<ServerContext, 'metrics' | 'log'>, refusal: Refusal): void {
  const { method, status } = refusal;
  metrics.record({ method: method || 'none', route: 'none', status, durationMillis: 0 });
  log?.({ ...refusal, time: toIso(Date.now()), durationMillis: 0, user: undefined });
}

function onceClosed(outgoing: ServerResponse, listener: (isSent: boolean) => void): void {
  // Nobody tells of a client that has left before.
  if (outgoing.destroyed) listener(false);
  else outgoing.once('close', () => listener(outgoing.writableFinished));
}

let lastTime = { millis: 0, text: '' };

/** Under load, many requests come in the same millisecond, and it takes as long to write that out as all the rest of a line. */
function toIso(millis: number): string {
  if (lastTime.millis !== millis) lastTime = { millis, text: new Date(millis).toISOString() };
  return lastTime.text;
}
