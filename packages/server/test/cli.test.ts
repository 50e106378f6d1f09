import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { assertNoProblems, checkResponsesOf } from '@kv/tooling/checked-fetch';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownDocument } from './own-document.js';

const BIN = join(import.meta.dirname, '../dist/bin/kv-server.js');

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'kv-server-cli-'))));
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
  assertNoProblems();
});

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [BIN, ...args], { cwd: dir, env: { PATH: process.env['PATH'], ...env } });
}

/** Runs a command to its end. */
async function run(...args: readonly string[]): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const child = start(args);
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { exitCode, stdout, stderr };
}

interface RunningServer extends AsyncDisposable {
  readonly url: string;
  readonly lines: readonly string[];
  /** Ends the server and gives its exit code and its log. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<{ exitCode: number | null; log: string }>;
  readonly request: (path: string, token: string, init?: RequestInit) => Promise<Response>;
}

/** Starts the server on a free port. */
async function serve(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<RunningServer> {
  const child = start([...args, '--port', '0'], env);
  const log = text(child.stderr);
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const lines: string[] = [];
  const reader = createInterface(child.stdout);
  reader.on('line', (line) => lines.push(line));
  await expect.poll(() => lines[0] ?? child.exitCode, { timeout: 20_000 }).toEqual(expect.anything());
  const url = /http:\S+?(?=\. )/.exec(lines[0] ?? '')?.[0] ?? '';
  await checkResponsesOf(url, ownDocument);
  const stop: RunningServer['stop'] = async (signal = 'SIGTERM') => {
    child.kill(signal);
    const [exitCode] = await exit;
    return { exitCode, log: await log };
  };
  return {
    url,
    lines,
    stop,
    request: (path, token, init) => fetch(url + path, { ...init, headers: { authorization: `Bearer ${token}` } }),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null) await stop('SIGKILL');
    },
  };
}

describe('kv-server', () => {
  it('serves the stores of a directory that have no metadata', async () => {
    for (const name of ['default', 'mine', 'not_legal']) {
      mkdirSync(join(dir, 'storage/key_value_stores', name), { recursive: true });
      writeFileSync(join(dir, 'storage/key_value_stores', name, 'a.txt'), name);
    }
    await using server = await serve(['--token', 'secret', '--log', 'off']);
    for (const store of ['default', '~mine']) {
      const record = await server.request(`/v2/key-value-stores/${store}/records/a`, 'secret');
      expect([record.status, await record.text()]).toEqual([200, store.replace('~', '')]);
    }
    const { log } = await server.stop();
    expect(log).toContain('not_legal is not served.');
  });

  it('shows the token of the first user once, and keeps everything', async () => {
    await using first = await serve(['--dir', 'data', '--username', 'ann']);
    await expect.poll(() => first.lines[1]).toMatch(/shown only now: kv_[\w-]{43}$/);
    expect(first.lines[0]).toMatch(
      /^kv-server listens on http:\/\/127\.0\.0\.1:\d+\. The data lies in .*data \(fs\)\.$/,
    );
    const token = first.lines[1]?.split(' ').at(-1) ?? '';
    expect(await (await first.request('/v2/users/me', token)).json()).toMatchObject({ data: { username: 'ann' } });
    const created = await first.request('/v2/key-value-stores?name=kept', token, { method: 'POST' });
    const { data } = (await created.json()) as { data: { id: string } };
    expect((await first.stop()).exitCode).toBe(0);
    await using second = await serve(['--dir', 'data', '--username', 'ann']);
    expect(second.lines).toHaveLength(1);
    expect(await (await second.request('/v2/key-value-stores', token)).json()).toMatchObject({
      data: { items: [{ id: data.id }] },
    });
  });

  it('takes its flags from the environment too, where the command line does not say otherwise', async () => {
    await using server = await serve(['--token', 'from-the-line'], {
      KV_SERVER_TOKEN: 'from-the-environment',
      KV_SERVER_DIR: 'elsewhere',
      KV_SERVER_PUBLIC_URL: 'https://storage.example.com',
      KV_SERVER_LOG: '',
    });
    expect(server.lines).toEqual([expect.stringContaining(join(dir, 'elsewhere'))]);
    expect((await server.request('/v2/users/me', 'from-the-environment')).status).toBe(401);
    const created = await server.request('/v2/key-value-stores', 'from-the-line', { method: 'POST' });
    expect(created.headers.get('location')).toMatch(/^https:\/\/storage\.example\.com\/v2\//);
  });

  it('makes users and tokens while it runs', async () => {
    await using server = await serve();
    const added = await run('user', 'add', 'ben');
    expect(added.stdout).toMatch(/^The user ben has the id [a-zA-Z0-9]{17}\./);
    const { stdout } = await run('token', 'create', '--user', 'ben', '--scope', 'read', '--expires', '30d');
    const [token = '', note = ''] = stdout.split('\n');
    const id = note.split(' ').at(-1) ?? '';
    expect(await (await server.request('/v2/users/me', token)).json()).toMatchObject({ data: { username: 'ben' } });
    expect((await server.request('/v2/key-value-stores', token, { method: 'POST' })).status).toBe(403);
    expect((await run('token', 'list')).stdout).toMatch(new RegExp(`^${id}  ben  read  made \\S+  until \\S+$`, 'm'));
    expect((await run('user', 'list')).stdout).toMatch(/^\w{17} {2}admin {2}owner\n\w{17} {2}ben\n$/);
    expect((await run('token', 'revoke', id)).stdout).toBe(`The token ${id} is revoked.\n`);
    await expect
      .poll(async () => (await server.request('/v2/users/me', token)).status, { timeout: 20_000, interval: 250 })
      .toBe(401);
  });

  it('logs requests without what they carry', async () => {
    await using server = await serve(['--token', 'very-secret']);
    await server.request('/v2/users/me?token=hidden-in-the-query', 'very-secret');
    const { log } = await server.stop('SIGINT');
    expect(JSON.parse(log.trim())).toMatchObject({ method: 'GET', path: '/v2/users/me', status: 200, user: 'admin' });
    expect(log).not.toMatch(/secret|hidden/);
  });

  it('answers what it has accepted before it ends', async () => {
    await using server = await serve(['--token', 'secret', '--log', 'off']);
    const created = await server.request('/v2/key-value-stores?name=busy', 'secret', { method: 'POST' });
    const { data } = (await created.json()) as { data: { id: string } };
    const record = (n: number): string => `/v2/key-value-stores/${data.id}/records/r${n}`;
    const writes = Array.from({ length: 200 }, async (_, n) => {
      const response = await server
        .request(record(n), 'secret', { method: 'PUT', body: `value ${n}` })
        .catch(() => undefined);
      return response?.status === 201 ? n : undefined;
    });
    await Promise.race(writes);
    expect((await server.stop()).exitCode).toBe(0);
    const acknowledged = (await Promise.all(writes)).filter((n) => n !== undefined);
    expect(acknowledged.length).toBeGreaterThan(0);
    await using next = await serve(['--token', 'secret', '--log', 'off']);
    for (const n of acknowledged) expect(await (await next.request(record(n), 'secret')).text()).toBe(`value ${n}`);
  });

  it('loses nothing that it has acknowledged when it is killed', async () => {
    await using server = await serve(['--token', 'secret', '--log', 'off']);
    const created = await server.request('/v2/key-value-stores?name=killed', 'secret', { method: 'POST' });
    const { data } = (await created.json()) as { data: { id: string } };
    const path = `/v2/key-value-stores/${data.id}`;
    const writes = Array.from({ length: 300 }, async (_, n) => {
      const init = { method: 'PUT', body: `${n}`.repeat(n * 10) };
      const response = await server.request(`${path}/records/r${n}`, 'secret', init).catch(() => undefined);
      return response?.status === 201 ? n : undefined;
    });
    await Promise.race(writes.slice(20));
    await server.stop('SIGKILL');
    const acknowledged = (await Promise.all(writes)).filter((n) => n !== undefined);
    await using next = await serve(['--token', 'secret', '--log', 'off']);
    const listed = await (await next.request(`${path}/keys`, 'secret')).json();
    const keys = (listed as { data: { items: { key: string }[] } }).data.items.map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining(acknowledged.map((n) => `r${n}`)));
    for (const key of keys) {
      const n = Number(key.slice(1));
      expect(await (await next.request(`${path}/records/${key}`, 'secret')).text()).toBe(`${n}`.repeat(n * 10));
    }
  });

  it.each([
    [['--allow-anonymous', '--host', '0.0.0.0'], /loopback addresses only/],
    [['--port', 'x'], /--port must be a whole number/],
    [['--host', '203.0.113.1', '--port', '0'], /no address of this machine\. Choose another one with --host/],
    [['--host', 'no-such-host.invalid'], /Choose an address of this machine with --host/],
    [['--port', '70000'], /--port must be at most 65535/],
    [['--port'], /^Option '--port <value>' argument missing\. See kv-server --help\.$/m],
    [['--retention-days', '-3'], /^Option '--retention-days' argument is ambiguous\. See kv-server --help\.$/m],
    [['--retention-days', '0'], /--retention-days must be at least 1/],
    [['--log', 'verbose'], /--log must be json or off/],
    [['--dir', '/dev/null'], /\/dev\/null.* a file stands where a directory should be/],
    [['user', 'add', 'bob', 'extra'], /"extra" is too much/],
    [['--public-url', 'storage.example.com'], /--public-url must be a URL/],
    [['--public-url', 'https://x.example/?a=1#x'], /--public-url must end with its path, without "\?" and "#"/],
    [['--default-access', 'PUBLIC'], /--default-access must be/],
    [['--backend', 'not-there'], /@kv\/not-there is not installed\. Run: npm install @kv\/not-there/],
    [['--nothing'], /Unknown option '--nothing'/],
    [['sing'], /There is no command "sing"/],
    [['user', 'add'], /Give the name of the user/],
    [['user', 'add', 'x'], /The username "x" is not legal/],
    [['user', 'add', 'admin'], /There is a user "admin" already/],
    [['token', 'create', '--user', 'nobody'], /There is no user "nobody"/],
    [['token', 'create', '--scope', 'all'], /--scope must be read, write or manage, not "all"/],
    [['token', 'create', '--expires', 'soon'], /--expires must be a time such as/],
    [['token', 'create', '--store', 'nothing'], /The user admin has no store "nothing"/],
  ])('says what is wrong with %j', async (args, message) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 1, stdout: '', stderr: expect.stringMatching(message) });
    expect(stderr).not.toContain('    at ');
    expect(stderr.trim()).not.toContain('\n');
  });

  it('says what to do when its port is taken, and shows the token of the first user later', async () => {
    await using server = await serve(['--token', 'secret']);
    const { port } = new URL(server.url);
    const { exitCode, stdout, stderr } = await run('--dir', 'other', '--port', port);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toBe(
      `Cannot listen on port ${port} of 127.0.0.1 (EADDRINUSE): something listens there already. Stop it, or choose another port with --port; 0 takes any that is free.\n`,
    );
    await using next = await serve(['--dir', 'other']);
    await expect.poll(() => next.lines[1]).toMatch(/shown only now: kv_/);
  });

  it('says so when there are no users and no tokens, and makes nothing for that', async () => {
    const storage = join(dir, 'storage');
    mkdirSync(storage);
    expect((await run('token', 'list')).stdout).toBe(`There are no tokens in ${storage}.\n`);
    expect((await run('user', 'list')).stdout).toBe(`There are no users in ${storage}.\n`);
    expect((await run('token', 'revoke', 'x')).stderr).toBe('There is no token "x".\n');
    expect(readdirSync(storage)).toEqual([]);
  });

  it.each([
    ['user', 'list'],
    ['token', 'list'],
    ['token', 'revoke', 'x'],
  ])('makes no directory to look into: %s %s', async (...args) => {
    const { exitCode, stdout, stderr } = await run(...args, '--dir', 'mistyped');
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toBe(`There is no directory ${join(dir, 'mistyped')}. Give the one of the server with --dir.\n`);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('ends in the middle of an upload when it is asked a second time, and leaves nothing of it', async () => {
    await using server = await serve(['--token', 'secret', '--log', 'off']);
    const created = await server.request('/v2/key-value-stores?name=busy', 'secret', { method: 'POST' });
    const { data } = (await created.json()) as { data: { id: string } };
    const path = `/v2/key-value-stores/${data.id}/records/a`;
    await server.request(path, 'secret', { method: 'PUT', body: 'before' });
    const endless = new ReadableStream({
      pull: async (controller) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        controller.enqueue(new Uint8Array(10_000));
      },
    });
    const upload = server.request(path, 'secret', { method: 'PUT', body: endless, duplex: 'half' }).catch(() => 'cut');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const first = server.stop();
    // It waits for the upload, and takes no more requests.
    await expect
      .poll(async () =>
        server.request(path, 'secret').then(
          () => 'open',
          () => 'closed',
        ),
      )
      .toBe('closed');
    await server.stop();
    expect([(await first).exitCode, await upload]).toEqual([1, 'cut']);
    await using next = await serve(['--token', 'secret', '--log', 'off']);
    expect(await (await next.request(path, 'secret')).text()).toBe('before');
  });

  it('applies JSON schemas, and ends all the same', async () => {
    await using server = await serve(['--token', 'secret', '--log', 'off']);
    const one = { title: 'One', key: 'a', contentTypes: ['application/json'], jsonSchema: { type: 'number' } };
    const schema = { actorKeyValueStoreSchemaVersion: 1, title: 'Any', collections: { one } };
    const body = JSON.stringify({ schema });
    await server.request('/v2/key-value-stores?name=checked', 'secret', { method: 'POST', body });
    const put = async (value: string): Promise<number> => {
      const record = new Blob([value], { type: 'application/json' });
      const init = { method: 'PUT', body: record };
      return (await server.request('/v2/key-value-stores/~checked/records/a', 'secret', init)).status;
    };
    expect([await put('1'), await put('"1"'), await put('{')]).toEqual([201, 400, 400]);
    expect((await server.stop()).exitCode).toBe(0);
  });

  it('explains itself', async () => {
    const { exitCode, stdout } = await run('--help');
    expect(exitCode).toBe(0);
    for (const word of ['token create', '--retention-days', 'KV_SERVER_PUBLIC_URL']) expect(stdout).toContain(word);
  });

  it('serves another backend that is installed', async () => {
    await using server = await serve(['--backend', 'memory', '--allow-anonymous']);
    expect(server.lines).toEqual([expect.stringContaining('(memory)')]);
    expect((await fetch(`${server.url}/v2/users/me`)).status).toBe(200);
  });
});
