import { load } from 'cheerio';
import { describe, expect, it } from 'vitest';
import type { Page } from '../src/page.ts';
import { renderReport } from '../src/report.ts';
import { summarize } from '../src/summary.ts';

const hostile = '</title><script>alert("x")</script><img src=x onerror=\'alert(1)\'>&amp;';
const page: Page = {
  url: 'https://a.test/?q=%3Cb%3E&x="\'<b>',
  status: 404,
  title: hostile,
  links: [],
  assets: [{ url: 'https://a.test/x.png', error: hostile }],
  size: 2048,
  timeMillis: 1234,
};
const report = (pages: Page[]) =>
  renderReport(['https://a.test/'], summarize(pages, new Map([['html-a', 2_000_000]])), pages);

describe('renderReport', () => {
  it('escapes everything that comes from the web', () => {
    const $ = load(report([page]));
    expect($('script, img, b')).toHaveLength(0);
    expect($('table').last().find('td').first().text()).toContain(hostile);
    expect($('table').first().text()).toContain(hostile);
    expect($(`a[href=${JSON.stringify(page.url)}]`).length).toBeGreaterThan(0);
  });

  it('is one file: chart inline, nothing loaded, nothing run', () => {
    const text = report([page]);
    const $ = load(text);
    expect($('svg')).toHaveLength(1);
    expect($('[src], link, script, iframe, object')).toHaveLength(0);
    const attributes = $('*').get().flatMap((element) => Object.keys($(element).attr() ?? {})); // prettier-ignore
    expect(attributes.filter((name) => name.startsWith('on'))).toEqual([]);
    expect(text).not.toMatch(/url\(|@import/);
    expect(text).not.toMatch(/undefined|NaN|\[object/);
  });

  it('shows totals, broken links and times', () => {
    const text = load(report([page]))('main')
      .text()
      .replace(/\s+/g, ' ');
    for (const part of ['Archive of a.test', '2 MB', 'Broken links', '404', 'a start URL', '1234 ms', '2.05 kB']) {
      expect(text).toContain(part);
    }
  });

  it('has something to say about an empty archive', () => {
    expect(load(report([]))('h2').first().next().text()).toBe('None.');
  });
});
