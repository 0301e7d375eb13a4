/** The bars of a histogram: of several series side by side, from nought. */
import type { ChartLayout } from './chart.ts';

export interface Bar {
  box: [x: number, y: number, width: number, height: number];
  colour: string;
}

/** Of an upright chart; `pointAt` gives the pixels of a place and a score. */
export function barsOf(layout: ChartLayout, pointAt: (layout: ChartLayout, at: number, value: number) => [number, number]): Bar[] {
  const { series, bars: wide = 1 } = layout.chart;
  // A little ground between the ranks.
  const own = (wide * 0.84) / series.length;
  return series.flatMap(({ points, colour }, index) =>
    points.flatMap(({ at, value }): Bar[] => {
      if (value === null) return [];
      const from = at - wide * 0.42 + own * index;
      const [left, top] = pointAt(layout, from, value);
      const [right, bottom] = pointAt(layout, from + own, 0);
      return [{ box: [left, top, right - left, bottom - top], colour }];
    }),
  );
}
