import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createBackend as createMemoryBackend } from '@kv/memory';
import { checkResponse } from '@kv/tooling/response-check';
import { build } from 'esbuild';
import { launch } from 'puppeteer-core';
import { expect, it, onTestFinished } from 'vitest';
import { startServer, TOKEN } from './start-server.js';

const browserPath = [process.env['CHROME_PATH'] ?? '', '/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

/** What the page does; it says what it sees. */
const PROGRAM = `
import { createBackend } from '@kv/cloud';

globalThis.run = async (apiBaseUrl, token) => {
  const backend = await createBackend({ apiBaseUrl, token });
  const store = await backend.openKeyValueStore({ name: 'records' });
  const text = 'x'.repeat(5000);
  await store.setRecord({ key: 'text', value: new TextEncoder().encode(text), contentType: 'text/plain' });
  await store.setRecord({ key: 'stream', value: new Blob(['from a stream']).stream(), contentType: 'text/plain' });
  const opened = await store.getRecordStream('text');
  const record = await store.getRecord('stream');
  const { modifiedAt, ...info } = await store.getRecordInfo('text');
  await store.deleteRecord('stream');
  return {
    isSame: (await new Response(opened.stream).text()) === text,
    stream: new TextDecoder().decode(record.value),
    info,
    sameEtag: opened.etag === info.etag,
    absent: (await store.getRecord('stream')) === undefined,
    keys: (await store.listKeys()).items,
    linked: await (await fetch(await store.getPublicUrl('text'))).text() === text,
    alias: (await (await backend.openKeyValueStore({ alias: 'of the page'.replaceAll(' ', '-') })).getInfo()).alias,
  };
};`;

/** Serves an empty page with the program, from an origin that is not the server's. */
async function servePage(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: PROGRAM, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    format: 'iife',
    platform: 'browser',
    write: false,
  });
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><title>Page</title><script>${outputFiles[0]?.text ?? ''}</script>`);
  });
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it.skipIf(browserPath === undefined)(
  'works in a browser, against a server of another origin (needs Chrome or Chromium; CHROME_PATH names one)',
  async () => {
    const { url, close } = await startServer(createMemoryBackend());
    onTestFinished(close);
    const browser = await launch({ executablePath: browserPath!, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    const problems: Promise<string[]>[] = [];
    page.on('response', (response) => {
      if (!response.url().startsWith(url)) return;
      const method = response.request().method();
      const answered = { method, path: new URL(response.url()).pathname, status: response.status() };
      problems.push(checkResponse({ ...answered, json: () => response.json() }));
    });
    await page.goto(await servePage());
    const seen = await page.evaluate(`run(${JSON.stringify(url)}, ${JSON.stringify(TOKEN)})`);
    expect(seen).toEqual({
      isSame: true,
      stream: 'from a stream',
      info: { key: 'text', contentType: 'text/plain', size: 5000, etag: expect.any(String) },
      sameEtag: true,
      absent: true,
      keys: [{ key: 'text', size: 5000 }],
      linked: true,
      alias: 'of-the-page',
    });
    expect(problems.length).toBeGreaterThan(5);
    expect((await Promise.all(problems)).flat()).toEqual([]);
  },
  120_000,
);
