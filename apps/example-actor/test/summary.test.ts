import { expect, it } from 'vitest';
import type { Page } from '../src/page.ts';
import { summarize } from '../src/summary.ts';

const page = (url: string, rest: Partial<Page> = {}): Page => ({
  url,
  status: 200,
  title: '',
  links: [],
  assets: [],
  size: 0,
  timeMillis: 1,
  ...rest,
});

it('counts what is stored', () => {
  const pages = [
    page('/', {
      bodyKey: 'html-1',
      assets: [
        { url: '/a.png', key: 'asset-a' },
        { url: '/x.css', key: 'asset-x' },
      ],
    }),
    page('/2', { bodyKey: 'html-2', assets: [{ url: '/a.png', key: 'asset-a' }] }),
    page('/a.png', { bodyKey: 'asset-a' }),
    page('/p.pdf', { bodyKey: 'asset-p' }),
    page('/old', { status: 301, redirectTo: '/', links: ['/'] }),
  ];
  const sizes = new Map([['html-1', 10], ['html-2', 20], ['asset-a', 100], ['asset-x', 3], ['asset-p', 1000]]); // prettier-ignore
  expect(summarize(pages, sizes)).toMatchObject({
    pages: 5,
    assets: 3,
    bytes: 1133,
    redirects: 1,
    byStatus: { 200: 4, 301: 1 },
    brokenLinks: [],
  });
});

it('lists broken links with all pages that lead there, sorted', () => {
  const pages = [
    page('/z', { links: ['/gone', '/gone', '/down'] }),
    page('/b', { links: ['/gone'], assets: [{ url: '/lost.png', status: 404 }] }),
    page('/gone', { status: 404 }),
    page('/down', { status: null, error: 'connect ECONNREFUSED' }),
    page('/broken', { status: 500 }),
    page('/nowhere', { status: 302, error: 'redirects to mailto:x' }),
  ];
  expect(summarize(pages, new Map())).toMatchObject({
    byStatus: { 200: 2, 302: 1, 404: 1, 500: 1, 'no answer': 1 },
    brokenLinks: [
      { url: '/broken', status: 500, foundOn: [] },
      { url: '/down', status: null, error: 'connect ECONNREFUSED', foundOn: ['/z'] },
      { url: '/gone', status: 404, foundOn: ['/b', '/z'] },
      { url: '/lost.png', status: 404, foundOn: ['/b'] },
      { url: '/nowhere', status: 302, error: 'redirects to mailto:x', foundOn: [] },
    ],
  });
});

it('names the five slowest pages, ties by URL', () => {
  const pages = [3, 9, 1, 9, 5, 7].map((timeMillis, index) => page(`/${index}`, { timeMillis }));
  expect(summarize(pages, new Map()).slowestPages.map(({ url }) => url)).toEqual(['/1', '/3', '/5', '/4', '/0']);
});

it('sums up an empty archive', () => {
  expect(summarize([], new Map())).toMatchObject({ pages: 0, assets: 0, bytes: 0, byStatus: {}, brokenLinks: [] });
});
