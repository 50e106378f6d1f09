import { readFileSync } from 'node:fs';
import { init } from 'echarts';
import { Eta } from 'eta';
import prettyBytes from 'pretty-bytes';
import type { Page } from './page.ts';
import type { Summary } from './summary.ts';

const TEMPLATE = readFileSync(new URL('report.eta', import.meta.url), 'utf8');
const TEXT = { color: 'currentColor', fontSize: 13 };
/** The bars of the chart: up to how many milliseconds each of them goes. */
const STEPS_MILLIS = [50, 100, 250, 500, 1000, 2500, Infinity];

/** The record `REPORT`: {@link Summary} for people, in one file without scripts. The template escapes what it is given. */
export function renderReport(startUrls: string[], summary: Summary, pages: Page[]): string {
  const title = `Archive of ${[...new Set(startUrls.map((url) => new URL(url).host))].join(', ')}`;
  const chart = drawTimes(pages.map(({ timeMillis }) => timeMillis));
  return new Eta().renderString(TEMPLATE, { title, startUrls, summary, pages, chart, prettyBytes });
}

/** A bar chart as SVG. Its colours are those of the page that it is put into, in light and in dark. */
function drawTimes(times: number[]): string {
  const bars = STEPS_MILLIS.map((end, index) => {
    const start = STEPS_MILLIS[index - 1] ?? 0;
    const value = times.filter((time) => time >= start && time < end).length;
    return { name: end === Infinity ? 'slower' : `< ${end} ms`, value };
  });
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 720, height: 200 });
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: 'inherit' },
    grid: { left: 0, right: 0, top: 24, bottom: 0, outerBoundsMode: 'same' },
    xAxis: { data: bars.map(({ name }) => name), axisLabel: { ...TEXT, interval: 0 }, axisTick: { show: false } },
    yAxis: { max: 'dataMax', axisLabel: { show: false }, splitLine: { show: false } },
    series: { type: 'bar', data: bars, color: 'var(--accent)', label: { ...TEXT, show: true, position: 'top' } },
  });
  return chart.renderToSVGString();
}
