/** The cards of the monitor: for each machine its cards, for each card what its meter tells, now and over the last hour. */
import type { MonitoredCard, Series } from '../../../kernel/src/records/monitor.ts';
import { element } from '../element.ts';
import { sparkline } from './sparkline.ts';

/** The seconds that a line shows. */
const HOUR = 3600;
/** A meter that has said nothing for so long (s) is no longer believed. */
const STALE = 60;

interface Figure {
  series: Series;
  label: string;
  /** The value in words. */
  words(value: number, card: MonitoredCard): string;
  /** What the line's top means. */
  top(card: MonitoredCard, values: readonly (number | null)[]): number;
}

const gibibytes = (megabytes: number) => (megabytes / 1024).toFixed(1);
const largest = (values: readonly (number | null)[]) => values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);

export const FIGURES: readonly Figure[] = [
  { series: 'utilisationPct', label: 'Busy', words: (value) => `${Math.round(value)} %`, top: () => 100 },
  {
    series: 'memoryUsedMB',
    label: 'Memory',
    words: (value, { now }) =>
      now.memoryTotalMB === undefined ? `${gibibytes(value)} GiB` : `${gibibytes(value)} of ${gibibytes(now.memoryTotalMB)} GiB`,
    top: ({ now }, values) => now.memoryTotalMB ?? (largest(values) || 1),
  },
  {
    series: 'watts',
    label: 'Power',
    words: (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)} W`,
    top: (_, values) => 1.1 * largest(values) || 1,
  },
  { series: 'temperatureC', label: 'Temperature', words: (value) => `${Math.round(value)} °C`, top: () => 100 },
];

/** The cards of each machine, the kernel's own first; the processor after the accelerators. */
export function machines(cards: readonly MonitoredCard[]): Map<string | undefined, MonitoredCard[]> {
  const byPlace = new Map<string | undefined, MonitoredCard[]>([[undefined, []]]);
  for (const card of cards) byPlace.set(card.place, [...(byPlace.get(card.place) ?? []), card]);
  const last = ({ meter }: MonitoredCard) => ['host', 'rapl'].indexOf(meter);
  for (const all of byPlace.values()) all.sort((a, b) => last(a) - last(b) || a.card - b.card);
  return byPlace;
}

/** One card; `now` (s) tells whether its meter still speaks. */
export function drawCard(card: MonitoredCard, now: number): HTMLElement {
  const title = card.meter === 'host' ? 'CPU' : card.meter === 'rapl' ? `CPU ${card.name}` : `Card ${card.card}`;
  const stale = now - card.now.time > STALE;
  return element(
    'section',
    {
      class: `tw-monitor-card${stale ? ' tw-monitor-stale' : ''}`,
      attributes: { 'aria-label': `${title}, ${card.name}`, 'data-card': `${card.meter} ${card.card}` },
    },
    element(
      'header',
      { class: 'tw-monitor-name' },
      element('strong', { text: title }),
      card.meter !== 'rapl' && element('span', { class: 'tw-muted', text: card.name }),
    ),
    stale && element('p', { class: 'tw-muted', text: `No word from ${card.meter} for ${Math.round((now - card.now.time) / 60)} min` }),
    ...FIGURES.map((figure) => drawFigure(figure, card)),
  );
}

function drawFigure({ series, label, words, top }: Figure, card: MonitoredCard): HTMLElement | null {
  const value = card.now[series];
  const values = card.history[series] ?? [];
  if (value === undefined && values.every((one) => one === null)) return null;
  const told = values.filter((one) => one !== null);
  const said = value === undefined ? 'not told' : words(value, card);
  const range = told.length > 1 ? `, over the last hour ${words(Math.min(...told), card)} to ${words(Math.max(...told), card)}` : '';
  return element(
    'div',
    { class: 'tw-monitor-figure', attributes: { 'data-series': series } },
    element('span', { class: 'tw-muted', text: label }),
    sparkline({ time: card.history.time, values, top: top(card, values), span: HOUR }, `${label} ${said}${range}`),
    element('span', { class: 'tw-monitor-value', text: value === undefined ? '–' : said }),
  );
}
