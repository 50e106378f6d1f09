import { BarChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, GridComponent, SVGRenderer]);

const TEXT = { color: 'currentColor', fontSize: 13 };

export interface Bar {
  name: string;
  value: number;
  /** The value as people read it. */
  label: string;
}

/** A bar chart as SVG, to be put into HTML as it is: its colours are those of the page, in light and in dark. */
export function drawBars(bars: Bar[]): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 480, height: 240 });
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: 'inherit' },
    grid: { left: 4, right: 4, top: 32, bottom: 6, outerBoundsMode: 'same' },
    xAxis: {
      data: bars.map(({ name }) => name),
      axisLabel: { ...TEXT, interval: 0 },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: 'var(--line)' } },
    },
    yAxis: { max: 'dataMax', axisLabel: { show: false }, splitLine: { show: false } },
    series: {
      type: 'bar',
      silent: true,
      barCategoryGap: '28%',
      itemStyle: { color: 'var(--accent)', borderRadius: [3, 3, 0, 0] },
      label: { ...TEXT, show: true, position: 'top' },
      data: bars.map(({ value, label }) => ({ value, label: { formatter: () => label } })),
    },
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
