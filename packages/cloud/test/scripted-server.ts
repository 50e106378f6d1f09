import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { StorageBackend } from '@kv/core';
import { onTestFinished } from 'vitest';
import { createBackend } from '../src/index.js';
import type { CloudBackendOptions } from '../src/index.js';

/** A request as it came. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What is answered. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as it is, everything else as JSON. */
  readonly body?: unknown;
}

/** The id of the store that the server tells of. */
export const STORE_ID = 'abcdefghijklmnopq';

const TIMES = {
  createdAt: '2026-01-02T03:04:05.678Z',
  modifiedAt: '2026-01-02T03:04:06.000Z',
  accessedAt: '2026-01-02T03:04:07.000Z',
};

/** What the API tells of the store. */
export const STORE = { id: STORE_ID, name: 'records', title: null, generalAccess: 'FOLLOW_USER_SETTING', ...TIMES };

/** Answers as Apify's API does where its answers are known, for the cases that no server of ours gives. */
export async function scriptedServer(
  script: (request: SeenRequest) => Answer | undefined,
): Promise<{ readonly url: string; readonly seen: SeenRequest[] }> {
  const seen: SeenRequest[] = [];
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = incoming;
    const request: SeenRequest = { method, url, headers, body: await buffer(incoming) };
    seen.push(request);
    const { status = 200, headers: answered = {}, body = '' } = script(request) ?? usual(request);
    outgoing.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...answered });
    outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/** Connects to a server, without the request that asks what it can do among those that were seen. */
export async function connect(
  { url, seen }: { readonly url: string; readonly seen: SeenRequest[] },
  options: CloudBackendOptions = {},
): Promise<StorageBackend> {
  const quick = { maxRetries: 2, retryDelayMillis: 1 };
  const backend = await createBackend({ apiBaseUrl: url, token: 'secret-token', ...quick, ...options });
  seen.length = 0;
  return backend;
}

/** Makes the answer for what is not there, or not allowed. */
export function apiError(status: number, type: string, message = 'A message'): Answer {
  return { status, body: { error: { type, message } } };
}

function usual({ method, url }: SeenRequest): Answer {
  if (method === 'PUT' && url.includes('/records/')) return { status: 201, body: {} };
  if (method === 'DELETE') return { status: 204 };
  if (/^\/v2\/key-value-stores(\/[^/]+)?(\?|$)/.test(url)) return { body: { data: STORE } };
  return apiError(404, 'page-not-found');
}
