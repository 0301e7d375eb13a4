/** Cards as they are now, with the last hour's use as a small line. */
import type { MonitoredCard, MonitorRecord } from '../records/monitor.ts';
import type { Display } from './display.ts';
import { block, type Content, element, provenance, table } from './html.ts';
import { provenanceOf } from './provenance.ts';
import { memory, textTable, wrap } from './text.ts';

const BARS = '▁▂▃▄▅▆▇█';
const WIDTH = 12;

/** The newest dozen of points in eight heights; a gap is a blank. */
function sparkline(values: readonly (number | null)[]): string {
  return values
    .slice(-WIDTH)
    .map((value) => (value === null ? ' ' : BARS[Math.min(7, Math.max(0, Math.floor((value / 100) * 8)))]!))
    .join('');
}

const figure = (value: number | undefined, unit: string) => (value === undefined ? '–' : `${value} ${unit}`);

function inUse({ now }: MonitoredCard): string {
  if (now.memoryUsedMB === undefined) return '–';
  return now.memoryTotalMB === undefined ? memory(now.memoryUsedMB) : `${memory(now.memoryUsedMB)} of ${memory(now.memoryTotalMB)}`;
}

function row(card: MonitoredCard): string[] {
  const { now } = card;
  return [
    `${card.place === undefined ? '' : `${card.place}, `}${card.card}: ${card.name}`,
    figure(now.utilisationPct, '%'),
    inUse(card),
    figure(now.watts, 'W'),
    figure(now.temperatureC, '°C'),
  ];
}

/** Per cent busy over the hour, as a line in a box of its own colour. */
function picture({ history }: MonitoredCard): Content {
  const { time, utilisationPct } = history;
  const [first, last] = [time[0] ?? 0, time.at(-1) ?? 0];
  const points = utilisationPct.flatMap((value, at) =>
    value === null
      ? []
      : [`${(((time[at]! - first) / Math.max(1, last - first)) * 118 + 1).toFixed(1)},${(23 - (value / 100) * 22).toFixed(1)}`],
  );
  const line = element('polyline', { points: points.join(' '), fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5 });
  return element('svg', { width: 120, height: 24, role: 'img', 'aria-label': 'per cent busy over the last hour' }, line);
}

const HEADS = ['card', 'busy', 'memory in use', 'power', 'temperature'];

export function display(record: MonitorRecord): Display {
  return {
    text: [
      textTable(
        [...HEADS, 'lately'].map((title) => ({ title })),
        record.cards.map((card) => [...row(card), sparkline(card.history.utilisationPct)]),
      ),
      wrap(provenanceOf(record), 80).join('\n'),
    ].join('\n\n'),
    get html() {
      return block(
        table({
          caption: 'Cards now, and their use over the last hour at most',
          columns: [...HEADS, 'busy, last hour'].map((title) => ({ title })),
          rows: record.cards.map((card): Content[] => [...row(card), picture(card)]),
        }),
        provenance(provenanceOf(record)),
      ).html;
    },
  };
}
