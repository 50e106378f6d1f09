import { readFileSync } from 'node:fs';
import { type Bar, drawBars } from './chart.ts';
import { formatBytes } from './format-bytes.ts';
import { type Html, html, trust } from './html.ts';
import type { Page } from '../page.ts';
import type { BodyKind, Summary } from '../summary.ts';

const STYLE = trust(readFileSync(new URL('report.css', import.meta.url), 'utf8'));
const KIND_NAMES: Record<BodyKind, string> = {
  page: 'HTML',
  image: 'Images',
  style: 'Styles',
  script: 'Scripts',
  media: 'Media',
  document: 'Documents',
};
/** Upper ends of the steps in the chart of response times. */
const STEPS_MILLIS = [50, 100, 250, 500, 1000, 2500, Infinity];

/** The record `REPORT`: what {@link Summary} says, for people, in one file without scripts. */
export function renderReport(startUrls: string[], summary: Summary, pages: Page[]): string {
  const hosts = [...new Set(startUrls.map((url) => new URL(url).host))].join(', ');
  const title = `Archive of ${hosts}`;
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${title}</title>
      <style>
        ${STYLE}
      </style>
      <main>
        <header>
          <h1>${title}</h1>
          <p>Starting at ${joinWith(startUrls.map(link), ', ')}</p>
        </header>
        ${renderTotals(summary)} ${renderCharts(summary, pages)} ${renderBrokenLinks(summary)} ${renderSlowest(summary)}
        ${renderPages(pages)}
      </main>
    </html>`.text;
}

function renderTotals({ pages, assets, bytes, redirects, brokenLinks }: Summary): Html {
  const tile = (name: string, value: string | number, mood = '') =>
    html`<div class="tile ${mood}">
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>`;
  return html`<dl class="tiles">
    ${tile('Pages', pages)} ${tile('Assets', assets)} ${tile('Stored', formatBytes(bytes))}
    ${tile('Redirects', redirects)} ${tile('Broken links', brokenLinks.length, brokenLinks.length ? 'bad' : 'good')}
  </dl>`;
}

function renderCharts({ bytesByKind }: Summary, pages: Page[]): Html {
  const kinds = Object.entries(bytesByKind).toSorted(([, a], [, b]) => b - a);
  const sizes = kinds.map(([kind, value]) => ({
    name: KIND_NAMES[kind as BodyKind],
    value,
    label: formatBytes(value),
  }));
  return html`<div class="charts">
    <figure>
      <figcaption>Pages by response time</figcaption>
      ${trust(drawBars(countTimes(pages), 'upright'))}
    </figure>
    <figure>
      <figcaption>Bytes by kind</figcaption>
      ${trust(drawBars(sizes, 'lying'))}
    </figure>
  </div>`;
}

function countTimes(pages: Page[]): Bar[] {
  return STEPS_MILLIS.map((end, index) => {
    const start = STEPS_MILLIS[index - 1] ?? 0;
    const value = pages.filter(({ timeMillis }) => timeMillis >= start && timeMillis < end).length;
    const name = end === Infinity ? `> ${start / 1000} s` : end < 1000 ? `< ${end} ms` : `< ${end / 1000} s`;
    return { name, value, label: value ? String(value) : '' };
  });
}

function renderBrokenLinks({ brokenLinks }: Summary): Html {
  if (brokenLinks.length === 0)
    return html`<section>
      <h2>Broken links</h2>
      <p>None.</p>
    </section>`;
  const rows = brokenLinks.map(
    ({ url, status, error, foundOn }) =>
      html`<tr>
        <td>${link(url)}${error ? html`<small>${error}</small>` : ''}</td>
        <td>${badge(status)}</td>
        <td>${foundOn.length ? joinWith(foundOn.map(link), html`<br />`) : 'a start URL'}</td>
      </tr>`,
  );
  return table('Broken links', ['URL', 'Status', 'Found on'], rows);
}

function renderSlowest({ slowestPages }: Summary): Html {
  const longest = slowestPages[0]?.timeMillis || 1;
  const rows = slowestPages.map(
    ({ url, timeMillis }) =>
      html`<tr>
        <td>${link(url)}</td>
        <td class="number">${timeMillis} ms<progress value="${timeMillis}" max="${longest}"></progress></td>
      </tr>`,
  );
  return table('Slowest pages', ['URL', 'Time'], rows);
}

function renderPages(pages: Page[]): Html {
  const rows = pages.map((page) => {
    const name = page.title || (page.redirectTo ? `→ ${page.redirectTo}` : (page.error ?? page.contentType ?? ''));
    return html`<tr>
      <td>${name}<small>${link(page.url)}</small></td>
      <td>${badge(page.status)}</td>
      <td class="number">${formatBytes(page.size)}</td>
      <td class="number">${page.timeMillis} ms</td>
    </tr>`;
  });
  return table('All pages', ['Page', 'Status', 'Size', 'Time'], rows);
}

function table(title: string, columns: string[], rows: Html[]): Html {
  return html`<section>
    <h2>${title}</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            ${columns.map((column) => html`<th>${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </section>`;
}

function badge(status: number | null): Html {
  const mood = status === null || status >= 400 ? 'bad' : status >= 300 ? 'fair' : 'good';
  return html`<span class="badge ${mood}">${status ?? 'no answer'}</span>`;
}

/** Archived URLs are http or https, so none of them is a script. */
function link(url: string): Html {
  return html`<a href="${url}">${url}</a>`;
}

function joinWith(items: Html[], separator: string | Html): Html {
  return html`${items.flatMap((item, index) => (index === 0 ? item : [html`${separator}`, item]))}`;
}
