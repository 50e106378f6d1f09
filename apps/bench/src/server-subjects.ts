import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBackend } from '@kv/fs';
import { KEYS, LISTED_KEYS, REQUESTS } from './server-plan.ts';
import { startProcess, startServerProcess } from './server-process.js';
import type { ServerProcess } from './server-process.js';

/** The token of the owner; the bare handlers ask for none. */
export const TOKEN = 'kv_bench_token';
/** What every request to a server is sent with. */
export const HEADERS = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json; charset=utf-8' };
/** The server that is measured, as users start it. */
export const SERVER = 'kv-server';
/** What it is compared with. */
export const BARE = 'bare node:http';
/** The same, as handlers are usually written. */
export const PROMISES = 'bare node:http, promises';
/** The same, which sends the headers of a record of the server. */
export const HEADED = 'bare node:http, all headers';
/** The same over `@kv/fs`. */
export const STORE = 'bare node:http, @kv/fs';
/** All of them. */
export const SUBJECTS: readonly string[] = [SERVER, STORE, BARE, HEADED, PROMISES];

/** What the bare servers are called on their command line, where their files are. */
const BARE_KINDS: Readonly<Record<string, string>> = {
  [STORE]: 'store',
  [BARE]: 'calls',
  [HEADED]: 'headers',
  [PROMISES]: 'promises',
};

/** A server that runs, and where its records are. */
export interface Subject extends ServerProcess {
  /** What the path of a record begins with. */
  readonly records: string;
  /** The path that lists a large store. */
  readonly listed: string;
}

/** Starts a server over a directory that may have a store to list. */
export async function startSubject(name: string, root: string): Promise<Subject> {
  return name === SERVER ? startKvServer(root) : startBare(name, root);
}

/** Makes the store that is listed: files, each of which is a record. */
export async function makeListedStore(root: string): Promise<void> {
  const dir = join(root, 'kv');
  await using backend = createBackend({ dir });
  await backend.openKeyValueStore({ name: 'listed' });
  for (let index = 0; index < LISTED_KEYS; index += 1) {
    writeFileSync(join(dir, 'key_value_stores/listed', `key-${String(index).padStart(7, '0')}.json`), '{}');
  }
}

/** Stores the records that are read. */
export async function storeRecords({ url, records }: Subject): Promise<void> {
  for (const { size } of REQUESTS.filter(({ method }) => method === 'GET')) {
    const body = JSON.stringify('x'.repeat(size - 2));
    for (let key = 0; key < KEYS; key += 1) {
      const { status } = await fetch(`${url}${records}${size}-${key}`, { method: 'PUT', headers: HEADERS, body });
      if (status !== 201) throw new Error(`A record was answered by ${status}.`);
    }
  }
}

async function startKvServer(root: string): Promise<Subject> {
  const server = await startServerProcess(join(root, 'kv'), TOKEN, true);
  const [records, listed] = [await openStore(server, 'records'), await openStore(server, 'listed')];
  const path = '/v2/key-value-stores';
  return { ...server, records: `${path}/${records}/records/`, listed: `${path}/${listed}/keys?limit=1000` };
}

async function startBare(name: string, root: string): Promise<Subject> {
  const kind = BARE_KINDS[name] ?? '';
  mkdirSync(join(root, kind), { recursive: true });
  const server = await startProcess([join(import.meta.dirname, 'bare-server.js'), kind, root]);
  return { ...server, records: `/${kind}/`, listed: '/kv/key_value_stores/listed/' };
}

async function openStore({ url }: ServerProcess, name: string): Promise<string> {
  const response = await fetch(`${url}/v2/key-value-stores?name=${name}`, { method: 'POST', headers: HEADERS });
  const { data } = (await response.json()) as { readonly data: { readonly id: string } };
  return data.id;
}
