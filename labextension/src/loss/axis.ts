/** Axes of the loss picture: from a value to a pixel and back, and where the ticks stand. */
import { logarithmicTicks, ticks } from '../../../kernel/src/records/ticks.ts';
import { count, number } from '../format.ts';

export const HORIZONTALS = ['step', 'epoch', 'time'] as const;
export type Horizontal = (typeof HORIZONTALS)[number];

export interface Axis {
  lower: number;
  upper: number;
  logarithmic: boolean;
  /** Pixels of lower and upper. */
  from: number;
  to: number;
}

export interface Tick {
  at: number;
  text: string;
}

/** An axis over the values; a logarithmic one needs a positive lower end and is linear otherwise. */
export function axis(lower: number, upper: number, logarithmic: boolean, from: number, to: number): Axis {
  const wide = upper > lower ? upper : lower + (Math.abs(lower) || 1) * 0.05;
  return { lower, upper: wide, logarithmic: logarithmic && lower > 0, from, to };
}

/** The axis with room of a share of its length at either end. */
export function withRoom(bare: Axis, share: number): Axis {
  const [low, high] = [scaled(bare, bare.lower), scaled(bare, bare.upper)];
  const room = (high - low) * share;
  return { ...bare, lower: unscaled(bare, low - room), upper: unscaled(bare, high + room) };
}

export function pixel(one: Axis, value: number): number {
  const [low, high] = [scaled(one, one.lower), scaled(one, one.upper)];
  return one.from + ((scaled(one, value) - low) / (high - low)) * (one.to - one.from);
}

export function valueAt(one: Axis, place: number): number {
  const [low, high] = [scaled(one, one.lower), scaled(one, one.upper)];
  return unscaled(one, low + ((place - one.from) / (one.to - one.from)) * (high - low));
}

function scaled(one: Axis, value: number): number {
  return one.logarithmic ? Math.log10(value) : value;
}

function unscaled(one: Axis, value: number): number {
  return one.logarithmic ? 10 ** value : value;
}

export function verticalTicks(one: Axis, most: number): Tick[] {
  let values = one.logarithmic ? logarithmicTicks(one.lower, one.upper) : ticks(one.lower, one.upper, most);
  while (values.length > most + 2) values = values.filter((_, at) => at % 2 === 0);
  return values.map((at) => ({ at, text: number(at, 3) }));
}

export function horizontalTicks(one: Axis, horizontal: Horizontal, most: number): Tick[] {
  if (one.logarithmic) return logarithmicTicks(one.lower, one.upper).map((at) => ({ at, text: placeText(at, horizontal) }));
  if (horizontal === 'time') return timeTicks(one.lower, one.upper, most);
  return ticks(one.lower, one.upper, most).map((at) => ({ at, text: horizontal === 'step' ? number(at, 7) : number(at, 4) }));
}

/** A place on the horizontal axis in words: `1,240`, `3.5`, `2 min 5 s`. */
export function placeText(value: number, horizontal: Horizontal): string {
  if (horizontal === 'time') {
    const [unit, word] = unitOf(Math.abs(value));
    return `${number(value / unit, 4)} ${word}`;
  }
  return horizontal === 'step' && Number.isInteger(value) ? count(value) : number(value, 4);
}

const UNITS: [number, string][] = [
  [86400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];

function unitOf(seconds: number): [number, string] {
  return UNITS.find(([unit]) => seconds >= 2 * unit) ?? [1, 's'];
}

/** At whole seconds, minutes, hours or days. */
function timeTicks(lower: number, upper: number, most: number): Tick[] {
  const [unit, word] = unitOf(upper - lower);
  return ticks(lower / unit, upper / unit, most).map((at) => ({ at: at * unit, text: `${Number(at.toPrecision(6))} ${word}` }));
}
