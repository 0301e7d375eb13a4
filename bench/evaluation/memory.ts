/** The inner loop alone, over fields that lie in memory, and a bare read of the same bytes: `node memory.ts CELLS FIELDS` prints bytes a second of processor time as JSON. */
import { assemble, f64x2, get, I32, i32, set, V128, v128, whilst } from '../../kernel/src/evaluate/wasm/assemble.ts';
import { createMachine } from '../../kernel/src/evaluate/wasm/machine.ts';
import { adderFor } from '../../kernel/src/evaluate/wasm/sums.ts';
import { SUM_NAMES } from '../../kernel/src/records/scores.ts';

const [cells, fields] = process.argv.slice(2).map(Number) as [number, number];
const ROUNDS = 9;
const stride = 8 * (cells + (cells % 2));
const machine = createMachine(stride * SUM_NAMES.length + 12 * fields * cells + 64e6);
const sums = machine.allocate(stride * SUM_NAMES.length);
machine.bytes.fill(0, sums, sums + stride * SUM_NAMES.length);
const places = Array.from({ length: fields }, () => {
  const [forecast, truth, climatology] = [0, 1, 2].map(() => {
    const pointer = machine.allocate(4 * cells);
    const values = new Float32Array(machine.memory.buffer, pointer, cells);
    for (let cell = 0; cell < cells; cell++) values[cell] = cell % 900 < 300 ? Number.NaN : Math.random();
    return pointer;
  });
  return { forecast: forecast!, truth: truth!, climatology: climatology! };
});
const add = adderFor(machine, SUM_NAMES, { forecast: 'float32', truth: 'float32', climatology: 'float32' }, stride);

/** Loads every vector and adds it up, in four sums so that none waits for the one before: no faster use of the bytes is possible on one thread. */
const [at, end, ...totals] = [0, 1, 2, 3, 4, 5] as const;
const reader = new WebAssembly.Module(
  assemble({
    read: {
      parameters: [I32, I32],
      results: [],
      locals: totals.map(() => V128),
      body: [
        ...whilst(
          i32.lt(get(at), get(end)),
          ...totals.map((total, place) => set(total, f64x2.add(get(total), v128.load(get(at), 16 * place)))),
          set(at, i32.add(get(at), i32.const(64))),
        ),
        ...v128.store(
          i32.const(0),
          totals.map(get).reduce((one, two) => f64x2.add(one, two)),
        ),
      ],
    },
  }),
);
const { read } = new WebAssembly.Instance(reader, { host: { memory: machine.memory } }).exports as unknown as {
  read(from: number, to: number): void;
};

function median(work: () => void): number {
  work();
  const seconds = Array.from({ length: ROUNDS }, () => {
    const begun = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1e6;
  });
  return seconds.sort((a, b) => a - b)[ROUNDS >> 1]!;
}

const bytes = 12 * cells * fields;
const adding = median(() => add(sums, cells, places, { lost: 0, truth: 0 }, true));
const reading = median(() => {
  for (const place of places) for (const pointer of Object.values(place)) read(pointer, pointer + 4 * cells - 64);
});
console.log(JSON.stringify({ sums: bytes / adding, read: bytes / reading }));
