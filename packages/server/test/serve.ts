import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StorageBackend } from '@kv/core';
import { createBackend as createFsBackend } from '@kv/fs';
import { createBackend as createMemoryBackend } from '@kv/memory';
import { DescriptionCheck } from '@kv/tooling/description-check';
import { checkResponse, isBodyChecked } from '@kv/tooling/response-check';
import { Tokens } from '../src/access/tokens.js';
import type { TokenOptions } from '../src/access/tokens.js';
import { Users } from '../src/access/users.js';
import { ServerData } from '../src/data/server-data.js';
import { listen } from '../src/http/listen.js';
import { overrideMethod } from '../src/http/method-override.js';
import { createServer } from '../src/index.js';
import type { ListenOptions, ServerOptions } from '../src/index.js';
import { DEFAULT_LIMITS } from '../src/server-options.js';
import { takeAskedParameters } from './asked-parameters.js';
import { ownDocument } from './own-document.js';

export const TOKEN = 'the-owner-s-token';

/** The backends that tests of behaviour run on. */
export const backends: readonly { readonly name: string; readonly open: () => StorageBackend }[] = [
  { name: 'memory', open: () => createMemoryBackend() },
  { name: 'fs', open: () => createFsBackend({ dir: mkdtempSync(join(tmpdir(), 'kv-server-')) }) },
];

/** Someone else, with a token. */
export interface TestUser {
  readonly id: string;
  readonly username: string;
  readonly token: string;
}

/** A server that listens. When it is disposed of, every answer must have been as Apify's document and its own say. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly backend: StorageBackend;
  /** Sends a request with the owner's token, or with another one, or `null` for none. */
  readonly request: (path: string, init?: RequestInit & { readonly token?: string | null }) => Promise<Response>;
  /** Sends a request with a JSON body, and gives `data` of the answer. */
  readonly json: (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>;
  /** How many requests are being answered. */
  readonly inFlight: () => number;
  /** Stops the server, and leaves the backend open. */
  readonly stop: () => Promise<void>;
  /** Adds a user. */
  readonly addUser: (username: string, options?: Partial<Omit<TokenOptions, 'user'>>) => Promise<TestUser>;
  /** Makes another token of the owner. */
  readonly addToken: (options: Omit<TokenOptions, 'user'>) => Promise<{ readonly token: string; readonly id: string }>;
  /** The tokens as another process on the same data sees them. */
  readonly tokens: Tokens;
}

/** Options of {@link serve}. */
export interface ServeOptions extends Partial<ServerOptions> {
  readonly listen?: ListenOptions;
  /** Is told of every request. */
  readonly onAsked?: (request: Request) => void;
}

/** What the server says of itself. */
export const description: DescriptionCheck = new DescriptionCheck(ownDocument);

/** Compares a response with Apify's document, and with the server's own. */
export async function problemsOf({ method, url }: Request, response: Response): Promise<string[]> {
  const { status, headers } = response;
  const answered = { method, path: new URL(url).pathname, status, headers };
  const isRead = isBodyChecked(answered) || description.isBodyChecked(answered);
  const copy = isRead ? response.clone() : undefined;
  let body: Promise<unknown> | undefined;
  const json = async (): Promise<unknown> => (body ??= copy?.json());
  return [...(await checkResponse({ ...answered, json })), ...(await description.check({ ...answered, json }))];
}

/** Finds the parameters that the server has looked for and does not describe. */
function undescribedParameters(): readonly string[] {
  return takeAskedParameters()
    .filter(
      ({ method, path, in: place, name }) => description.parametersOf(method, path, place)?.includes(name) === false,
    )
    .map(({ method, path, in: place, name }) => `${method} ${path}: the parameter ${name} (${place}) is not described`);
}

/** Starts a server on a random port. */
export async function serve(
  backend: StorageBackend = createMemoryBackend(),
  { listen: listenOptions, onAsked, ...options }: ServeOptions = {},
): Promise<TestServer> {
  const server = await createServer({ backend, token: TOKEN, ...options });
  const problems: string[] = [];
  let inFlight = 0;
  const data = new ServerData(backend);
  const users = new Users(data);
  const tokens = new Tokens(data, users);
  const { url, close } = await listen(
    {
      fetch: async (request, env) => {
        inFlight += 1;
        onAsked?.(request);
        const response = await server.fetch(request, env).finally(() => (inFlight -= 1));
        const { method, url: target, headers } = request;
        const asked = overrideMethod(new Request(target, { method, headers }));
        problems.push(...(await problemsOf(asked, response)));
        return response;
      },
      publicUrl: options.publicUrl,
      // Tests of other things may be slow.
      limits: { ...DEFAULT_LIMITS, uploadBytes: 1, ...options.limits },
      onRefused: () => undefined,
    },
    listenOptions,
  );
  let stopped: Promise<void> | undefined;
  const request: TestServer['request'] = (path, { token = TOKEN, ...init } = {}) =>
    fetch(url + path, { ...init, headers: { ...(token && { authorization: `Bearer ${token}` }), ...init.headers } });
  return {
    url,
    backend,
    inFlight: () => inFlight,
    stop: () => (stopped ??= close()),
    request,
    json: async (method, path, body) => {
      const init =
        body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      const response = await request(path, { method, ...init });
      const { data: value, error } = (await response.json()) as { data: Record<string, unknown>; error?: object };
      if (!response.ok) throw Object.assign(new Error(`${response.status} ${JSON.stringify(error)}`), error);
      return value;
    },
    addUser: async (username, { scope = 'manage', ...tokenOptions } = {}) => {
      const user = await users.add(username);
      return { ...user, token: (await tokens.create({ user, scope, ...tokenOptions })).token };
    },
    tokens,
    addToken: async (tokenOptions) => {
      const { user } = await users.ensureOwner('admin');
      const { token, info } = await tokens.create({ user, ...tokenOptions });
      return { token, id: info.id };
    },
    async [Symbol.asyncDispose]() {
      await (stopped ??= close());
      await backend.close();
      if (backend.name === 'fs') rmSync(backend.location, { recursive: true, force: true });
      problems.push(...undescribedParameters());
      if (problems.length > 0)
        throw new Error(`Not as Apify's document or the server's own says:\n${problems.join('\n')}`);
    },
  };
}
