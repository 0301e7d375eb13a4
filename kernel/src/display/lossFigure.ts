/** The loss of a run as a static SVG: training and validation over steps, on a logarithmic axis; gaps where a value is not finite. */
import { CURVE_COLOURS } from '../records/colours.ts';
import { ticks } from '../records/ticks.ts';
import type { TrainingRecord } from '../records/training.ts';
import { escapeHtml, type Html, safe } from './html.ts';

const WIDTH = 560;
const HEIGHT = 240;
const LEFT = 52;
const RIGHT = 14;
const TOP = 26;
const BOTTOM = 36;

type Curve = TrainingRecord['series'][number];

/** The series that are losses, training's first. */
export function losses(series: readonly Curve[]): Curve[] {
  const rank = (name: string) => (name === 'loss' ? 0 : name === 'validation_loss' ? 1 : 2);
  return series.filter((curve) => /loss$/.test(curve.name) && curve.step.length > 0).sort((a, b) => rank(a.name) - rank(b.name));
}

/** Values of 1, 2 and 5 times a power of ten within the span; where it holds fewer than two, evenly spaced ones. */
export function logarithmicTicks(low: number, high: number): number[] {
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const digit of [1, 2, 5]) {
      const value = digit * 10 ** power;
      if (value >= low && value <= high) found.push(value);
    }
  }
  if (found.length < 2) return ticks(low, high, 4);
  const powers = found.filter((value) => Number.isInteger(Math.round(Math.log10(value) * 1e9) / 1e9));
  return found.length > 8 && powers.length >= 2 ? powers : found;
}

const short = (value: number) =>
  (value >= 1e-3 && value < 1e5 ? String(Number(value.toPrecision(3))) : value.toExponential(0)).replace('-', '−');

/** `steps`: the planned number of steps, so that a running training's picture doesn't change its scale. */
export function lossFigure(series: readonly Curve[], steps: number, title: string): Html {
  const curves = losses(series);
  const values = curves.flatMap((curve) => curve.value.filter(Number.isFinite));
  if (values.length === 0) return safe('');
  // A loss that reaches zero or less has no logarithm.
  const logarithmic = values.every((value) => value > 0);
  const scale = (value: number) => (logarithmic ? Math.log10(value) : value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (scale(high) - scale(low) || Math.abs(scale(high)) || 1) * 0.06;
  const [bottom, top] = [scale(low) - room, scale(high) + room];
  const last = Math.max(1, steps, ...curves.map((curve) => curve.step.at(-1)!));
  const x = (step: number) => (LEFT + (step / last) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (value: number) => (HEIGHT - BOTTOM - ((scale(value) - bottom) / (top - bottom)) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const levels = logarithmic ? logarithmicTicks(10 ** bottom, 10 ** top) : ticks(bottom, top, 5);
  const text = (anchor: string, at: string | number, height: string | number, words: string, size = 10) =>
    `<text x="${at}" y="${height}" text-anchor="${anchor}" font-size="${size}" fill="currentColor" fill-opacity=".85">${escapeHtml(words)}</text>`;
  const parts = [
    `<text x="${LEFT}" y="15" font-size="12" font-weight="600" fill="currentColor">${escapeHtml(title)}</text>`,
    ...levels.map(
      (value) =>
        `<path d="M${LEFT} ${y(value)}H${WIDTH - RIGHT}" stroke="currentColor" stroke-opacity=".15"/>${text('end', LEFT - 6, (Number(y(value)) + 3.5).toFixed(1), short(value))}`,
    ),
    ...ticks(0, last, 6).map((step) => text('middle', x(step), HEIGHT - BOTTOM + 14, String(step))),
    text('middle', (LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 29, `optimiser step${logarithmic ? '; loss on a logarithmic axis' : ''}`),
    ...curves.map((curve, index) => line(curve, x, y, CURVE_COLOURS[index % CURVE_COLOURS.length]!, curve.name !== 'loss')),
    ...curves.map((curve, index) => {
      const colour = CURVE_COLOURS[index % CURVE_COLOURS.length]!;
      const left = WIDTH - RIGHT - 130 * (curves.length - index);
      const dash = curve.name === 'loss' ? '' : ' stroke-dasharray="6 3"';
      return `<path d="M${left} 11h18" stroke="${colour}" stroke-width="2"${dash}/>${text('start', left + 23, 15, curve.name === 'loss' ? 'training' : curve.name.replaceAll('_', ' '))}`;
    }),
  ];
  const newest = curves.map((curve) => `${curve.name.replaceAll('_', ' ')} ${short(curve.value.at(-1)!)} at step ${curve.step.at(-1)}`);
  return safe(
    `<svg role="img" aria-label="${escapeHtml(`${title}: ${newest.join(', ')}`)}" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" style="max-width:100%;height:auto;font-family:inherit;color:inherit">${parts.join('')}</svg>`,
  );
}

function line(curve: Curve, x: (step: number) => string, y: (value: number) => string, colour: string, sparse: boolean): string {
  let path = '';
  let drawing = false;
  const dots: string[] = [];
  curve.value.forEach((value, at) => {
    if (!Number.isFinite(value)) {
      drawing = false;
      return;
    }
    const place = `${x(curve.step[at]!)} ${y(value)}`;
    path += `${drawing ? 'L' : 'M'}${place}`;
    drawing = true;
    if (sparse && curve.value.length <= 60) dots.push(`<circle cx="${x(curve.step[at]!)}" cy="${y(value)}" r="2.2" fill="${colour}"/>`);
  });
  const style = sparse ? 'stroke-width="2" stroke-dasharray="6 3"' : 'stroke-width="1.4"';
  return `<path d="${path}" fill="none" stroke="${colour}" ${style} stroke-linejoin="round"/>${dots.join('')}`;
}
