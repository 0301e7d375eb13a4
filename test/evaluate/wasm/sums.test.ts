/** The compiled inner loop against plain JavaScript, bit for bit: number types, odd lengths, NaN, infinities, denormals, several fields at a time. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createMachine } from '../../../kernel/src/evaluate/wasm/machine.ts';
import { adderFor, type FieldPlaces, INPUTS, type InputTypes, type NumberType } from '../../../kernel/src/evaluate/wasm/sums.ts';
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
  })
  .chain(({ cells, fields, types }) => {
    const values = fc.array(number, { minLength: 64, maxLength: 64 });
    return fc.record({ cells: fc.constant(cells), fields: fc.constant(fields), types: fc.constant(types), values });
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

describe('the inner loop', () => {
  test('adds what plain JavaScript adds, to the last bit', () => {
    fc.assert(
      fc.property(call, ({ cells, fields, types, values }) => {
        const machine = createMachine(4e6);
        const names = [...SUM_NAMES, ...MORE_SUMS];
        const stride = 8 * (cells + (cells % 2));
        const sums = machine.allocate(stride * names.length);
        machine.bytes.fill(0, sums, sums + stride * names.length);
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
        adderFor(machine, names, typed)(sums, stride, cells, places, tally);
        const wanted = reference(names, seen, cells);
        names.forEach((name, s) => {
          assert.deepEqual(new Float64Array(machine.memory.buffer, sums + s * stride, cells), wanted.sums[name]);
        });
        assert.equal(tally.lost, wanted.lost);
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
    adderFor(machine, ['count'], { forecast: 'float32', truth: 'float32', climatology: 'float32' })(
      sums,
      8 * (cells + 1),
      cells,
      [field],
      tally,
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
