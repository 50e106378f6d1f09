import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Download, download, DownloadError } from '../src/download.ts';

const servers: ReturnType<typeof createServer>[] = [];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function readAll({ body }: Download): Promise<Buffer> {
  const chunks = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

describe('download', () => {
  it('gives status, type, bytes and their number', async () => {
    const url = await serve((request, response) =>
      response.writeHead(206, { 'content-type': 'image/png' }).end(request.headers['user-agent']),
    );
    const answer = await download(url, 'manual');
    const bytes = await readAll(answer);
    expect(answer).toMatchObject({ contentType: 'image/png', size: bytes.length });
    expect(answer.response.status).toBe(206);
    expect(bytes.toString()).toMatch(/^kv-site-archiver/);
  });

  it('shows a redirect, or follows it', async () => {
    const url = await serve((request, response) =>
      request.url === '/' ? response.writeHead(302, { location: '/there' }).end() : response.end('here'),
    );
    const redirect = await download(url, 'manual');
    expect(redirect.response.status).toBe(302);
    redirect.discard();
    expect(String(await readAll(await download(url, 'follow')))).toBe('here');
  });

  it.each([[undefined], ['nonsense'], ['text/'], ['te xt/html'], ['text/html; é'], [`text/${'x'.repeat(300)}`]])(
    'takes content type %j for bytes',
    async (type) => {
      const url = await serve((_, response) => response.writeHead(200, type ? { 'content-type': type } : {}).end('x'));
      const answer = await download(url, 'manual');
      expect(answer.contentType).toBe('application/octet-stream');
      answer.discard();
    },
  );

  it('keeps a content type to the letter', async () => {
    const type = 'Text/HTML;charset="UTF-8" ; x=1';
    const url = await serve((_, response) => response.writeHead(200, { 'content-type': type }).end());
    const answer = await download(url, 'manual');
    expect(answer.contentType).toBe(type);
    expect(await readAll(answer)).toHaveLength(0);
  });

  it('says why there is no answer', async () => {
    const url = await serve((_, response) => response.end());
    servers[0]?.close();
    await expect(download(url, 'manual')).rejects.toThrow(DownloadError);
    await expect(download(url, 'manual')).rejects.toThrow(/ECONNREFUSED/);
    await expect(download('http://no-such-host.invalid/', 'manual')).rejects.toThrow(/ENOTFOUND|EAI_AGAIN/);
  });

  it('tells of a body that breaks off', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('only this');
      setTimeout(() => response.destroy(), 20);
    });
    const answer = await download(url, 'manual');
    await expect(readAll(answer)).rejects.toThrow(DownloadError);
    expect(answer.failure).toBeInstanceOf(DownloadError);
  });

  it('gives up on silence, before the answer and in it, but not on a slow stream', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/dead') return;
      response.write('x');
      const writing = setInterval(() => response.write('x'), 50);
      setTimeout(() => clearInterval(writing), 400);
      setTimeout(() => request.url === '/' && response.end(), 400);
    });
    await expect(download(`${url}dead`, 'manual', 200)).rejects.toThrow('no data for 0.2 seconds');
    expect((await readAll(await download(url, 'manual', 200))).length).toBeGreaterThan(4);
    await expect(readAll(await download(`${url}stuck`, 'manual', 200))).rejects.toThrow('no data for 0.2 seconds');
  });
});
