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

/** A chart as SVG for inlining into HTML: its colours are those of the page around it, in light and in dark. */
export function drawBars(bars: Bar[], direction: 'upright' | 'lying'): string {
  const height = direction === 'upright' ? 240 : 24 + bars.length * 36;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 480, height });
  const names = { type: 'category', data: bars.map(({ name }) => name), inverse: direction === 'lying' } as const;
  const line = { show: direction === 'upright', lineStyle: { color: 'var(--line)' } };
  const nameAxis = { ...names, axisLabel: { ...TEXT, interval: 0 }, axisTick: { show: false }, axisLine: line };
  const valueAxis = { type: 'value', max: 'dataMax', axisLabel: { show: false }, splitLine: { show: false } } as const;
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: 'inherit' },
    grid: { left: 4, right: direction === 'lying' ? 72 : 4, top: 24, bottom: 0, outerBoundsMode: 'same' },
    ...(direction === 'upright' ? { xAxis: nameAxis, yAxis: valueAxis } : { xAxis: valueAxis, yAxis: nameAxis }),
    series: {
      type: 'bar',
      silent: true,
      barCategoryGap: '28%',
      itemStyle: { color: 'var(--accent)', borderRadius: 3 },
      label: { ...TEXT, show: true, position: direction === 'upright' ? 'top' : 'right' },
      data: bars.map(({ value, label }) => ({ value, label: { formatter: () => label } })),
    },
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
