/** Undoes the byte shuffle of Blosc and HDF5: plane j holds byte j of every element. Sixteen elements at a time with SIMD for 2, 4 and 8 bytes. */
import { type Code, type FunctionCode, get, I32, i32, sequence, set, V128, v128, whilst } from './assemble.ts';

const [SOURCE, TARGET, COUNT] = [0, 1, 2];

/** `unshuffle4(source, target, count)`: `count` elements of `size` bytes from planes at `source` to elements at `target`. */
export function unshuffle(size: 2 | 4 | 8): FunctionCode {
  const [index, rest] = [3, 4];
  const first = 5;
  const planes = Array.from({ length: size }, (_, plane) => first + plane);
  let next = first + size;
  const steps: Code[] = [];

  /** Interleaves two runs of vectors by pieces of `unit` bytes. */
  function interleaved(a: number[], b: number[], unit: number): number[] {
    return a.flatMap((vector, at) =>
      [0, 16 / unit / 2].map((start) => {
        const lanes = Array.from({ length: 16 }, (_, byte) => {
          const piece = Math.floor(byte / unit);
          return (start + (piece >> 1)) * unit + (byte % unit) + (piece % 2) * 16;
        });
        const out = next++;
        steps.push(set(out, v128.shuffle(get(vector), get(b[at]!), lanes)));
        return out;
      }),
    );
  }

  let runs = planes.map((plane) => [plane]);
  for (let unit = 1; unit < size; unit *= 2)
    runs = Array.from({ length: runs.length / 2 }, (_, pair) => interleaved(runs[2 * pair]!, runs[2 * pair + 1]!, unit));
  const plane = (j: number) => i32.add(get(SOURCE), i32.add(get(index), i32.mul(get(COUNT), i32.const(j))));
  const body = sequence(
    set(rest, i32.and(get(COUNT), i32.const(-16))),
    whilst(
      i32.lt(get(index), get(rest)),
      ...planes.map((local, j) => set(local, v128.load(plane(j)))),
      ...steps,
      ...runs[0]!.map((local, at) => v128.store(i32.add(get(TARGET), i32.mul(get(index), i32.const(size))), get(local), 16 * at)),
      set(index, i32.add(get(index), i32.const(16))),
    ),
    whilst(
      i32.lt(get(index), get(COUNT)),
      ...planes.map((_, j) => i32.store8(i32.add(get(TARGET), i32.mul(get(index), i32.const(size))), i32.load8(plane(j)), j)),
      set(index, i32.add(get(index), i32.const(1))),
    ),
  );
  return { parameters: [I32, I32, I32], results: [], locals: [I32, I32, ...Array.from({ length: next - first }, () => V128)], body };
}

/** `unshuffleAny(source, target, count, size)`: elements of any size, byte by byte. */
export function unshuffleAny(): FunctionCode {
  const size = 3;
  const [index, plane, from] = [4, 5, 6];
  const body = whilst(
    i32.lt(get(plane), get(size)),
    set(index, i32.const(0)),
    set(from, i32.add(get(SOURCE), i32.mul(get(plane), get(COUNT)))),
    whilst(
      i32.lt(get(index), get(COUNT)),
      i32.store8(i32.add(get(TARGET), i32.add(i32.mul(get(index), get(size)), get(plane))), i32.load8(i32.add(get(from), get(index)))),
      set(index, i32.add(get(index), i32.const(1))),
    ),
    set(plane, i32.add(get(plane), i32.const(1))),
  );
  return { parameters: [I32, I32, I32, I32], results: [], locals: [I32, I32, I32], body };
}
