import { createHmac, randomBytes } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import { assertContractVersion } from '@kv/core';
import { Tokens } from './access/tokens.js';
import { Users } from './access/users.js';
import { ServerData } from './data/server-data.js';
import { createApp } from './http/app.js';
import { listen } from './http/listen.js';
import type { ListenOptions, ListeningServer } from './http/listen.js';
import { Metrics } from './http/metrics.js';
import { overrideMethod } from './http/method-override.js';
import { publicUrlProblem } from './http/public-url-problem.js';
import { RateLimiter } from './http/rate-limiter.js';
import { reportRefusal } from './http/report.js';
import type { Refusal } from './http/report.js';
import { Stores } from './key-value-stores/stores.js';
import { WriteOrder } from './key-value-stores/write-order.js';
import { isLoopback } from './http/is-loopback.js';
import { Retention } from './retention/retention.js';
import { StoreUse } from './retention/store-use.js';
import { Runs } from './runs/runs.js';
import { DEFAULT_LIMITS } from './server-options.js';
import type { ServerContext } from './server-context.js';
import type { ServerOptions } from './server-options.js';

/** A storage server. */
export interface KvServer {
  /** Answers a request: for tests, and for runtimes that serve `fetch` handlers. */
  readonly fetch: (request: Request, env?: Partial<HttpBindings>) => Promise<Response>;
  /** Listens on an address. */
  readonly listen: (options?: ListenOptions) => Promise<ListeningServer>;
}

/**
 * Creates a server that speaks Apify's storage API over a backend.
 *
 * The server keeps users and hashes of tokens in a store of the backend that cannot be reached through the API.
 *
 * A late attempt of a write does not undo a newer one of the same client, where that numbers them by `X-KV-Write`. The numbers
 * are in memory: other servers on the same backend do not know of them, nor does this one after a restart.
 *
 * @throws {@link KvError} `KV_BACKEND_INCOMPATIBLE`, and states of the place.
 * @throws `TypeError` when no link can begin with `publicUrl`.
 *
 * @example
 * ```ts
 * import { createBackend } from '@kv/memory';
 * import { createServer } from '@kv/server';
 *
 * const backend = createBackend();
 * const server = await createServer({ backend, token: 'secret' });
 * const { url, close } = await server.listen();
 * console.log((await fetch(`${url}/v2/key-value-stores?token=secret`)).status);
 * await close();
 * await backend.close();
 * ```
 */
export async function createServer(options: ServerOptions): Promise<KvServer> {
  const { backend, token, username = 'admin', allowAnonymous = false, defaultAccess = 'RESTRICTED' } = options;
  assertContractVersion(backend);
  const publicUrl = toBaseUrl(options.publicUrl);
  const data = new ServerData(backend);
  const users = new Users(data);
  const tokens = new Tokens(data, users);
  const { user: owner } = await users.ensureOwner(username);
  if (token !== undefined) tokens.accept(token, { user: owner, scope: 'manage' });
  const { secret } = await data.create('signing-secret', { secret: randomBytes(32).toString('base64url') });
  const stores = new Stores({ backend, users, data });
  const runs = new Runs(data, stores);
  const onError = options.onError ?? (() => undefined);
  const use = options.retentionDays === undefined ? undefined : new StoreUse(data);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const context: ServerContext = {
    capabilities: backend.capabilities,
    users,
    tokens,
    stores,
    writeOrder: new WriteOrder(),
    use,
    runs,
    defaultAccess,
    limits,
    rateLimiter: limits.rates ? new RateLimiter() : undefined,
    metrics: new Metrics(),
    log: options.onRequest,
    onError,
    openAs: allowAnonymous ? owner : undefined,
    publicUrl,
    probe: () => data.get('signing-secret'),
    signingKey: (storageId) => createHmac('sha256', secret).update(storageId).digest('base64url').slice(0, 24),
  };
  const app = createApp(context);
  const handle = (request: Request, env: Partial<HttpBindings> = {}): Response | Promise<Response> => {
    const asked = overrideMethod(request);
    // A copy of a request has its body; nobody else may read that.
    return app.fetch(asked, asked === request ? env : { ...env, incoming: undefined });
  };
  return {
    fetch: async (request, env) => handle(request, env),
    listen: async (listenOptions) => {
      if (allowAnonymous) assertLoopback(listenOptions?.host);
      const onRefused = (refusal: Refusal): void => reportRefusal(context, refusal);
      const listening = await listen({ fetch: handle, publicUrl, limits, onRefused }, listenOptions);
      const { retentionDays: days } = options;
      if (days === undefined || !use) return listening;
      const retention = new Retention({ days, backend, stores, runs, use, onError });
      retention.start();
      return {
        url: listening.url,
        close: async () => {
          retention.stop();
          await listening.close();
        },
      };
    },
  };
}

/** @throws TypeError when links could not begin with it. */
function toBaseUrl(publicUrl: string | undefined): string | undefined {
  const problem = publicUrl === undefined ? undefined : publicUrlProblem(publicUrl);
  if (problem !== undefined) throw new TypeError(`The option "publicUrl" ${problem}.`);
  return publicUrl?.replace(/\/+$/, '');
}

/** @throws TypeError when everyone who reaches the address would be the owner. */
function assertLoopback(host = '127.0.0.1'): void {
  if (isLoopback(host)) return;
  throw new TypeError(`With allowAnonymous, the server listens on loopback addresses only, not on ${host}.`);
}
