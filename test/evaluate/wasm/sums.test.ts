/** The compiled inner loop against plain JavaScript, bit for bit: number types, odd lengths, NaN, infinities, denormals, several fields at a time. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ATOM, STRETCH } from '../../../kernel/src/evaluate/domains.ts';
import { type FieldPlaces, INPUTS, type InputTypes, type NumberType } from '../../../kernel/src/evaluate/wasm/addends.ts';
import { createMachine, type Machine } from '../../../kernel/src/evaluate/wasm/machine.ts';
import { adderFor, type DomainPlaces } from '../../../kernel/src/evaluate/wasm/sums.ts';
import { MORE_SUMS, SUM_NAMES, type SumName } from '../../../kernel/src/records/scores.ts';

const ODD = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1e-40, 4.9e-324, 3e38, -7.25];
const number = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(...ODD) },
);
const type = fc.constantFrom<NumberType>('float32', 'float64');
const call = fc
  .record({
    cells: fc.integer({ min: 1, max: 1100 }),
    fields: fc.integer({ min: 1, max: 5 }),
    types: fc.tuple(type, type, type, type, type, type, type),
    ends: fc.array(fc.integer({ min: 1, max: 1100 }), { maxLength: 9 }),
  })
  .chain(({ cells, fields, types, ends }) => {
    const values = fc.array(number, { minLength: 64, maxLength: 64 });
    return fc.record({
      cells: fc.constant(cells),
      fields: fc.constant(fields),
      types: fc.constant(types),
      ends: fc.constant(ends),
      values,
    });
  });

function reference(names: readonly SumName[], inputs: Float64Array[][], cells: number) {
  const sums = Object.fromEntries(names.map((name) => [name, new Float64Array(cells)]));
  let lost = 0;
  for (const [fs, ts, cs, ps, hs, es, vs] of inputs as [Float64Array, ...Float64Array[]][]) {
    for (let cell = 0; cell < cells; cell++) {
      const [f, t, c, p, h] = [fs[cell]!, ts![cell]!, cs![cell]!, ps![cell]!, hs![cell]!];
      const [d, a, b] = [f - t, f - c, t - c];
      if (!Number.isFinite(b)) continue;
      if (!Number.isFinite(f)) {
        lost++;
        continue;
      }
      const kept = Number.isFinite(p) ? 1 : 0;
      const addends: Record<SumName, number> = {
        ...{ count: 1, d, ad: Math.abs(d), dd: d * d, ab: a * b, aa: a * a, bb: b * b, a, b },
        ...{ f, t, ff: f * f, tt: t * t, ft: f * t },
        ...{ pn: kept, pd: kept && d * d, pp: kept && (p - t) * (p - t) },
        ...{ cr: es![cell]!, ev: vs![cell]! },
        ...{ hits: Number(f > h && t > h), misses: Number(t > h && !(f > h)), alarms: Number(f > h && !(t > h)) },
      };
      for (const name of names) sums[name]![cell]! += addends[name];
    }
  }
  return { sums, lost };
}

const weightOf = (stretch: number, kind: number) => 1 + 0.25 * stretch + kind;

/** Stretches that go to one atom and the other in turn. */
function placed(machine: Machine, ends: readonly number[], fields: number): DomainPlaces {
  const stretches = machine.allocate(STRETCH * ends.length);
  const view = new DataView(machine.memory.buffer);
  for (const [index, end] of ends.entries()) {
    const at = stretches + index * STRETCH;
    view.setInt32(at, end, true);
    view.setInt32(at + 4, (index % 2) * ATOM, true);
    for (const kind of [0, 1]) view.setFloat64(at + 8 + 8 * kind, weightOf(index, kind), true);
  }
  const totals = Array.from({ length: fields }, () => machine.allocate(2 * ATOM));
  for (const total of totals) machine.bytes.fill(0, total, total + 2 * ATOM);
  return { stretches, totals };
}

describe('the inner loop', () => {
  test('adds what plain JavaScript adds, to the last bit; of stretches, weighted, each field for itself', () => {
    fc.assert(
      fc.property(call, ({ cells, fields, types, values, ends }) => {
        const machine = createMachine(4e6);
        const names = [...SUM_NAMES, ...MORE_SUMS];
        const stride = 8 * (cells + (cells % 2));
        const sums = machine.allocate(stride * names.length);
        // What the memory held before is no part of the sums.
        machine.bytes.fill(0xc5, sums, sums + stride * names.length);
        const seen: Float64Array[][] = [];
        const places = Array.from({ length: fields }, (_, field) => {
          const parts = types.map((one, input) => {
            const size = one === 'float32' ? 4 : 8;
            const pointer = machine.allocate(size * cells);
            const into =
              one === 'float32'
                ? new Float32Array(machine.memory.buffer, pointer, cells)
                : new Float64Array(machine.memory.buffer, pointer, cells);
            for (let cell = 0; cell < cells; cell++) into[cell] = values[(cell * 7 + field * 13 + input * 29) % values.length]!;
            return { pointer, values: Float64Array.from(into) };
          });
          seen.push(parts.map((part) => part.values));
          return Object.fromEntries(INPUTS.map((input, at) => [input, parts[at]!.pointer])) as unknown as FieldPlaces;
        });
        const tally = { lost: 0, truth: 0 };
        const typed = Object.fromEntries(INPUTS.map((input, at) => [input, types[at]])) as unknown as InputTypes;
        const stretches = [...new Set([...ends.filter((end) => end < cells), cells])].sort((one, two) => one - two);
        const domains = placed(machine, stretches, fields);
        const add = adderFor(machine, names, typed, stride, true);
        const first = Math.min(2, fields);
        add(sums, cells, places.slice(0, first), tally, true, { ...domains, totals: domains.totals.slice(0, first) });
        if (fields > first) add(sums, cells, places.slice(first), tally, false, { ...domains, totals: domains.totals.slice(first) });
        const wanted = reference(names, seen, cells);
        names.forEach((name, s) => {
          // Element by element: to deepEqual a NaN of another sign is another number.
          const own = new Float64Array(machine.memory.buffer, sums + s * stride, cells);
          const at = own.findIndex((value, cell) => !Object.is(value, wanted.sums[name]![cell]));
          assert.equal(at, -1, `${name} of cell ${at}: ${own[at]} against ${wanted.sums[name]![at]}`);
        });
        assert.equal(tally.lost, wanted.lost);
        for (const [field, inputs] of seen.entries()) {
          const own = reference(SUM_NAMES, [inputs], cells).sums;
          for (const atom of [0, 1]) {
            const lanes = new Float64Array(machine.memory.buffer, domains.totals[field]! + atom * ATOM, ATOM / 8);
            for (const kind of [0, 1]) {
              SUM_NAMES.forEach((name, at) => {
                let [total, size] = [0, 0];
                for (const [index, end] of stretches.entries()) {
                  if (index % 2 !== atom) continue;
                  for (let cell = stretches[index - 1] ?? 0; cell < end; cell++) {
                    total += weightOf(index, kind) * own[name]![cell]!;
                    size += weightOf(index, kind) * Math.abs(own[name]![cell]!);
                  }
                }
                const place = 2 * (kind * SUM_NAMES.length + at);
                const found = lanes[place]! + lanes[place + 1]!;
                assert.ok(Math.abs(found - total) <= 1e-12 * size, `${name}: ${found} against ${total}`);
              });
            }
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  test('a long field loses no digits of the mean of the truth', () => {
    const cells = 700_001;
    const machine = createMachine(20e6);
    const [sums, place] = [machine.allocate(8 * (cells + 1)), machine.allocate(4 * cells)];
    new Float32Array(machine.memory.buffer, place, cells).fill(0.1);
    const tally = { lost: 0, truth: 0 };
    const field = { forecast: place, truth: place, climatology: place };
    adderFor(machine, ['count'], { forecast: 'float32', truth: 'float32', climatology: 'float32' }, 8 * (cells + 1))(
      sums,
      cells,
      [field],
      tally,
      true,
    );
    assert.ok(Math.abs(tally.truth / cells / Math.fround(0.1) - 1) < 1e-14);
  });
});

describe('the machine', () => {
  test('gives out places that do not touch, and has all of its room again at the end', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 30_000 }), fc.boolean()), { maxLength: 80 }), (steps) => {
        const machine = createMachine(3e6);
        const held: [number, number][] = [];
        for (const [size, drop] of steps) {
          if (drop && held.length > 0) machine.free(held.splice(size % held.length, 1)[0]![0]);
          else held.push([machine.allocate(size), size]);
          const sorted = held.toSorted((a, b) => a[0] - b[0]);
          for (const [at, [pointer, length]] of sorted.entries())
            assert.ok(at + 1 === sorted.length || pointer + length + 15 < sorted[at + 1]![0]);
        }
        for (const [pointer] of held) machine.free(pointer);
        assert.equal(machine.used(), 0);
        assert.doesNotThrow(() => machine.allocate(2.9e6));
      }),
    );
  });

  test('without room it asks for eviction, and says what would help when there is none', () => {
    const machine = createMachine(1e6);
    const kept = machine.allocate(8e5);
    const evictable = [kept];
    machine.evict = () => {
      const pointer = evictable.pop();
      if (pointer !== undefined) machine.free(pointer);
      return pointer !== undefined;
    };
    assert.ok(machine.allocate(9e5));
    assert.throws(() => machine.allocate(9e5), /can't hold another 1 MB/);
  });
});
