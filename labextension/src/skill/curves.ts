/** RMSE and ACC by lead of the chosen variable and region, one line a forecast, for plotly. */
import { METRIC_TITLES, SKILL_METRICS, type SkillRecord, scoresIn } from '../../../kernel/src/records/skill.ts';
import { unitTitle } from '../../../kernel/src/records/ticks.ts';
import type { Data, Layout } from '../plotly.ts';

export interface CurveOptions {
  variable: string;
  region: string;
  /** The lead that the map shows: marked. */
  lead: number;
  width: number;
  height: number;
  colour: (variable: string) => string;
  font: string;
}

export const SERIES = ['--tw-series-1', '--tw-series-2'] as const;
const DASHES = ['solid', 'dash'] as const;

/** Two panels, RMSE above ACC, over one axis of leads. */
export function curvesFigure(record: SkillRecord, options: CurveOptions): { data: Data[]; layout: Partial<Layout> } {
  const { variable, region, colour } = options;
  const inDays = Math.max(...record.leadTimes) >= 48;
  const x = record.leadTimes.map((hours) => (inDays ? hours / 24 : hours));
  const unit = unitTitle(record.variables[variable]?.units ?? '');
  const [text, muted, rule, ground, outline] = ['--tw-text', '--tw-muted', '--tw-rule', '--tw-ground', '--tw-outline'].map(colour);
  const axis = { gridcolor: rule, zeroline: false, linecolor: rule, tickfont: { size: 11, color: muted }, nticks: 5 };
  const title = (words: string) => ({ text: words, font: { size: 12, color: text }, standoff: 6 });
  const data = SKILL_METRICS.flatMap((metric, panel) =>
    record.forecasts.slice(0, 2).map((forecast, index) => {
      const line = { color: colour(SERIES[index]!), width: 2, dash: DASHES[index] };
      return {
        type: 'scatter',
        mode: x.length <= 40 ? 'lines+markers' : 'lines',
        x,
        y: scoresIn(forecast, region)[variable]?.[metric] ?? [],
        yaxis: panel === 0 ? 'y' : 'y2',
        name: forecast.name,
        line,
        marker: { size: 5, color: line.color },
        connectgaps: false,
        hovertemplate: `${METRIC_TITLES[metric]} %{y:.4~g}${metric === 'rmse' && unit ? ` ${unit}` : ''}`,
      } as Data;
    }),
  );
  const layout = {
    width: options.width,
    height: options.height,
    margin: { l: 64, r: 12, t: 8, b: 42 },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { family: options.font, size: 12, color: text },
    showlegend: false,
    hovermode: 'x unified',
    hoversubplots: 'axis',
    hoverlabel: { bgcolor: ground, bordercolor: outline, font: { family: options.font, color: text, size: 12 } },
    dragmode: false,
    xaxis: {
      ...axis,
      nticks: 8,
      title: title(`lead time (${inDays ? 'days' : 'hours'})`),
      anchor: 'y2',
      fixedrange: true,
      hoverformat: '.4~g',
      unifiedhovertitle: { text: `%{x} ${inDays ? 'd' : 'h'}` },
    },
    yaxis: { ...axis, domain: [0.54, 1], title: title(`RMSE${unit && ` (${unit})`}`), rangemode: 'tozero', fixedrange: true },
    yaxis2: { ...axis, domain: [0, 0.46], title: title('ACC'), fixedrange: true },
    shapes: [
      {
        type: 'line',
        xref: 'x',
        yref: 'paper',
        x0: x[options.lead],
        x1: x[options.lead],
        y0: 0,
        y1: 1,
        line: { color: outline, width: 1.2, dash: 'dot' },
      },
    ],
  };
  return { data, layout: layout as unknown as Partial<Layout> };
}
