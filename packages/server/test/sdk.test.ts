import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { backends, serve, TOKEN } from './serve.js';
import type { TestServer } from './serve.js';

interface ActorRun {
  readonly exitCode: number | null;
  readonly output: string;
  readonly storeId: string;
}

/** Runs a program as Apify's platform does: all it is told stands in its environment. */
async function runActor(server: TestServer, program: string, input: object): Promise<ActorRun> {
  const runId = 'run0000000000001';
  const run = await server.json('GET', `/v2/actor-runs/${runId}`);
  const storeId = String(run['defaultKeyValueStoreId']);
  await server.request(`/v2/key-value-stores/${storeId}/records/INPUT`, {
    method: 'PUT',
    body: JSON.stringify(input),
    headers: { 'content-type': 'application/json' },
  });
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures', program)], {
    env: {
      PATH: process.env['PATH'],
      APIFY_IS_AT_HOME: '1',
      APIFY_TOKEN: TOKEN,
      APIFY_API_BASE_URL: server.url,
      APIFY_API_PUBLIC_BASE_URL: server.url,
      ACTOR_RUN_ID: runId,
      ACTOR_DEFAULT_KEY_VALUE_STORE_ID: storeId,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = new Promise<number | null>((resolve) => {
    child.on('exit', resolve);
  });
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { exitCode, output: stdout + stderr, storeId };
}

describe.each(backends)("programs for Apify's SDK 3 on $name", ({ open }) => {
  it('run unmodified as at home', { timeout: 120_000 }, async () => {
    await using server = await serve(open());
    const { exitCode, output, storeId } = await runActor(server, 'unmodified-actor.ts', { name: 'Ann' });
    expect([exitCode, output]).toEqual([0, expect.stringContaining('RESULT ')]);
    const result = JSON.parse(/RESULT (.*)/.exec(output)?.[1] ?? '') as { publicUrl: string };
    expect(result).toMatchObject({
      input: { name: 'Ann' },
      object: { hello: 'Ann', list: [1, 'é', null] },
      text: 'žluťoučký',
      html: 5007,
      bytes: 3000,
      gone: null,
      missing: null,
      exists: [true, false],
      sameId: true,
      fromNamed: { in: 'named' },
      keys: ['a'],
      isAtHome: true,
    });
    expect(await (await fetch(result.publicUrl)).text()).toBe('žluťoučký');
    const store = `/v2/key-value-stores/${storeId}`;
    expect(await (await server.request(`${store}/records/state`)).json()).toEqual({ count: 1 });
    expect((await server.request(`${store}/records/html`)).headers.get('content-type')).toBe('text/html');
    expect(await server.json('GET', '/v2/actor-runs/run0000000000001')).toMatchObject({
      statusMessage: 'Done',
      isStatusMessageTerminal: true,
    });
    expect((await server.request('/v2/key-value-stores/~temporary')).status).toBe(404);
  });

  it('find the sessions and statistics of a crawl that was interrupted', { timeout: 120_000 }, async () => {
    await using server = await serve(open());
    const results = [];
    for (let run = 0; run < 2; run += 1) {
      const { exitCode, output, storeId } = await runActor(server, 'unmodified-crawler.ts', {});
      expect([exitCode, output]).toEqual([0, expect.stringContaining('RESULT ')]);
      results.push(JSON.parse(/RESULT (.*)/.exec(output)?.[1] ?? '') as CrawlResult);
      const { items } = await server.json('GET', `/v2/key-value-stores/${storeId}/keys`);
      expect((items as { key: string }[]).map(({ key }) => key)).toEqual(
        expect.arrayContaining(['SDK_CRAWLER_STATISTICS_0', 'SDK_SESSION_POOL_STATE', 'title-page-1', 'title-page-3']),
      );
    }
    const [first, second] = results as [CrawlResult, CrawlResult];
    expect([first.finished, second.finished]).toEqual([3, 6]);
    expect(second.sessions.map(({ id }) => id)).toEqual(expect.arrayContaining(first.sessions.map(({ id }) => id)));
  });
});

/** What the crawler says at its end. */
interface CrawlResult {
  readonly sessions: readonly { readonly id: string }[];
  readonly finished: number;
}
