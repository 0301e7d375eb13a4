/** Decoded chunks in a machine's memory: shared by who reads them at the same time, kept until the room is needed, the one that was used longest ago goes first. */
import { inMachine } from './codecs/place.ts';
import { type Decoding, decodeChunk, type Floats } from './decode.ts';
import type { Variable } from './store.ts';
import { unreadable } from './unreadable.ts';
import type { Machine } from './wasm/machine.ts';

export interface Chunk {
  /** A view of the machine's memory. */
  data: Floats;
  stride: number[];
}

interface Entry {
  chunk: Promise<Chunk>;
  /** Where it lies, once it is there. */
  pointer?: number;
  /** How many readers use it now. */
  uses: number;
  /** Dropped as soon as nobody uses it: a chunk that is known not to be wanted again. */
  once: boolean;
}

export interface ChunkCache {
  machine: Machine;
  /** The chunk of a variable; `release` it when done. `reader` tells variables of one name in several stores apart. */
  take(reader: number, variable: Variable, coordinates: number[], decoding: Decoding): Promise<Chunk>;
  release(reader: number, coordinates: number[], once: boolean): void;
}

export function chunkCache(machine: Machine): ChunkCache {
  // The first key is the one that was used longest ago.
  const entries = new Map<string, Entry>();
  const keyOf = (reader: number, coordinates: number[]) => `${reader}:${coordinates.join('/')}`;

  function drop(key: string, entry: Entry): void {
    entries.delete(key);
    if (entry.pointer !== undefined) machine.free(entry.pointer);
  }

  machine.evict = () => {
    for (const [key, entry] of entries) {
      if (entry.uses > 0 || entry.pointer === undefined) continue;
      drop(key, entry);
      return true;
    }
    return false;
  };

  return {
    machine,
    take(reader, variable, coordinates, decoding) {
      const key = keyOf(reader, coordinates);
      const entry: Entry = entries.get(key) ?? { chunk: undefined as never, uses: 0, once: false };
      entry.uses++;
      entries.delete(key);
      entries.set(key, entry);
      entry.chunk ??= load(machine, variable, coordinates, decoding).then(
        ({ pointer, ...chunk }) => {
          entry.pointer = pointer;
          return chunk;
        },
        (error) => {
          entries.delete(key);
          throw error;
        },
      );
      return entry.chunk;
    },
    release(reader, coordinates, once) {
      const key = keyOf(reader, coordinates);
      const entry = entries.get(key);
      if (!entry) return;
      entry.uses--;
      entry.once ||= once;
      if (entry.uses === 0 && entry.once) drop(key, entry);
    },
  };
}

async function load(machine: Machine, variable: Variable, coordinates: number[], decoding: Decoding): Promise<Chunk & { pointer: number }> {
  const inside = (data: { buffer: ArrayBufferLike; byteOffset: number }) =>
    data.buffer === machine.memory.buffer && machine.owns(data.byteOffset) ? data.byteOffset : undefined;
  /** An array in the machine that outlives the chunk's reading. */
  const made: number[] = [];
  const make = (type: 'float32' | 'float64', length: number): Floats => {
    const pointer = machine.allocate(length * (type === 'float32' ? 4 : 8));
    made.push(pointer);
    return type === 'float32'
      ? new Float32Array(machine.memory.buffer, pointer, length)
      : new Float64Array(machine.memory.buffer, pointer, length);
  };
  try {
    let stored: Floats | undefined;
    const chunk = await inMachine(
      machine,
      async () => {
        const { data, stride } = await variable.array.getChunk(coordinates);
        const whole = variable.chunks.reduce((size, side) => size * side, 1);
        if ((data as ArrayLike<unknown>).length !== whole)
          throw new Error(`it has ${(data as ArrayLike<unknown>).length} numbers instead of ${whole}`);
        stored = decodeChunk(data as ArrayLike<number | bigint>, decoding, make);
        if (inside(stored) === undefined) {
          const copy = make(stored instanceof Float32Array ? 'float32' : 'float64', stored.length);
          copy.set(stored);
          stored = copy;
        }
        return { data: stored, stride };
      },
      ({ data }) => inside(data),
    );
    return { ...chunk, pointer: inside(chunk.data)! };
  } catch (error) {
    for (const pointer of made) machine.free(pointer);
    throw unreadable(error, variable, coordinates);
  }
}
