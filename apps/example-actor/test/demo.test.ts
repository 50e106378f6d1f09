import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { load } from 'cheerio';
import { expect, it } from 'vitest';
import { site } from '../demo/site/site.ts';
import type { Page } from '../src/page.ts';
import { keyFor } from '../src/urls.ts';
import { DemoPlace } from './run-demo.ts';

it('archives the bundled site, each page and asset once and byte for byte; a second demo starts afresh', async () => {
  const place = await DemoPlace.make();
  const first = await place.run();
  expect(first).toMatchObject({ code: 0 });
  const missing = ['/assets/lost.png', '/shop.html'];
  expect(first.fetched.toSorted()).toEqual([...site.keys(), ...missing].toSorted());

  const store = await place.openStore();
  const pages = await store.values<Page>({ prefix: 'page-' });
  const paths = [...site.keys(), '/shop.html'].filter((path) => !path.startsWith('/assets/'));
  expect(pages.map(({ url }) => url).toSorted()).toEqual(paths.map((path) => place.urlOf(path)).toSorted());
  for (const [path, { status, headers, body }] of site) {
    if (status !== 200) continue;
    const type = headers['content-type']?.includes('/') ? headers['content-type'] : 'application/octet-stream';
    const key = keyFor(type.startsWith('text/html') ? 'html' : 'asset', place.urlOf(path));
    const record = await store.getRecord(key);
    const isSame = Buffer.from(record?.value ?? []).equals(body);
    expect({ path, type: record?.contentType, isSame }).toEqual({ path, type, isSame: true });
  }

  expect(await store.getValue('OUTPUT')).toEqual({
    pages: 45,
    assets: 14,
    bytes: [...site.values()].reduce((sum, { status, body }) => sum + (status === 200 ? body.length : 0), 0),
    redirects: 7,
    byStatus: { 200: 36, 301: 2, 302: 3, 307: 1, 308: 1, 404: 1, 500: 1 },
    brokenLinks: [
      { url: place.urlOf('/assets/lost.png'), status: 404, foundOn: [place.urlOf('/exhibits/keepers.html')] },
      { url: place.urlOf('/exhibits/boiler-room.html'), status: 500, foundOn: [place.urlOf('/exhibits/')] },
      {
        url: place.urlOf('/shop.html'),
        status: 404,
        foundOn: ['/', '/exhibits/keepers.html'].map((path) => place.urlOf(path)),
      },
    ],
    // On a busy machine, pages that differ by 300 ms may change places; the slowest is slower by far more than that.
    slowestPages: expect.arrayContaining([
      { url: place.urlOf('/exhibits/storms.html'), timeMillis: expect.any(Number) },
    ]),
  });
  const report = await store.getRecord('REPORT');
  expect(report?.contentType).toBe('text/html; charset=utf-8');
  const $ = load(Buffer.from(report?.value ?? []));
  expect($('script')).toHaveLength(0);
  expect($('main').text()).toContain('<script>alert("title")</script>');
  expect(first.text).toMatch(/Pages +│ 45[^]*OUTPUT: .*OUTPUT\.json\nREPORT: file:.*REPORT\.html/);
  expect(first.text).not.toContain('purged');

  const input = join(place.storeDirectory, 'INPUT.json');
  const own = `{"startUrls": [${JSON.stringify(place.urlOf('/visit/'))}],\n\n"maxPages": 3}`;
  writeFileSync(input, own);
  const second = await place.start().ended;
  expect(second.code).toBe(0);
  expect(second.text).toMatch(/purged .*\(93 records removed, the input kept\)/);
  expect(second.text).toContain(`INPUT: ${input}, as it is.`);
  expect(readFileSync(input, 'utf8')).toBe(own);
  expect(await store.getValue('OUTPUT')).toMatchObject({ pages: 3 });
});

it.concurrent('puts its options into INPUT.json and keeps the rest', async () => {
  const place = await DemoPlace.make();
  const options = [
    '--',
    '--start',
    place.urlOf('/news/?page=1'),
    '--max-pages',
    '2',
    '--max-concurrency',
    '1',
    '--all-hosts',
  ];
  const run = await place.start(options).ended;
  expect(run.code).toBe(0);
  const startUrls = [place.urlOf('/news/?page=1')];
  const read = () => JSON.parse(readFileSync(join(place.storeDirectory, 'INPUT.json'), 'utf8')) as unknown;
  expect(read()).toEqual({ startUrls, maxPages: 2, maxConcurrency: 1, sameHostOnly: false });
  expect((await place.start(['--max-pages', '1']).ended).code).toBe(0);
  expect(read()).toEqual({ startUrls, maxPages: 1, maxConcurrency: 1, sameHostOnly: false });
});

it.concurrent('never archives more than maxPages, and goes further when a kept run gets more', async () => {
  const place = await DemoPlace.make();
  const count = async () => (await (await place.openStore()).keys({ prefix: 'page-' })).length;
  await place.start(['--port', String(place.port), '--max-pages', '10']).ended;
  expect(await count()).toBe(10);
  await place.start([], { KV_PURGE_ON_START: '0' }).ended;
  expect(await count()).toBe(10);
  await place.start(['--max-pages', '20'], { KV_PURGE_ON_START: '0' }).ended;
  expect(await count()).toBe(20);
  rmSync(join(place.storeDirectory, `${keyFor('page', place.urlOf('/visit/'))}.json`));
  expect((await place.run({ KV_PURGE_ON_START: '0' })).fetched).toEqual(['/visit/']);
  expect(await count()).toBe(20);
  await place.start(['--start', place.urlOf('/visit/')], { KV_PURGE_ON_START: '0' }).ended;
  expect(await count()).toBe(20);
});

it.concurrent.each([
  [['--max-pages', 'many'], 1, 'maxPages: found "many"; give a whole number'],
  [['--start', 'nowhere'], 1, 'startUrls[0]: found "nowhere"; give a list'],
  [['--port', '99999'], 1, '--port: found "99999"; give a number from 1 to 65535'],
  [['--frobnicate'], 1, "Unknown option '--frobnicate'"],
  [['--help'], 0, 'Usage: demo [options]'],
])('answers %j with exit code %d', async (args, code, text) => {
  const run = await (await DemoPlace.make()).start(args).ended;
  expect(run).toMatchObject({ code, text: expect.stringContaining(text) });
});

it.concurrent('says where an INPUT.json is broken, and keeps it', async () => {
  const place = await DemoPlace.make();
  mkdirSync(place.storeDirectory, { recursive: true });
  const input = join(place.storeDirectory, 'INPUT.json');
  writeFileSync(input, '{\n  "startUrls": [,]\n}');
  const run = await place.start().ended;
  expect(run.code).not.toBe(0);
  expect(run.text).toMatch(/INPUT\.json.*line 2.*column 17/s);
  expect((await place.start(['--max-pages', '3']).ended).text).toContain('INPUT.json is not valid JSON');
  expect(readFileSync(input, 'utf8')).toBe('{\n  "startUrls": [,]\n}');
});

it.concurrent('says what to do when the port is taken', async () => {
  const place = await DemoPlace.make();
  const server = createServer().listen(place.port, '127.0.0.1');
  const run = await place.start(['--port', String(place.port)]).ended;
  server.close();
  expect(run.code).toBe(1);
  expect(run.text).toContain(
    `Port ${place.port} of 127.0.0.1, for the bundled site, is taken. Choose another one with --port.`,
  );
});

it.concurrent.each(['SIGINT', 'SIGTERM'] as const)(
  '%s saves the state and ends the demo, and the next run goes on',
  async (signal) => {
    const place = await DemoPlace.make();
    const run = place.start(['--port', String(place.port)]);
    while (!existsSync(join(place.storeDirectory, `${keyFor('page', place.urlOf('/odd/'))}.json`))) await delay(20);
    run.process.kill(signal);
    expect((await run.ended).code).toBe(signal);
    expect(existsSync(join(place.storeDirectory, 'FRONTIER.json'))).toBe(true);
    const next = await place.run({ KV_PURGE_ON_START: 'false' });
    expect(next).toMatchObject({
      code: 0,
      text: expect.stringMatching(/Going on with a run that has archived \d+ pages/),
    });
    expect(next.fetched).not.toContain('/odd/');
  },
);
