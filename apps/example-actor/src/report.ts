import { readFileSync } from 'node:fs';
import { Eta } from 'eta';
import prettyBytes from 'pretty-bytes';
import { type Bar, drawBars } from './chart.ts';
import type { Page } from './page.ts';
import type { Summary } from './summary.ts';

const TEMPLATE = readFileSync(new URL('report.eta', import.meta.url), 'utf8');
/** Upper ends of the bars in the chart of response times. */
const STEPS_MILLIS = [50, 100, 250, 500, 1000, 2500, Infinity];

/** The record `REPORT`: {@link Summary} for people, in one file without scripts. The template escapes all that it is given. */
export function renderReport(startUrls: string[], summary: Summary, pages: Page[]): string {
  const sizes = Object.entries(summary.bytesByKind).toSorted(([, a], [, b]) => b - a);
  const bytesChart = drawBars(sizes.map(([name, value]) => ({ name, value, label: prettyBytes(value) })));
  const title = `Archive of ${[...new Set(startUrls.map((url) => new URL(url).host))].join(', ')}`;
  const charts = { times: drawBars(countTimes(pages)), bytes: bytesChart };
  return new Eta().renderString(TEMPLATE, { title, startUrls, summary, pages, charts, prettyBytes });
}

function countTimes(pages: Page[]): Bar[] {
  return STEPS_MILLIS.map((end, index) => {
    const start = STEPS_MILLIS[index - 1] ?? 0;
    const value = pages.filter(({ timeMillis }) => timeMillis >= start && timeMillis < end).length;
    const name = end === Infinity ? `> ${start / 1000} s` : end < 1000 ? `< ${end} ms` : `< ${end / 1000} s`;
    return { name, value, label: value ? String(value) : '' };
  });
}
