import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { launch } from 'puppeteer-core';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve } from './serve.js';

const browserPath = [
  process.env['CHROME_PATH'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  String.raw`C:\Program Files\Google\Chrome\Application\chrome.exe`,
].find((path) => existsSync(path));

const SCRIPT = 'document.title = "run"; document.documentElement.setAttribute("run", "")';
const XSLT = `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><html><script>${SCRIPT}</script></html></xsl:template></xsl:stylesheet>`;

/** What someone may store in order to have it run. */
const DOCUMENTS: readonly [key: string, contentType: string, body: string][] = [
  ['page', 'text/html', `<title>idle</title><script>${SCRIPT}</script>`],
  [
    'events',
    'text/html; charset=utf-8',
    `<title>idle</title><img src="data:," onerror='${SCRIPT}'><svg onload='${SCRIPT}'>`,
  ],
  ['picture', 'image/svg+xml', `<svg xmlns="http://www.w3.org/2000/svg"><script>${SCRIPT}</script></svg>`],
  [
    'xml',
    'text/xml',
    `<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="data:text/xsl,${encodeURIComponent(XSLT)}"?><a/>`,
  ],
  ['xhtml', 'application/xhtml+xml', `<html xmlns="http://www.w3.org/1999/xhtml"><script>${SCRIPT}</script></html>`],
  ['text', 'text/plain', `<script>${SCRIPT}</script>`],
  ['unknown', 'application/x-unknown', `<html><script>${SCRIPT}</script></html>`],
  ['script', 'text/javascript', SCRIPT],
  [
    'elsewhere',
    'text/html',
    `<title>idle</title><base href="javascript:/"><meta http-equiv="refresh" content="0;url=javascript:${encodeURIComponent(SCRIPT)}"><iframe srcdoc="<script>parent.document.title='run'</script>"></iframe><object data="data:text/html,<script>parent.document.title='run'</script>"></object><form action="javascript:${encodeURIComponent(SCRIPT)}"><button autofocus>x</button></form>`,
  ],
  ['guessed', 'text/plain; charset=utf-7', `+ADw-script+AD4-${SCRIPT}+ADw-/script+AD4-`],
  [
    'animated',
    'image/svg+xml',
    `<svg xmlns="http://www.w3.org/2000/svg" onload='${SCRIPT}'><a><set attributeName="href" to="javascript:${encodeURIComponent(SCRIPT)}"/></a><foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><script>${SCRIPT}</script></body></foreignObject></svg>`,
  ],
];

describe.skipIf(browserPath === undefined)(
  'stored documents in a browser (needs Chrome or Chromium; CHROME_PATH names one)',
  { timeout: 120_000 },
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launch({ executablePath: browserPath!, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
    }, 120_000);
    afterAll(() => browser.close());

    async function store(server: Awaited<ReturnType<typeof serve>>): Promise<string> {
      const { id } = await server.json('POST', '/v2/key-value-stores?name=documents');
      const path = `/v2/key-value-stores/${String(id)}`;
      await server.json('PUT', path, { generalAccess: 'ANYONE_WITH_ID_CAN_READ' });
      for (const [key, contentType, body] of DOCUMENTS) {
        await server.request(`${path}/records/${key}`, {
          method: 'PUT',
          body,
          headers: { 'content-type': contentType },
        });
      }
      return path;
    }

    it('run no script', async () => {
      await using server = await serve();
      const path = await store(server);
      const page = await browser.newPage();
      for (const [key] of DOCUMENTS) {
        expect([key, await opened(page, `${server.url}${path}/records/${key}`)]).toEqual([key, false]);
      }
      await page.close();
    });

    it('run where nothing holds them back, so that this proves something', async () => {
      const site = createServer((request, response) => {
        const [, contentType, body] = DOCUMENTS.find(([key]) => `/${key}` === request.url) ?? ['', 'text/plain', ''];
        response.writeHead(200, { 'content-type': contentType }).end(body);
      });
      await new Promise<void>((resolve) => {
        site.listen(0, '127.0.0.1', resolve);
      });
      const page = await browser.newPage();
      for (const key of ['page', 'events', 'picture', 'xhtml', 'animated', 'elsewhere']) {
        expect([key, await opened(page, `http://127.0.0.1:${(site.address() as AddressInfo).port}/${key}`)]).toEqual([
          key,
          true,
        ]);
      }
      await page.close();
      site.close();
    });

    it('are in no origin: what the server has in that of its own is out of their reach', async () => {
      await using server = await serve();
      const path = await store(server);
      const page = await browser.newPage();
      await page.goto(`${server.url}/health`);
      await page.evaluate("localStorage.setItem('token', 'secret')");
      const embedded = `(async (url) => {
        const frame = document.createElement('iframe');
        frame.src = url;
        const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
        document.documentElement.append(frame);
        await loaded;
        return frame.contentDocument === null;
      })('${path}/records/page')`;
      expect(await page.evaluate(embedded)).toBe(true);
      for (const key of ['page', 'events', 'picture', 'elsewhere']) {
        await page.goto(`${server.url}${path}/records/${key}`);
        expect([key, await page.evaluate('self.origin')]).toEqual([key, 'null']);
        await expect(page.evaluate('localStorage.token')).rejects.toThrow(/SecurityError|sandboxed/);
        expect(await page.evaluate("fetch('/health').then(() => 'answered', () => 'refused')")).toBe('refused');
      }
      await page.goto(`${server.url}/health`);
      expect(await page.evaluate('localStorage.token')).toBe('secret');
      await page.close();
    });

    it('cannot be loaded as scripts, nor as workers of any kind, by a page of the same origin', async () => {
      await using server = await serve();
      const path = await store(server);
      const page = await browser.newPage();
      await page.goto(`${server.url}/health`);
      const outcome = await page.evaluate(`(async (url) => {
      const load = () => new Promise((resolve) => {
        const element = document.createElement('script');
        element.addEventListener('load', () => resolve('loaded'));
        element.addEventListener('error', () => resolve('refused'));
        element.src = url;
        document.documentElement.append(element);
      });
      const work = () => new Promise((resolve) => {
        new Worker(url).addEventListener('error', () => resolve('refused'));
        setTimeout(() => resolve('loaded'), 60_000);
      });
      const register = () => navigator.serviceWorker.register(url).then(() => 'loaded', () => 'refused');
      return [await load(), await work(), await register(), document.documentElement.hasAttribute('run')];
    })('${path}/records/script')`);
      expect(outcome).toEqual(['refused', 'refused', 'refused', false]);
      await page.close();
    });
  },
);

/** Opens a document; tells whether its script ran. A document that is downloaded runs nothing. */
async function opened(page: Page, url: string): Promise<boolean> {
  await page.goto('about:blank');
  await page.goto(url).catch((error: unknown) => {
    if (!String(error).includes('ERR_ABORTED')) throw error;
  });
  return Boolean(await page.evaluate('document.title === "run" || document.documentElement.hasAttribute("run")'));
}
