/**
 * The inner loop: several forecast fields of one lead against their truths and climatologies, added to the sums by cell. It is made for just the sums,
 * number types and size of grid that are asked for, two cells at a time with SIMD, all arithmetic in float64.
 *
 * Fields are mostly sea or mostly land for a while: four cells that all count need no masks, and four that have no truth nothing at all. Only where the two
 * meet is each cell asked.
 *
 * Where domains are asked for, the sums that every score has are also added up over stretches of cells, weighted, for each field alone (see domains.ts).
 *
 * Sums are loaded and stored once for a block of cells and all the fields, and every cell's samples are added in the order in which they are given: the result
 * doesn't depend on threads or on how many fields go together.
 */
import { SUM_NAMES, type SumName } from '../../records/scores.ts';
import { DOMAIN_WEIGHTS, STRETCH } from '../domains.ts';
import {
  assemble,
  block,
  type Code,
  type FunctionCode,
  f32x4,
  f64x2,
  get,
  I32,
  i32,
  i64x2,
  sequence,
  set,
  V128,
  v128,
  when,
  whilst,
} from './assemble.ts';
import { type Machine, TABLES } from './machine.ts';

/** Cells whose sums stay in the first-level cache while the fields are added. */
const BLOCK = 512;
/**
 * The table of fields begins at address 0. An entry has the addresses of a field's three inputs, and what is counted over its cells, two lanes each:
 * each field has its own, so that the totals don't depend on which fields go together. Last comes the address of its domains' totals.
 */
const ENTRY = 80;
const [LOST, TOTAL, DOMAINS] = [32, 48, 64];
/** How many fields fit in the table. */
const MOST_FIELDS = Math.floor(TABLES / ENTRY);

export type NumberType = 'float32' | 'float64';
/** What a field may be added up with; persistence is the truth at the initial time; of an ensemble the forecast is the mean, and it has a CRPS and a variance. */
export const INPUTS = ['forecast', 'truth', 'climatology', 'persistence', 'threshold', 'crps', 'variance'] as const;
export type InputName = (typeof INPUTS)[number];
export type InputTypes = Record<'forecast' | 'truth' | 'climatology', NumberType> & Partial<Record<InputName, NumberType>>;
/** Addresses of the first cells. */
export type FieldPlaces = Record<'forecast' | 'truth' | 'climatology', number> & Partial<Record<InputName, number>>;

const [SUMS, CELLS, FIELDS, STRETCHES] = [0, 1, 2, 3];
const [from, to, cell, field, entry, into, place, even, grouped] = [4, 5, 6, 7, 8, 9, 10, 11, 12];
/** Locals of the inputs' addresses and, behind the integers, of two of their values. */
const FIRST_ADDRESS = 13;
const addressOf = (input: InputName) => FIRST_ADDRESS + INPUTS.indexOf(input);
const FIRST_VECTOR = FIRST_ADDRESS + INPUTS.length;
const [f, t, c, p, h, e, s, a, b, d, valid, hasTruth, lost, total, persisted, addend] = Array.from(
  { length: 16 },
  (_, at) => FIRST_VECTOR + at,
) as [number, number, number, number, number, number, number, number, number, number, number, number, number, number, number, number];
/** Of a stretch: its part of each of the sums that every score has. */
const FIRST_PART = addend + 1;
const LOCALS_END = FIRST_PART + SUM_NAMES.length;
const VALUES: Record<InputName, number> = { forecast: f, truth: t, climatology: c, persistence: p, threshold: h, crps: e, variance: s };

/** Cells that are looked at together: all count, or none can. */
const GROUP = 4;

const square = (value: Code): Code => f64x2.mul(value, value);
const ONE = v128.doubles(1, 1);
const finite = (local: number): Code => f64x2.eq(f64x2.sub(get(local), get(local)), v128.doubles(0, 0));
const above = (local: number): Code => f64x2.gt(get(local), get(h));

/** What a sum adds for a cell that counts: d = forecast − truth, a = forecast − climatology, b = truth − climatology. */
const ADDENDS: Record<SumName, Code> = {
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
  cr: get(e),
  ev: get(s),
};

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

const BYTES = { float32: 4, float64: 8 } as const;

/** `add(sums, cells, fields, stretches)`: sum number s of cell k lies at sums + s·stride + 8·k. */
function adder(names: readonly SumName[], types: InputTypes, stride: number, domains: boolean): FunctionCode {
  const parts = new Map<SumName, number>(domains ? SUM_NAMES.map((name, at) => [name, FIRST_PART + at]) : []);
  const inputs = inputsOf(names);
  /** Cells [ahead, ahead + 2) after the current one. */
  const load = (input: InputName, ahead: number): Code => {
    const type = types[input]!;
    const at = get(addressOf(input));
    return type === 'float32' ? f64x2.promote(v128.load64(at, 4 * ahead)) : v128.load(at, 8 * ahead);
  };
  const loaded = (ahead: number): Code =>
    sequence(
      ...inputs.map((input) => set(VALUES[input], load(input, ahead))),
      set(a, f64x2.sub(get(f), get(c))),
      set(b, f64x2.sub(get(t), get(c))),
      set(d, f64x2.sub(get(f), get(t))),
      // x − x is 0 where x is finite, else NaN.
      ...(inputs.includes('persistence') ? [set(persisted, finite(p))] : []),
    );
  const added = (ahead: number, masked: (value: Code) => Code): Code =>
    sequence(
      set(total, f64x2.add(get(total), masked(get(t)))),
      ...names.map((name, s) => {
        const offset = s * stride + 8 * ahead;
        const part = parts.get(name);
        return sequence(
          set(addend, masked(ADDENDS[name])),
          v128.store(get(into), f64x2.add(v128.load(get(into), offset), get(addend)), offset),
          ...(part === undefined ? [] : [set(part, f64x2.add(get(part), get(addend)))]),
        );
      }),
    );
  /** Two cells, each asked whether it counts; `lanes` masks those that are cells. */
  const pair = (ahead: number, lanes?: Code): Code => {
    const among = (mask: Code) => (lanes ? v128.and(mask, lanes) : mask);
    return sequence(
      loaded(ahead),
      set(hasTruth, among(finite(b))),
      set(valid, v128.and(get(hasTruth), finite(f))),
      // A mask is −1 as an integer.
      set(lost, i64x2.sub(get(lost), v128.andnot(get(hasTruth), get(valid)))),
      when(
        v128.any(get(valid)),
        added(ahead, (value) => v128.and(value, get(valid))),
      ),
    );
  };
  const advance = (cells: number): Code =>
    sequence(
      ...inputs.map((input) => set(addressOf(input), i32.add(get(addressOf(input)), i32.const(cells * BYTES[types[input]!])))),
      set(into, i32.add(get(into), i32.const(8 * cells))),
      set(cell, i32.add(get(cell), i32.const(cells))),
    );
  /** Leaves nought in every lane of `valid` if the inputs are finite in all of the group, and NaN in the lanes where one isn't. */
  const single = (['forecast', 'truth', 'climatology'] as const).every((input) => types[input] === 'float32');
  const noughts = (input: 'forecast' | 'truth' | 'climatology'): Code => {
    if (single) return f32x4.sub(v128.load(get(addressOf(input))), v128.load(get(addressOf(input))));
    return f64x2.add(...([0, 2].map((ahead) => f64x2.sub(load(input, ahead), load(input, ahead))) as [Code, Code]));
  };
  const lane = single ? f32x4 : f64x2;
  const group = sequence(
    set(hasTruth, lane.add(noughts('truth'), noughts('climatology'))),
    set(valid, lane.add(get(hasTruth), noughts('forecast'))),
    when(
      v128.any(lane.ne(get(valid), get(valid))),
      // In float64 a lane stands for two cells: no truth in one of them isn't none in both.
      single ? when(v128.any(lane.eq(get(hasTruth), get(hasTruth))), sequence(pair(0), pair(2))) : sequence(pair(0), pair(2)),
      sequence(...[0, 2].flatMap((ahead) => [loaded(ahead), added(ahead, (value) => value)])),
    ),
  );
  /** A block's parts go, weighted, to the totals of its stretch's atom. */
  const flush = sequence(
    set(place, i32.add(i32.load(get(entry), DOMAINS), i32.load(get(STRETCHES), 4))),
    ...DOMAIN_WEIGHTS.flatMap((_, kind) => [
      set(addend, v128.splat64(get(STRETCHES), 8 + 8 * kind)),
      ...[...parts.values()].map((part, at) => {
        const offset = 16 * (kind * parts.size + at);
        return v128.store(get(place), f64x2.add(v128.load(get(place), offset), f64x2.mul(get(part), get(addend))), offset);
      }),
    ]),
  );
  const body = sequence(
    whilst(
      i32.lt(get(from), get(CELLS)),
      set(to, i32.add(get(from), i32.const(BLOCK))),
      when(i32.gt(get(to), get(CELLS)), set(to, get(CELLS))),
      ...(domains ? [when(i32.gt(get(to), i32.load(get(STRETCHES))), set(to, i32.load(get(STRETCHES))))] : []),
      set(even, i32.add(get(from), i32.and(i32.sub(get(to), get(from)), i32.const(-2)))),
      set(grouped, i32.add(get(from), i32.and(i32.sub(get(to), get(from)), i32.const(-GROUP)))),
      set(field, i32.const(0)),
      set(entry, i32.const(0)),
      whilst(
        i32.lt(get(field), get(FIELDS)),
        ...inputs.map((input) =>
          set(
            addressOf(input),
            i32.add(i32.load(get(entry), 4 * INPUTS.indexOf(input)), i32.mul(get(from), i32.const(BYTES[types[input]!]))),
          ),
        ),
        set(into, i32.add(get(SUMS), i32.shl(get(from), i32.const(3)))),
        set(lost, v128.longs(0n, 0n)),
        set(total, v128.doubles(0, 0)),
        ...[...parts.values()].map((part) => set(part, v128.doubles(0, 0))),
        set(cell, get(from)),
        whilst(i32.lt(get(cell), get(grouped)), group, advance(GROUP)),
        whilst(i32.lt(get(cell), get(even)), pair(0), advance(2)),
        block(when(i32.lt(get(cell), get(to)), pair(0, v128.longs(-1n, 0n)))),
        // A block's part is added as one: the tally of a field doesn't lose digits to its length.
        v128.store(get(entry), i64x2.add(v128.load(get(entry), LOST), get(lost)), LOST),
        v128.store(get(entry), f64x2.add(v128.load(get(entry), TOTAL), get(total)), TOTAL),
        ...(domains ? [flush] : []),
        set(field, i32.add(get(field), i32.const(1))),
        set(entry, i32.add(get(entry), i32.const(ENTRY))),
      ),
      set(from, get(to)),
      ...(domains ? [when(i32.eq(get(from), i32.load(get(STRETCHES))), set(STRETCHES, i32.add(get(STRETCHES), i32.const(STRETCH))))] : []),
    ),
  );
  const integers = FIRST_VECTOR - from;
  const locals = [...Array.from({ length: integers }, () => I32), ...Array.from({ length: LOCALS_END - FIRST_VECTOR }, () => V128)];
  return { parameters: [I32, I32, I32, I32], results: [], locals, body };
}

/** What is counted over all cells beside the sums by cell. */
export interface Tally {
  /** Cells with a finite truth and climatology and no finite forecast: a forecast that blew up must not pass for land. */
  lost: number;
  /** Sum of the truth over the cells that count: two scores over the same truth agree in it. */
  truth: number;
}

/** Where the stretches of the cells lie, and each field's totals of its domains (see domains.ts). */
export interface DomainPlaces {
  stretches: number;
  totals: readonly number[];
}

/** Adds fields (addresses of their first cell) to the sums at `sums`, and to the tally; where `domains` were asked for, to their totals too. */
export type Adder = (sums: number, cells: number, fields: readonly FieldPlaces[], tally: Tally, domains?: DomainPlaces) => void;

const modules = new Map<string, WebAssembly.Module>();

/** The inner loop for these sums and types, in this machine; `stride`: bytes from one sum's cells to the next one's. */
export function adderFor(machine: Machine, names: readonly SumName[], types: InputTypes, stride: number, domains = false): Adder {
  const key = [domains, stride, ...names, ...INPUTS.map((input) => types[input])].join();
  const module = modules.get(key) ?? new WebAssembly.Module(assemble({ add: adder(names, types, stride, domains) }));
  modules.set(key, module);
  const { add } = new WebAssembly.Instance(module, { host: { memory: machine.memory } }).exports as unknown as {
    add(sums: number, cells: number, fields: number, stretches: number): void;
  };
  const table = new DataView(machine.memory.buffer, 0, TABLES);
  return (sums, cells, fields, tally, places) => {
    if (fields.length > MOST_FIELDS) throw new Error(`${fields.length} fields at a time, and ${MOST_FIELDS} is the most`);
    machine.bytes.fill(0, 0, fields.length * ENTRY);
    for (const [index, field] of fields.entries()) {
      for (const [at, input] of INPUTS.entries()) table.setInt32(index * ENTRY + 4 * at, field[input] ?? 0, true);
      if (domains) table.setInt32(index * ENTRY + DOMAINS, places!.totals[index]!, true);
    }
    add(sums, cells, fields.length, places?.stretches ?? 0);
    for (let at = 0; at < fields.length * ENTRY; at += ENTRY) {
      tally.lost += Number(table.getBigInt64(at + LOST, true) + table.getBigInt64(at + LOST + 8, true));
      tally.truth += table.getFloat64(at + TOTAL, true) + table.getFloat64(at + TOTAL + 8, true);
    }
  };
}
