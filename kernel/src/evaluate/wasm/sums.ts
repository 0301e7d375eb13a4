/**
 * The inner loop: several forecast fields of one lead against their truths and climatologies, added to the sums by cell. It is made for just the sums,
 * number types and size of grid that are asked for, two cells at a time with SIMD, all arithmetic in float64.
 *
 * Fields are mostly sea or mostly land for a while: four cells that all count need no masks, and four that have no truth nothing at all. Only where the two
 * meet is each cell asked.
 *
 * Where domains are asked for, the sums that every score has are also added up over stretches of cells, weighted, for each field alone (see domains.ts).
 *
 * Sums stay in the first-level cache for a block of cells and all the fields, which go through it in twos: where all cells of both count, a sum is loaded and
 * stored once for the two. Every cell's samples are added in the order in which they are given: the result doesn't depend on threads or on how many fields
 * go together. The first fields of a lead find whatever was in the memory before: a block's sums begin at nought in the cache, not in a pass of their own.
 */
import { SUM_NAMES, type SumName } from '../../records/scores.ts';
import { DOMAIN_WEIGHTS, STRETCH } from '../domains.ts';
import {
  addendsOf,
  advanced,
  BYTES,
  type FieldPlaces,
  finite,
  INPUTS,
  type InputTypes,
  inputsOf,
  load,
  loaded,
  type Slot,
  slotAt,
} from './addends.ts';
import {
  assemble,
  block,
  type Code,
  type FunctionCode,
  f32x4,
  f64x2,
  fill,
  get,
  I32,
  i32,
  i64x2,
  sequence,
  set,
  tee,
  V128,
  v128,
  when,
  whilst,
} from './assemble.ts';
import { type Machine, TABLES } from './machine.ts';

/** Cells whose sums stay in the first-level cache while the fields are added. */
const BLOCK = 512;
/**
 * The table of fields begins at address 0. An entry has the addresses of a field's inputs, and what is counted over its cells, two lanes each:
 * each field has its own, so that the totals don't depend on which fields go together. Last comes the address of its domains' totals.
 */
const ENTRY = 80;
const [LOST, TOTAL, DOMAINS] = [32, 48, 64];
/** How many fields fit in the table. */
const MOST_FIELDS = Math.floor(TABLES / ENTRY);

const [SUMS, CELLS, FIELDS, STRETCHES, FRESH] = [0, 1, 2, 3, 4];
/** `two`: has the second slot a field? */
const [from, to, cell, field, entry, into, place, even, grouped, two, weight] = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const INTEGERS = weight - from;

/** Cells that are looked at together: all count, or none can. */
const GROUP = 4;

/** `add(sums, cells, fields, stretches, fresh)`: sum number s of cell k lies at sums + s·stride + 8·k; `fresh`: nothing was added to them yet. */
function adder(names: readonly SumName[], types: InputTypes, stride: number, domains: boolean): FunctionCode {
  const inputs = inputsOf(names);
  const ofStretches = domains ? SUM_NAMES : [];
  const { slot: first, locals: ofFirst } = slotAt(weight + 1, ofStretches);
  const { slot: second, locals: ofSecond } = slotAt(weight + 1 + ofFirst.length, ofStretches);

  const addends = new Map([first, second].map((slot) => [slot, addendsOf(slot)]));
  /** Adds two cells of each slot, one slot after the other, to the sums. */
  const added = (slots: readonly Slot[], ahead: number, masked: (value: Code) => Code): Code =>
    sequence(
      ...slots.map(({ total, value }) => set(total, f64x2.add(get(total), masked(get(value.truth))))),
      ...names.map((name, s) => {
        const offset = s * stride + 8 * ahead;
        const sum = slots.reduce(
          (before, slot) => f64x2.add(before, tee(slot.addend, masked(addends.get(slot)![name]))),
          v128.load(get(into), offset),
        );
        const parts = slots.flatMap(({ parts: own, addend }) => {
          const part = own.get(name);
          return part === undefined ? [] : [set(part, f64x2.add(get(part), get(addend)))];
        });
        return sequence(v128.store(get(into), sum, offset), ...parts);
      }),
    );
  /** Two cells, each asked whether it counts; `lanes` masks those that are cells. */
  const pair = (slot: Slot, ahead: number, lanes?: Code): Code => {
    const among = (mask: Code) => (lanes ? v128.and(mask, lanes) : mask);
    const { b, value, hasTruth, valid, lost } = slot;
    return sequence(
      loaded(slot, types, inputs, ahead),
      set(hasTruth, among(finite(b))),
      set(valid, v128.and(get(hasTruth), finite(value.forecast))),
      // A mask is −1 as an integer.
      set(lost, i64x2.sub(get(lost), v128.andnot(get(hasTruth), get(valid)))),
      when(
        v128.any(get(valid)),
        added([slot], ahead, (one) => v128.and(one, get(valid))),
      ),
    );
  };

  const single = (['forecast', 'truth', 'climatology'] as const).every((input) => types[input] === 'float32');
  const lane = single ? f32x4 : f64x2;
  const all = ['forecast', 'truth', 'climatology'] as const;
  type Main = (typeof all)[number];
  const groupOf = (slot: Slot, input: Main): Code[] =>
    single ? [v128.load(get(slot.address[input]))] : [0, 2].map((ahead) => load(slot, types, input, ahead));
  const sum = (values: readonly Code[]): Code => values.reduce((one, other) => lane.add(one, other));
  /**
   * Leaves NaN in some lane of the first slot's `valid` if an input of a slot isn't finite in all of the group, else nought in all. A sum that is too large for
   * a number looks like one that isn't finite: its cells are then asked one by one.
   */
  const asked = (slots: readonly Slot[]): Code => {
    const { valid } = slots[0]!;
    const total = tee(valid, sum(slots.flatMap((slot) => all.flatMap((input) => groupOf(slot, input)))));
    return set(valid, lane.sub(total, get(valid)));
  };
  const everywhere = (slots: readonly Slot[]): Code =>
    sequence(
      ...[0, 2].flatMap((ahead) => [...slots.map((slot) => loaded(slot, types, inputs, ahead)), added(slots, ahead, (value) => value)]),
    );
  const unless = (slots: readonly Slot[], otherwise: Code): Code =>
    sequence(asked(slots), when(v128.any(lane.ne(get(slots[0]!.valid), get(slots[0]!.valid))), otherwise, everywhere(slots)));
  const group = (slot: Slot): Code => {
    const { hasTruth } = slot;
    const each = sequence(pair(slot, 0), pair(slot, 2));
    // In float64 a lane stands for two cells: no truth in one of them isn't none in both.
    if (!single) return unless([slot], each);
    const noughts = (['truth', 'climatology'] as const).flatMap((input) => groupOf(slot, input)).map((value) => f32x4.sub(value, value));
    return unless([slot], sequence(set(hasTruth, sum(noughts)), when(v128.any(f32x4.eq(get(hasTruth), get(hasTruth))), each)));
  };
  const advance = (cells: number): Code =>
    sequence(
      ...[first, second].map((slot) => advanced(slot, types, inputs, cells)),
      set(into, i32.add(get(into), i32.const(8 * cells))),
      set(cell, i32.add(get(cell), i32.const(cells))),
    );
  /** The second slot's entry comes behind the first one's. */
  const inEach = (code: (slot: Slot, offset: number) => Code): Code => sequence(code(first, 0), when(get(two), code(second, ENTRY)));
  const begun = ({ address, lost, total, parts }: Slot, offset: number): Code =>
    sequence(
      ...inputs.map((input) =>
        set(
          address[input],
          i32.add(i32.load(get(entry), offset + 4 * INPUTS.indexOf(input)), i32.mul(get(from), i32.const(BYTES[types[input]!]))),
        ),
      ),
      set(lost, v128.longs(0n, 0n)),
      set(total, v128.doubles(0, 0)),
      ...[...parts.values()].map((part) => set(part, v128.doubles(0, 0))),
    );
  /** A block's part is added as one: the tally of a field doesn't lose digits to its length. Its stretch's part goes, weighted, to the totals of its atom. */
  const ended = ({ lost, total, parts }: Slot, offset: number): Code =>
    sequence(
      v128.store(get(entry), i64x2.add(v128.load(get(entry), offset + LOST), get(lost)), offset + LOST),
      v128.store(get(entry), f64x2.add(v128.load(get(entry), offset + TOTAL), get(total)), offset + TOTAL),
      ...(domains ? [set(place, i32.add(i32.load(get(entry), offset + DOMAINS), i32.load(get(STRETCHES), 4)))] : []),
      ...(domains ? DOMAIN_WEIGHTS : []).flatMap((_, kind) => [
        set(weight, v128.splat64(get(STRETCHES), 8 + 8 * kind)),
        ...[...parts.values()].map((part, at) => {
          const into = 16 * (kind * parts.size + at);
          return v128.store(get(place), f64x2.add(v128.load(get(place), into), f64x2.mul(get(part), get(weight))), into);
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
      when(
        get(FRESH),
        sequence(
          ...names.map((_, s) =>
            fill(
              i32.add(get(SUMS), i32.add(i32.const(s * stride), i32.shl(get(from), i32.const(3)))),
              i32.const(0),
              i32.shl(i32.sub(get(to), get(from)), i32.const(3)),
            ),
          ),
        ),
      ),
      set(field, i32.const(0)),
      set(entry, i32.const(0)),
      whilst(
        i32.lt(get(field), get(FIELDS)),
        set(two, i32.lt(i32.add(get(field), i32.const(1)), get(FIELDS))),
        inEach(begun),
        set(into, i32.add(get(SUMS), i32.shl(get(from), i32.const(3)))),
        set(cell, get(from)),
        whilst(
          i32.lt(get(cell), get(grouped)),
          when(get(two), unless([first, second], sequence(group(first), group(second))), group(first)),
          advance(GROUP),
        ),
        whilst(
          i32.lt(get(cell), get(even)),
          inEach((slot) => pair(slot, 0)),
          advance(2),
        ),
        block(
          when(
            i32.lt(get(cell), get(to)),
            inEach((slot) => pair(slot, 0, v128.longs(-1n, 0n))),
          ),
        ),
        inEach(ended),
        set(field, i32.add(get(field), i32.const(2))),
        set(entry, i32.add(get(entry), i32.const(2 * ENTRY))),
      ),
      set(from, get(to)),
      ...(domains ? [when(i32.eq(get(from), i32.load(get(STRETCHES))), set(STRETCHES, i32.add(get(STRETCHES), i32.const(STRETCH))))] : []),
    ),
  );
  const locals = [...Array.from({ length: INTEGERS }, () => I32), V128, ...ofFirst, ...ofSecond];
  return { parameters: [I32, I32, I32, I32, I32], results: [], locals, body };
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

/**
 * Adds fields (addresses of their first cell) to the sums at `sums`, and to the tally; where `domains` were asked for, to their totals too. `fresh`: the sums are
 * whatever the memory held, and begin at nought.
 */
export type Adder = (
  sums: number,
  cells: number,
  fields: readonly FieldPlaces[],
  tally: Tally,
  fresh: boolean,
  domains?: DomainPlaces,
) => void;

const modules = new Map<string, WebAssembly.Module>();

/** The inner loop for these sums and types, in this machine; `stride`: bytes from one sum's cells to the next one's. */
export function adderFor(machine: Machine, names: readonly SumName[], types: InputTypes, stride: number, domains = false): Adder {
  const key = [domains, stride, ...names, ...INPUTS.map((input) => types[input])].join();
  const module = modules.get(key) ?? new WebAssembly.Module(assemble({ add: adder(names, types, stride, domains) }));
  modules.set(key, module);
  const { add } = new WebAssembly.Instance(module, { host: { memory: machine.memory } }).exports as unknown as {
    add(sums: number, cells: number, fields: number, stretches: number, fresh: number): void;
  };
  const table = new DataView(machine.memory.buffer, 0, TABLES);
  return (sums, cells, fields, tally, fresh, places) => {
    if (fields.length > MOST_FIELDS) throw new Error(`${fields.length} fields at a time, and ${MOST_FIELDS} is the most`);
    machine.bytes.fill(0, 0, fields.length * ENTRY);
    for (const [index, field] of fields.entries()) {
      for (const [at, input] of INPUTS.entries()) table.setInt32(index * ENTRY + 4 * at, field[input] ?? 0, true);
      if (domains) table.setInt32(index * ENTRY + DOMAINS, places!.totals[index]!, true);
    }
    add(sums, cells, fields.length, places?.stretches ?? 0, Number(fresh));
    for (let at = 0; at < fields.length * ENTRY; at += ENTRY) {
      tally.lost += Number(table.getBigInt64(at + LOST, true) + table.getBigInt64(at + LOST + 8, true));
      tally.truth += table.getFloat64(at + TOTAL, true) + table.getFloat64(at + TOTAL + 8, true);
    }
  };
}
