/**
 * One task: some leads of one variable of one forecast, from chunks to sums. Tasks share nothing, so any number of threads gives the same sums to the last bit:
 * every cell's samples are added in the order of their initial times.
 */
import { setImmediate } from 'node:timers/promises';
import { TradewindError } from '../records/errors.ts';
import type { SumName } from '../records/scores.ts';
import type { Field } from './fields.ts';
import type { Inputs } from './inputs.ts';
import { type Batch, batchesOf, type Pair, type Tile, tilesOf } from './plan.ts';
import type { Machine } from './wasm/machine.ts';
import { type Adder, adderFor, type InputTypes, type NumberType, type Tally } from './wasm/sums.ts';

export interface LeadSums {
  lead: number;
  /** By sum, cells in the forecast's order: views of the machine's memory. */
  sums: Record<SumName, Float64Array>;
  tally: Tally;
}

export interface TaskRequest {
  inputs: Inputs;
  machine: Machine;
  names: readonly SumName[];
  pairs: Pair[];
  /** Leads [from, to). */
  from: number;
  to: number;
  /** Fields that are added up in one go. */
  fields: number;
  signal: AbortSignal;
  progress(fields: number): void;
}

/** Sums the leads. `free` gives their memory back. */
export async function sumLeads(request: TaskRequest): Promise<{ leads: LeadSums[]; free(): void }> {
  const { inputs, machine, names, from, to } = request;
  const { forecast } = inputs;
  const cells = forecast.grid.latitude.length * forecast.grid.longitude.length;
  // A pair of cells may reach one past the last.
  const stride = 8 * (cells + (cells % 2));
  const perLead = stride * names.length;
  const pointer = machine.allocate(perLead * (to - from));
  const free = () => machine.free(pointer);
  try {
    machine.bytes.fill(0, pointer, pointer + perLead * (to - from));
    const tallies = Array.from({ length: to - from }, (): Tally => ({ lost: 0, truth: 0 }));
    const adders = new Map<string, Adder>();
    const batches = batchesOf(request.pairs, forecast, from, to, request.fields);
    const tiles = tilesOf(forecast);
    const uses = countUses(batches, inputs);
    for (const tile of tiles) {
      const remaining = new Map(uses);
      for await (const { batch, fields } of readAhead(batches, tile, request)) {
        const at = batch.lead - from;
        for (const [key, group] of byTypes(fields)) {
          const types = key.split(',') as unknown as InputTypes;
          const add = adders.get(key) ?? adderFor(machine, names, types);
          adders.set(key, add);
          addTile(add, types, group, pointer + at * perLead, stride, tile, forecast.grid.longitude.length, tallies[at]!);
        }
        fields.forEach((triple, index) => {
          const { valid } = batch.pairs[index]!;
          triple[0].release(true);
          triple[1].release(spend(remaining, `truth ${valid}`));
          triple[2].release(spend(remaining, `climatology ${inputs.climatology.key(valid)}`));
        });
        request.progress(fields.length / tiles.length);
      }
    }
    const leads = tallies.map((tally, at) => ({
      lead: from + at,
      tally,
      sums: Object.fromEntries(
        names.map((name, s) => [name, new Float64Array(machine.memory.buffer, pointer + at * perLead + s * stride, cells)]),
      ) as Record<SumName, Float64Array>,
    }));
    return { leads, free };
  } catch (error) {
    free();
    throw error;
  }
}

type Triple = [forecast: Field, truth: Field, climatology: Field];

/** How often each field of truth and climatology is wanted for a tile: the last one lets its chunk go. */
function countUses(batches: Batch[], { climatology }: Inputs): Map<string, number> {
  const uses = new Map<string, number>();
  for (const { pairs } of batches) {
    for (const { valid } of pairs) {
      for (const key of [`truth ${valid}`, `climatology ${climatology.key(valid)}`]) uses.set(key, (uses.get(key) ?? 0) + 1);
    }
  }
  return uses;
}

function spend(remaining: Map<string, number>, key: string): boolean {
  const left = remaining.get(key)! - 1;
  remaining.set(key, left);
  return left === 0;
}

/** Reads and unpacks the next batch's fields while this one is added up. */
async function* readAhead(
  batches: Batch[],
  { rows, columns }: Tile,
  { inputs: { forecast, truth, climatology }, signal }: TaskRequest,
): AsyncGenerator<{ batch: Batch; fields: Triple[] }> {
  const readAll = async ({ pairs }: Batch): Promise<Triple[]> => {
    const wanted = pairs.flatMap(({ initial, lead, valid }) => [
      forecast.read(initial, lead, rows, columns),
      truth.read(valid, rows, columns),
      climatology.read(valid, rows, columns),
    ]);
    const read = await Promise.allSettled(wanted);
    const failed = read.find((one) => one.status === 'rejected');
    if (failed) {
      for (const one of read) if (one.status === 'fulfilled') one.value.release(false);
      throw failed.reason;
    }
    const fields = read.map((one) => (one as PromiseFulfilledResult<Field>).value);
    return pairs.map((_, index) => fields.slice(3 * index, 3 * index + 3) as Triple);
  };
  let next = batches.length > 0 ? readAll(batches[0]!) : undefined;
  for (const [index, batch] of batches.entries()) {
    const fields = await next!;
    const following = batches[index + 1];
    next = following && readAll(following);
    // Its error is met when its turn comes; until then nobody waits for it.
    next?.catch(() => {});
    // The reads begin, and timers and messages get their turn, before the thread is busy again.
    await setImmediate();
    if (signal.aborted) {
      for (const triple of [...fields, ...((await next?.catch(() => [])) ?? [])]) for (const field of triple) field.release(false);
      throw new TradewindError({ code: 'interrupted', message: 'evaluation was interrupted', where: forecast.store.path });
    }
    yield { batch, fields };
  }
}

const typeOf = ({ values }: Field): NumberType => (values instanceof Float32Array ? 'float32' : 'float64');

function byTypes(fields: Triple[]): Map<string, Triple[]> {
  const groups = new Map<string, Triple[]>();
  for (const triple of fields) {
    const key = triple.map(typeOf).join();
    groups.set(key, [...(groups.get(key) ?? []), triple]);
  }
  return groups;
}

/** Adds a tile's fields to the sums of the whole grid: in one run where the tile spans it, else row by row. */
function addTile(
  add: Adder,
  types: InputTypes,
  fields: Triple[],
  sums: number,
  stride: number,
  { rows, columns }: Tile,
  gridColumns: number,
  tally: Tally,
): void {
  const start = rows[0]! * gridColumns + columns[0]!;
  const [runs, length] = columns.length === gridColumns ? [1, rows.length * columns.length] : [rows.length, columns.length];
  const bytes = types.map((type) => (type === 'float32' ? 4 : 8));
  for (let run = 0; run < runs; run++) {
    const places = fields.map((triple) => {
      const [forecast, truth, climatology] = triple.map(({ values }, at) => values.byteOffset + run * length * bytes[at]!);
      return { forecast: forecast!, truth: truth!, climatology: climatology! };
    });
    add(sums + 8 * (start + run * gridColumns), stride, length, places, tally);
  }
}
