/** What the inner loop takes of a field, cell by cell, and what each sum adds for it: two cells at a time, in float64. */
import type { SumName } from '../../records/scores.ts';
import { type Code, f64x2, get, I32, i32, sequence, set, V128, v128 } from './assemble.ts';

export type NumberType = 'float32' | 'float64';
/** What a field may be added up with; persistence is the truth at the initial time; of an ensemble the forecast is the mean, and it has a CRPS and a variance. */
export const INPUTS = ['forecast', 'truth', 'climatology', 'persistence', 'threshold', 'crps', 'variance'] as const;
export type InputName = (typeof INPUTS)[number];
export type InputTypes = Record<'forecast' | 'truth' | 'climatology', NumberType> & Partial<Record<InputName, NumberType>>;

const NEEDS: Partial<Record<SumName, InputName>> = {
  pn: 'persistence',
  pd: 'persistence',
  pp: 'persistence',
  hits: 'threshold',
  misses: 'threshold',
  alarms: 'threshold',
  cr: 'crps',
  ev: 'variance',
};

/** The inputs that these sums are made of. */
export function inputsOf(names: readonly SumName[]): InputName[] {
  return INPUTS.filter((input, at) => at < 3 || names.some((name) => NEEDS[name] === input));
}

/** Addresses of the first cells. */
export type FieldPlaces = Record<'forecast' | 'truth' | 'climatology', number> & Partial<Record<InputName, number>>;

/** The locals that a field has to itself. */
export interface Slot {
  /** Of the inputs. */
  address: Record<InputName, number>;
  value: Record<InputName, number>;
  /** forecast − truth, forecast − climatology, truth − climatology. */
  d: number;
  a: number;
  b: number;
  /** Masks: of cells with a finite persistence, with a truth and a climatology, and of those that count. */
  persisted: number;
  hasTruth: number;
  valid: number;
  /** Counted over a block, two lanes each: cells that have no forecast, and the truth. */
  lost: number;
  total: number;
  /** What was added last; of a stretch, its part of each of the sums that every score has. */
  addend: number;
  parts: Map<SumName, number>;
}

/** A slot whose locals begin with number `first`, and their types; `parts`: the sums that stretches have. */
export function slotAt(first: number, parts: readonly SumName[]): { slot: Slot; locals: number[] } {
  const locals: number[] = [];
  const local = (type: number) => first + locals.push(type) - 1;
  const byInput = (type: number) => Object.fromEntries(INPUTS.map((input) => [input, local(type)])) as Record<InputName, number>;
  const address = byInput(I32);
  const value = byInput(V128);
  const [d, a, b, persisted, hasTruth, valid, lost, total, addend] = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(() => local(V128)) as [
    ...[number, number, number, number, number, number, number, number, number],
  ];
  const ofStretch = new Map(parts.map((name) => [name, local(V128)]));
  return { slot: { address, value, d, a, b, persisted, hasTruth, valid, lost, total, addend, parts: ofStretch }, locals };
}

export const BYTES = { float32: 4, float64: 8 } as const;
const ONE = v128.doubles(1, 1);
const square = (value: Code): Code => f64x2.mul(value, value);

/** Which of two cells are finite: x − x is 0 there, else NaN. */
export const finite = (local: number): Code => f64x2.eq(f64x2.sub(get(local), get(local)), v128.doubles(0, 0));

/** What a sum adds for a cell that counts. */
export function addendsOf({ value, d, a, b, persisted }: Slot): Record<SumName, Code> {
  const [f, t, p, h] = [value.forecast, value.truth, value.persistence, value.threshold];
  const above = (local: number): Code => f64x2.gt(get(local), get(h));
  return {
    count: ONE,
    d: get(d),
    ad: f64x2.abs(get(d)),
    dd: square(get(d)),
    ab: f64x2.mul(get(a), get(b)),
    aa: square(get(a)),
    bb: square(get(b)),
    a: get(a),
    b: get(b),
    f: get(f),
    t: get(t),
    ff: square(get(f)),
    tt: square(get(t)),
    ft: f64x2.mul(get(f), get(t)),
    pn: v128.and(ONE, get(persisted)),
    pd: v128.and(square(get(d)), get(persisted)),
    pp: v128.and(square(f64x2.sub(get(p), get(t))), get(persisted)),
    hits: v128.and(ONE, v128.and(above(f), above(t))),
    misses: v128.and(ONE, v128.andnot(above(t), above(f))),
    alarms: v128.and(ONE, v128.andnot(above(f), above(t))),
    cr: get(value.crps),
    ev: get(value.variance),
  };
}

/** Two cells of an input, `ahead` cells after the current one. */
export function load({ address }: Slot, types: InputTypes, input: InputName, ahead: number): Code {
  const at = get(address[input]);
  return types[input] === 'float32' ? f64x2.promote(v128.load64(at, 4 * ahead)) : v128.load(at, 8 * ahead);
}

/** Loads two cells of the inputs and makes what the addends are made of. */
export function loaded(slot: Slot, types: InputTypes, inputs: readonly InputName[], ahead: number): Code {
  const { value, d, a, b, persisted } = slot;
  return sequence(
    ...inputs.map((input) => set(value[input], load(slot, types, input, ahead))),
    set(a, f64x2.sub(get(value.forecast), get(value.climatology))),
    set(b, f64x2.sub(get(value.truth), get(value.climatology))),
    set(d, f64x2.sub(get(value.forecast), get(value.truth))),
    ...(inputs.includes('persistence') ? [set(persisted, finite(value.persistence))] : []),
  );
}

/** Goes on by `cells` cells. */
export function advanced({ address }: Slot, types: InputTypes, inputs: readonly InputName[], cells: number): Code {
  return sequence(...inputs.map((input) => set(address[input], i32.add(get(address[input]), i32.const(cells * BYTES[types[input]!])))));
}
