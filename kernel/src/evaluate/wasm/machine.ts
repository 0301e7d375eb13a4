/**
 * A thread's WebAssembly memory: chunks are read into it, unpacked in it and added up in it, so nothing is copied between the steps and what a thread may
 * hold is bounded from the start. Pages cost nothing until they are touched. The memory never grows: views of it stay good.
 */
import { TradewindError } from '../../records/errors.ts';
import { assemble } from './assemble.ts';
import { lz4 } from './lz4.ts';
import { unshuffle, unshuffleAny } from './shuffle.ts';

const PAGE = 65536;
/** Addresses below it are never handed out: tables and tallies of the kernels lie there. */
export const TABLES = PAGE;
const ALIGN = 64;
/** Vector loads and LZ4's strides reach a little past the end. */
const SLACK = 64;
/** What 32-bit addresses reach. */
const LARGEST = 65535 * PAGE;

interface CodecKernels {
  unshuffle2(source: number, target: number, count: number): void;
  unshuffle4(source: number, target: number, count: number): void;
  unshuffle8(source: number, target: number, count: number): void;
  unshuffleAny(source: number, target: number, count: number, size: number): void;
  lz4(source: number, length: number, target: number, room: number): number;
}

export interface Machine {
  memory: WebAssembly.Memory;
  bytes: Uint8Array<ArrayBuffer>;
  kernels: CodecKernels;
  /** A place for `size` bytes and a little more. `evict` (see there) is asked for room before it gives up. */
  allocate(size: number): number;
  free(pointer: number): void;
  /** Is that the start of a place that was given out? */
  owns(pointer: number): boolean;
  /** Set by who keeps what could be dropped: frees something, or says false where there is nothing. */
  evict: () => boolean;
  /** Bytes given out now. */
  used(): number;
}

let codecModule: WebAssembly.Module | undefined;

export function createMachine(size: number): Machine {
  const pages = Math.ceil((Math.min(size, LARGEST) + 2 * PAGE) / PAGE);
  const memory = new WebAssembly.Memory({ initial: Math.min(pages, 65536) });
  codecModule ??= new WebAssembly.Module(
    assemble({ unshuffle2: unshuffle(2), unshuffle4: unshuffle(4), unshuffle8: unshuffle(8), unshuffleAny: unshuffleAny(), lz4: lz4() }),
  );
  const kernels = new WebAssembly.Instance(codecModule, { host: { memory } }).exports as unknown as CodecKernels;
  /** Free stretches by address, none touching another. */
  const gaps: { from: number; to: number }[] = [{ from: TABLES, to: memory.buffer.byteLength }];
  const taken = new Map<number, number>();

  function fit(size: number): number | undefined {
    const at = gaps.findIndex(({ from, to }) => to - from >= size);
    if (at < 0) return undefined;
    const gap = gaps[at]!;
    const pointer = gap.from;
    gap.from += size;
    if (gap.from === gap.to) gaps.splice(at, 1);
    taken.set(pointer, size);
    return pointer;
  }

  const machine: Machine = {
    memory,
    bytes: new Uint8Array(memory.buffer),
    kernels,
    allocate(wanted) {
      const whole = Math.ceil((wanted + SLACK) / ALIGN) * ALIGN;
      for (;;) {
        const pointer = fit(whole);
        if (pointer !== undefined) return pointer;
        if (machine.evict()) continue;
        throw new TradewindError({
          code: 'refused',
          message: `a thread's ${Math.round(memory.buffer.byteLength / 1e6)} MB can't hold another ${Math.round(wanted / 1e6)} MB`,
          remedy: 'Give it more with --memory (as in --memory 4GB), or fewer threads with --threads.',
        });
      }
    },
    free(pointer) {
      const size = taken.get(pointer);
      if (size === undefined) throw new Error(`${pointer} was not given out`);
      taken.delete(pointer);
      let at = gaps.findIndex(({ from }) => from > pointer);
      if (at < 0) at = gaps.length;
      gaps.splice(at, 0, { from: pointer, to: pointer + size });
      for (const low of [at, at - 1]) {
        const [one, two] = [gaps[low], gaps[low + 1]];
        if (one && two && one.to === two.from) gaps.splice(low, 2, { from: one.from, to: two.to });
      }
    },
    owns: (pointer) => taken.has(pointer),
    evict: () => false,
    used: () => [...taken.values()].reduce((sum, one) => sum + one, 0),
  };
  return machine;
}
