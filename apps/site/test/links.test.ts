import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { checkAnchors } from '../src/check-anchors.ts';
import { ROOT } from '../src/pages.ts';
import { resolveLink, slugOf } from '../src/repository-links.ts';

it('leads links of the repository to pages, and to the repository where there is none', () => {
  const link = (href: string): string => resolveLink('docs/guides/cloud.md', href);
  expect(link('../reference/errors.md#kv_access_denied')).toBe('/reference/errors.md#kv_access_denied');
  expect(link('../../packages/cloud/README.md')).toBe('/packages/cloud.md');
  expect(link('../../LICENSE')).toBe('https://github.com/kv-storage/kv/blob/main/LICENSE');
  expect(link('../../packages/cloud/src')).toBe('https://github.com/kv-storage/kv/tree/main/packages/cloud/src');
  expect([link('https://example.com/'), link('#links'), link('/start')]).toEqual([
    'https://example.com/',
    '#links',
    '/start',
  ]);
});

it('refuses a link to a file that there is not', () => {
  expect(() => resolveLink('docs/start.md', 'guides/missing.md')).toThrow(
    'docs/start.md links to guides/missing.md, but there is no docs/guides/missing.md.',
  );
});

it('makes anchors as GitHub does', () => {
  expect(['`KV_KEY_INVALID`', '@kv/sdk', 'What is there?  Keys, and `a.b`'].map(slugOf)).toEqual([
    'kv_key_invalid',
    'kvsdk',
    'what-is-there--keys-and-ab',
  ]);
});

it('finds links to pages and anchors that there are not, in a built site', () => {
  const dir = mkdtempSync(join(tmpdir(), 'kv-anchors-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, 'index.html'), '<h1 id="top"></h1><a href="/other.html#there"></a><a href="#top"></a>');
  writeFileSync(join(dir, 'other.html'), '<h2 id="there"></h2><a href="/"></a><a href="https://example.com/"></a>');
  expect(() => checkAnchors(dir)).not.toThrow();
  writeFileSync(join(dir, 'third.html'), '<a class="x" href="/other.html#gone"></a><a href="gone.html"></a>');
  expect(() => checkAnchors(dir)).toThrow('third.html -> /other.html#gone\nthird.html -> gone.html');
});

// Those of the pages are followed when the site is built.
it.each(['README.md', 'SECURITY.md', ...globSync('{apps/{bench,soak},.changeset}/README.md', { cwd: ROOT })])(
  'has no link in %s that leads nowhere',
  (file) => {
    const links = [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(([, href = '']) => href);
    for (const href of links) {
      expect(() => resolveLink(file, href)).not.toThrow();
      const [path = '', anchor] = href.split('#');
      if (anchor === undefined || href.startsWith('https:')) continue;
      const target = readFileSync(join(ROOT, file, '..', path), 'utf8');
      const anchors = [...target.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slugOf(heading));
      expect({ href, anchors }).toMatchObject({ anchors: expect.arrayContaining([anchor]) });
    }
  },
);
