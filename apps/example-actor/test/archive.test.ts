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
    const page = await (await Archive.open(store)).getPage(url('/'));
    expect(page).toEqual({
      url: url('/'),
      status: 200,
      title: 'Home',
      contentType: 'text/html; charset=utf-8',
      links: [url('/a')],
      assets: [
        { url: url('/x.png'), kind: 'images', key: keyFor('asset', url('/x.png')) },
        { url: url('/no.js'), kind: 'scripts', status: 404 },
      ],
      size: 76,
      timeMillis: expect.any(Number),
      bodyKey: keyFor('html', url('/')),
    });
    expect(await store.getRecord(keyFor('asset', url('/x.png')))).toMatchObject({
      contentType: 'image/png',
      value: new Uint8Array(png),
    });
    const again = await Archive.open(store);
    expect(again.has(url('/'))).toBe(true);
    expect(await again.getPage(url('/'))).toEqual(page);
    expect(requests).toEqual(['/', '/x.png', '/no.js']);
  });

  it('fetches an asset once, for however many pages at a time, and not at all when an earlier run has it', async () => {
    const html = send('text/html', '<img src="/shared.png"><img src="/stored.png">');
    const url = await serve({ '/1': html, '/2': html, '/3': html, '/shared.png': send('image/png', 'x') });
    await store.setValue(keyFor('asset', url('/stored.png')), 'earlier', { contentType: 'image/png' });
    const archive = await Archive.open(store);
    const pages = await Promise.all(['/1', '/2', '/3'].map((path) => archive.getPage(url(path))));
    expect(pages.map(({ assets }) => assets.filter(({ key }) => key).length)).toEqual([2, 2, 2]);
    expect(requests.toSorted()).toEqual(['/1', '/2', '/3', '/shared.png']);
  });

  it('stores what is linked and not HTML under its own type, and uses it as an asset of other pages', async () => {
    const url = await serve({
      '/photo': send('image/jpeg', 'bytes'),
      '/': send('application/xhtml+xml', '<html><body><img src="/photo"/></body></html>'),
    });
    const archive = await Archive.open(store);
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

  it('makes a record of every failure', async () => {
    const url = await serve({
      '/error': (_, response) => response.writeHead(503).end('<a href="/x">down</a>'),
      '/nowhere': (_, response) => response.writeHead(302, { location: 'mailto:me@a.test' }).end(),
      '/half': breakOff('text/html'),
      '/half.pdf': breakOff('application/pdf'),
      '/page': send('text/html', '<img src="/half.png"><img src="http://no-such-host.invalid/">'),
      '/half.png': breakOff('image/png'),
      '/not-http': (request) => request.socket.end('gibberish'),
    });
    const archive = await Archive.open(store);
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
    const keys = await store.keys();
    expect(keys.filter((key) => !key.startsWith('page-'))).toEqual([keyFor('html', url('/page'))]);
    expect(keys).toHaveLength(7);
  });

  it.each(['/', '/file.pdf'])(
    'stops the run when %s cannot be written: that is not the fault of the site',
    async (path) => {
      const url = await serve({ '/': send('text/html', '<p>'), '/file.pdf': send('application/pdf', 'bytes') });
      const archive = await Archive.open(store);
      rmSync(directory, { recursive: true });
      writeFileSync(directory, 'a file where the directory was');
      await expect(archive.getPage(url(path))).rejects.toMatchObject({ code: expect.stringMatching(/^KV_/) });
    },
  );
});
