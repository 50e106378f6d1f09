import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Configuration, KeyValueStore } from '@kv/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Archive } from '../src/archive.ts';
import { keyFor } from '../src/urls.ts';

let directory: string;
let store: KeyValueStore;
let server: Server | undefined;
let requests: string[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kv-archive-'));
  store = await KeyValueStore.open(null, { config: new Configuration({ storageDir: directory, purgeOnStart: false }) });
  requests = [];
});

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Serves `answers` by path; what is missing is a 404. */
async function serve(answers: Record<string, RequestListener>): Promise<(path: string) => string> {
  server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    const answer = answers[path];
    if (answer) answer(request, response);
    else response.writeHead(404).end('not found');
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return (path) => `http://127.0.0.1:${port}${path}`;
}

/** What a run does that finds the store like this. */
async function openArchive(): Promise<Archive> {
  return new Archive(store, await store.keys({ prefix: 'page-' }));
}

const send =
  (type: string, body: string | Buffer): RequestListener =>
  (_, response) =>
    response.writeHead(200, { 'content-type': type }).end(body);

const breakOff =
  (type: string): RequestListener =>
  (_, response) => {
    response.writeHead(200, { 'content-type': type, 'content-length': 1000 }).write('half of i');
    setTimeout(() => response.destroy(), 30);
  };

describe('Archive', () => {
  it('stores a page, its body and its assets, and reads them from the store the next time', async () => {
    const png = Buffer.from([137, 80, 78, 71, 0, 255]);
    const url = await serve({
      '/': send(
        'text/html; charset=utf-8',
        '<title>Home</title><a href="/a">A</a><img src="/x.png"><script src="/no.js">',
      ),
      '/x.png': send('image/png', png),
    });
    const page = await (await openArchive()).getPage(url('/'));
    expect(page).toEqual({
      url: url('/'),
      status: 200,
      title: 'Home',
      contentType: 'text/html; charset=utf-8',
      links: [url('/a')],
      assets: [
        { url: url('/x.png'), key: keyFor('asset', url('/x.png')) },
        { url: url('/no.js'), status: 404 },
      ],
      size: 76,
      timeMillis: expect.any(Number),
      bodyKey: keyFor('html', url('/')),
    });
    expect(await store.getRecord(keyFor('asset', url('/x.png')))).toMatchObject({
      contentType: 'image/png',
      value: new Uint8Array(png),
    });
    const again = await openArchive();
    expect(again.has(url('/'))).toBe(true);
    expect(await again.getPage(url('/'))).toEqual(page);
    expect(requests).toEqual(['/', '/x.png', '/no.js']);
  });

  it('fetches an asset once, for however many pages at a time, and not at all when an earlier run has it', async () => {
    const html = send('text/html', '<img src="/shared.png"><img src="/stored.png">');
    const url = await serve({ '/1': html, '/2': html, '/3': html, '/shared.png': send('image/png', 'x') });
    await store.setValue(keyFor('asset', url('/stored.png')), 'earlier', { contentType: 'image/png' });
    const archive = await openArchive();
    const pages = await Promise.all(['/1', '/2', '/3'].map((path) => archive.getPage(url(path))));
    expect(pages.map(({ assets }) => assets.filter(({ key }) => key).length)).toEqual([2, 2, 2]);
    expect(requests.toSorted()).toEqual(['/1', '/2', '/3', '/shared.png']);
  });

  it('stores what is linked and not HTML under its own type, and uses it as an asset of other pages', async () => {
    const url = await serve({
      '/photo': send('image/jpeg', 'bytes'),
      '/': send('application/xhtml+xml', '<html><body><img src="/photo"/></body></html>'),
    });
    const archive = await openArchive();
    const photo = await archive.getPage(url('/photo'));
    expect(photo).toMatchObject({
      contentType: 'image/jpeg',
      bodyKey: keyFor('asset', url('/photo')),
      size: 5,
      links: [],
    });
    expect((await archive.getPage(url('/'))).assets).toMatchObject([{ key: photo.bodyKey }]);
    expect(requests).toEqual(['/photo', '/']);
  });

  it('makes a record of a redirect, with its target as the only link, but follows that of an asset', async () => {
    const url = await serve({
      '/old': (_, response) => response.writeHead(301, { location: 'new#top' }).end('<a href="/x">moved</a>'),
      '/page': send('text/html', '<img src="/old.png">'),
      '/old.png': (_, response) => response.writeHead(302, { location: '/new.png' }).end(),
      '/new.png': send('image/png', 'bytes'),
    });
    const archive = await openArchive();
    expect(await archive.getPage(url('/old'))).toMatchObject({
      status: 301,
      redirectTo: url('/new'),
      links: [url('/new')],
      size: 0,
    });
    const key = keyFor('asset', url('/old.png'));
    expect((await archive.getPage(url('/page'))).assets).toEqual([{ url: url('/old.png'), key }]);
    expect(String(await store.getValue(key))).toBe('bytes');
  });

  it.each([[undefined], ['nonsense'], ['text/'], ['te xt/html'], ['text/html; é'], [`text/${'x'.repeat(300)}`]])(
    'takes content type %j for bytes',
    async (type) => {
      const url = await serve({ '/': (_, response) => response.writeHead(200, type ? { 'content-type': type } : {}).end('x') }); // prettier-ignore
      const page = await (await openArchive()).getPage(url('/'));
      expect(page).toMatchObject({ status: 200, contentType: 'application/octet-stream', size: 1 });
    },
  );

  it.each(['Text/HTML;charset="no-such" ; x=1', 'text/css; charset=no-such'])(
    'keeps content type %j to the letter, with a body or without',
    async (type) => {
      const url = await serve({
        '/': send(type, 'x'),
        '/empty': send(type, ''),
        '/none': (_, response) => response.writeHead(204, { 'content-type': type }).end(),
      });
      const archive = await openArchive();
      for (const path of ['/', '/empty', '/none']) {
        const { bodyKey = '' } = await archive.getPage(url(path));
        expect((await store.getRecord(bodyKey))?.contentType).toBe(type);
      }
    },
  );

  it('makes a record of every failure', async () => {
    const url = await serve({
      '/error': (_, response) => response.writeHead(503).end('<a href="/x">down</a>'),
      '/nowhere': (_, response) => response.writeHead(302, { location: 'mailto:me@a.test' }).end(),
      '/half': breakOff('text/html'),
      '/half.pdf': breakOff('application/pdf'),
      '/page': send('text/html', '<img src="/half.png"><img src="http://no-such-host.invalid/">'),
      '/half.png': breakOff('image/png'),
      '/not-http': (request) => request.socket.end('gibberish'),
      '/loop.css': (_, response) => response.writeHead(302, { location: '/loop.css' }).end(),
      '/looped': send('text/html', '<link rel="stylesheet" href="/loop.css">'),
    });
    const archive = await openArchive();
    const get = (path: string) => archive.getPage(url(path));
    expect(await get('/error')).toMatchObject({ status: 503, links: [], size: 0 });
    expect(await get('/nowhere')).toMatchObject({ status: 302, error: 'redirects to mailto:me@a.test', links: [] });
    expect(await get('/half')).toMatchObject({ status: null, error: expect.stringMatching(/./), links: [], size: 0 });
    expect(await get('/half.pdf')).toMatchObject({ status: null, error: expect.stringMatching(/./) });
    expect(await get('/not-http')).toMatchObject({ status: null, error: expect.stringMatching(/./) });
    expect((await get('/page')).assets).toMatchObject([
      { error: expect.stringMatching(/./) },
      { error: expect.stringMatching(/no-such-host/) },
    ]);
    expect((await get('/looped')).assets).toMatchObject([{ error: expect.stringMatching(/redirect/) }]);
    const keys = await store.keys();
    const htmlKeys = ['/page', '/looped'].map((path) => keyFor('html', url(path)));
    expect(keys.filter((key) => !key.startsWith('page-'))).toEqual(htmlKeys.toSorted());
    expect(keys).toHaveLength(9);
  });

  it.each(['127.0.0.1', 'localhost'])('says why there is no answer from %s', async (host) => {
    const url = new URL((await serve({}))('/'));
    await new Promise((closed) => server?.close(closed));
    const page = await (await openArchive()).getPage(`http://${host}:${url.port}/`);
    expect(page).toMatchObject({ status: null, error: expect.stringContaining('ECONNREFUSED') });
  });

  it.each(['/', '/file.pdf'])(
    'stops the run when %s cannot be written: that is not the fault of the site',
    async (path) => {
      const url = await serve({ '/': send('text/html', '<p>'), '/file.pdf': send('application/pdf', 'bytes') });
      const archive = await openArchive();
      rmSync(directory, { recursive: true });
      writeFileSync(directory, 'a file where the directory was');
      await expect(archive.getPage(url(path))).rejects.toMatchObject({ code: expect.stringMatching(/^KV_/) });
    },
  );
});
