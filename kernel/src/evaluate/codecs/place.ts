/** Where a chunk is unpacked: inside `inMachine` the thread's WebAssembly memory, elsewhere the ordinary heap. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createMachine, type Machine } from '../wasm/machine.ts';

interface Loans {
  machine: Machine;
  /** Places given out for this chunk, by the stages that read and unpack it. */
  pointers: Set<number>;
}

const loans = new AsyncLocalStorage<Loans>();

/** Runs a chunk's reading: what is read and unpacked in it lies in the machine's memory, and all but what `keep` names of the result is free again at the end. */
export async function inMachine<T>(machine: Machine, read: () => Promise<T>, keep: (result: T) => number | undefined): Promise<T> {
  const own: Loans = { machine, pointers: new Set() };
  let kept: number | undefined;
  try {
    const result = await loans.run(own, read);
    kept = keep(result);
    return result;
  } finally {
    for (const pointer of own.pointers) if (pointer !== kept) machine.free(pointer);
  }
}

/** Bytes of their own in the machine of the chunk that is being read; undefined outside of it. */
export function placeInMachine(size: number): Uint8Array<ArrayBuffer> | undefined {
  const own = loans.getStore();
  if (!own) return undefined;
  const pointer = own.machine.allocate(size);
  own.pointers.add(pointer);
  return own.machine.bytes.subarray(pointer, pointer + size);
}

let spare: Machine | undefined;

/** A machine to unpack in, with `room` bytes: the chunk's own, or one that coordinates and other small arrays share. */
export function machineWith(room: number): Machine {
  const own = loans.getStore();
  if (own) return own.machine;
  if (!spare || spare.memory.buffer.byteLength < room + 1e6) spare = createMachine(room + 4e6);
  return spare;
}
