import { describe, expect, it } from 'vitest';
import { keyFor, resolveUrl, siteOf } from '../src/urls.ts';

describe('resolveUrl', () => {
  it.each([
    ['b.html', 'https://a.test/dir/c.html', 'https://a.test/dir/b.html'],
    ['?q=1', 'https://a.test/dir/', 'https://a.test/dir/?q=1'],
    ['//b.test/x y', 'https://a.test/', 'https://b.test/x%20y'],
    ['#top', 'https://a.test/x', 'https://a.test/x'],
    [' /trimmed\n', 'https://a.test/x', 'https://a.test/trimmed'],
    ['https://me:secret@a.test/', undefined, 'https://a.test/'],
    ['mailto:me@a.test', 'https://a.test/', null],
    ['javascript:alert(1)', 'https://a.test/', null],
    ['data:text/plain,x', 'https://a.test/', null],
    ['http://[', 'https://a.test/', null],
    ['relative', undefined, null],
  ])('resolves %j on %j to %j', (href, base, url) => {
    expect(resolveUrl(href, base)).toBe(url);
  });
});

it('siteOf takes a host with and without www for one, and ports apart', () => {
  expect(siteOf('https://www.a.test/x')).toBe(siteOf('http://a.test/'));
  expect(siteOf('http://a.test:8080/')).not.toBe(siteOf('http://a.test/'));
});

describe('keyFor', () => {
  it('is readable, legal and the same every time', () => {
    expect(keyFor('page', 'https://a.test/News/?page=2')).toBe('page-a-test-News-page-2-6f662d28550dbfc2');
  });

  it.each([
    'https://a.test/',
    `https://a.test/${'x'.repeat(3000)}`,
    'https://žluťoučký.test/kůň?a[]=%00',
    'http://[::1]:80/',
  ])('makes a legal key of %s', (url) => {
    expect(keyFor('asset', new URL(url).href)).toMatch(/^[a-zA-Z0-9!\-_.'()]{1,256}$/);
  });

  it('tells apart what looks the same in the readable part', () => {
    const urls = [
      'https://a.test/a-b',
      'https://a.test/a_b',
      'https://a.test/a/b',
      'https://a.test/A-b',
      'http://a.test/a-b',
    ];
    expect(new Set(urls.map((url) => keyFor('html', url))).size).toBe(urls.length);
  });
});
