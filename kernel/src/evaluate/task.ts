/**
 * One task: some leads of one variable of one forecast, from chunks to sums. Tasks share nothing, so any number of threads gives the same sums to the last bit:
 * every cell's samples are added in the order of their initial times.
 */
import { setImmediate } from 'node:timers/promises';
import { TradewindError } from '../records/errors.ts';
import type { RowSumName, RowSums } from '../records/rowSums.ts';
import type { CellSums, SumName } from '../records/scores.ts';
import { ATOM, type Domains } from './domains.ts';
import { type EnsembleFields, ensembleFields } from './ensemble.ts';
import type { Field } from './fields.ts';
import type { Inputs } from './inputs.ts';
import { type Batch, batchesOf, type Pair, type Tile, tilesOf } from './plan.ts';
import { needsCircles, rowAdder } from './rowAdder.ts';
import { type FieldPlaces, type InputName, type InputTypes, inputsOf, type NumberType } from './wasm/addends.ts';
import type { Machine } from './wasm/machine.ts';
import { type Adder, adderFor, type Tally } from './wasm/sums.ts';

export interface LeadSums {
  lead: number;
  /** By sum, cells in the forecast's order: views of the machine's memory. */
  sums: CellSums;
  tally: Tally;
  /** Sums over regions, one initial time after the other (see `Domains.size`). */
  domains: Float64Array;
  /** Rows in the forecast's order. */
  rows: RowSums;
}

export interface TaskRequest {
  inputs: Inputs;
  machine: Machine;
  names: readonly SumName[];
  /** Sums by row. */
  rows: readonly RowSumName[];
  domains: Domains;
  /** Initial times [first, last): those of this part. */
  initials: readonly [number, number];
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
  const { inputs, machine, names, from, to, domains } = request;
  const [first, last] = request.initials;
  const { forecast } = inputs;
  const cells = forecast.grid.latitude.length * forecast.grid.longitude.length;
  // A pair of cells may reach one past the last.
  const stride = 8 * (cells + (cells % 2));
  const perLead = stride * names.length;
  const pointer = machine.allocate(perLead * (to - from));
  const free = () => machine.free(pointer);
  try {
    const tallies = Array.from({ length: to - from }, (): Tally => ({ lost: 0, truth: 0 }));
    const regional = tallies.map(() => new Float64Array((last - first) * domains.size));
    const adders = new Map<string, Adder>();
    const batches = batchesOf(request.pairs, forecast, from, to, request.fields);
    const byRow = tallies.map(() => rowAdder(request.rows, forecast));
    const tiles = tilesOf(forecast, needsCircles(request.rows));
    const uses = countUses(batches, inputs, wantedFor(names, request.rows));
    for (const tile of tiles) {
      const remaining = new Map(uses);
      const stretches = domains.place(machine, tile);
      const begun = new Set<number>();
      try {
        for await (const { batch, fields } of readAhead(batches, tile, request)) {
          const at = batch.lead - from;
          const totals = totalsFor(machine, domains, fields.length);
          for (const [key, group] of byTypes(fields)) {
            const add = adders.get(key) ?? adderFor(machine, names, typesOf(fields[group[0]!]!), stride, true);
            adders.set(key, add);
            const places = { runs: stretches.runs, totals: group.map((index) => totals.places[index]!) };
            const own = group.map((index) => fields[index]!);
            addTile(add, own, pointer + at * perLead, tile, forecast.grid.longitude.length, tallies[at]!, !begun.has(at), places);
            begun.add(at);
          }
          batch.pairs.forEach(({ initial }, index) => {
            const into = regional[at]!.subarray((initial - first) * domains.size, (initial - first + 1) * domains.size);
            domains.collect(machine, totals.places[index]!, into);
          });
          totals.free();
          if (request.rows.length > 0) for (const field of fields) byRow[at]!.add(valuesOf(field), tile);
          fields.forEach((field, index) => {
            const wanted = wantedBy(batch.pairs[index]!, inputs);
            for (const [input, { release }] of Object.entries(field) as [InputName, Field][])
              release(OF_FORECAST.has(input) || spend(remaining, wanted[input as 'truth']));
          });
          request.progress(fields.length / tiles.length);
        }
      } finally {
        stretches.free();
      }
    }
    // The first fields of a lead make its sums begin at nought; a lead that nothing was added to has none.
    const scored = new Set(request.pairs.map(({ lead }) => lead));
    for (let lead = from; lead < to; lead++)
      if (!scored.has(lead)) machine.bytes.fill(0, pointer + (lead - from) * perLead, pointer + (lead - from + 1) * perLead);
    const leads = tallies.map((tally, at) => ({
      lead: from + at,
      tally,
      domains: regional[at]!,
      rows: byRow[at]!.sums,
      sums: Object.fromEntries(
        names.map((name, s) => [name, new Float64Array(machine.memory.buffer, pointer + at * perLead + s * stride, cells)]),
      ) as CellSums,
    }));
    return { leads, free };
  } catch (error) {
    free();
    throw error;
  }
}

/** What the inner loop takes, and the rank of the truth among the members, which sums by row take. */
type FieldName = InputName | 'rank';

const wantedFor = (names: readonly SumName[], rows: readonly RowSumName[]): FieldName[] => [
  ...inputsOf(names),
  ...(rows.includes('ranks') ? ['rank' as const] : []),
];

/** What is made of the forecast for one pair alone. */
const OF_FORECAST: ReadonlySet<FieldName> = new Set(['forecast', 'crps', 'variance', 'rank']);

/** What a forecast field is added up with. */
type Fields = Record<'forecast' | 'truth' | 'climatology', Field> & Partial<Record<FieldName, Field>>;

const valuesOf = ({ forecast, truth, climatology, rank }: Fields) => ({
  forecast: forecast.values,
  truth: truth.values,
  climatology: climatology.values,
  rank: rank?.values,
});

/** Fields of other stores that a pair wants, by keys: those of one key are one field. */
function wantedBy(
  { start, valid }: Pair,
  { climatology, threshold }: Inputs,
): Record<'truth' | 'climatology' | 'persistence' | 'threshold', string> {
  return {
    truth: `truth ${valid}`,
    climatology: `climatology ${climatology.key(valid)}`,
    persistence: `truth ${start}`,
    threshold: `threshold ${threshold?.key(valid)}`,
  };
}

/** How often each field of the other stores is wanted for a tile: the last one lets its chunk go. */
function countUses(batches: Batch[], inputs: Inputs, wanted: FieldName[]): Map<string, number> {
  const uses = new Map<string, number>();
  for (const { pairs } of batches) {
    for (const pair of pairs) {
      const keys = wantedBy(pair, inputs);
      for (const input of wanted) {
        if (!OF_FORECAST.has(input)) uses.set(keys[input as 'truth'], (uses.get(keys[input as 'truth']) ?? 0) + 1);
      }
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
  tile: Tile,
  { inputs, names, rows, machine, signal }: TaskRequest,
): AsyncGenerator<{ batch: Batch; fields: Fields[] }> {
  const { forecast } = inputs;
  const wanted = wantedFor(names, rows);
  const readAll = async ({ pairs }: Batch): Promise<Fields[]> => {
    const reads = pairs.flatMap((pair) => {
      const ensemble = forecast.members > 1 ? readEnsemble(pair, inputs, tile, machine, wanted) : undefined;
      return wanted.map(async (input) => {
        if (ensemble && OF_FORECAST.has(input)) return (await ensemble)[input as 'forecast'];
        return readInput(input as InputName, pair, inputs, tile, machine);
      });
    });
    const read = await Promise.allSettled(reads);
    const failed = read.find((one) => one.status === 'rejected');
    if (failed) {
      for (const one of read) if (one.status === 'fulfilled') one.value.release(false);
      throw failed.reason;
    }
    const fields = read.map((one) => (one as PromiseFulfilledResult<Field>).value);
    return pairs.map(
      (_, index) => Object.fromEntries(wanted.map((input, at) => [input, fields[index * wanted.length + at]!])) as unknown as Fields,
    );
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
      for (const one of [...fields, ...((await next?.catch(() => [])) ?? [])]) for (const field of Object.values(one)) field.release(false);
      throw interrupted(forecast.store.path);
    }
    yield { batch, fields };
  }
}

/** The error of an evaluation that was told to stop. */
export function interrupted(where: string): TradewindError {
  return new TradewindError({ code: 'interrupted', message: 'evaluation was interrupted', where });
}

function readInput(
  input: InputName,
  { initial, lead, start, valid }: Pair,
  { forecast, truth, climatology, threshold }: Inputs,
  { rows, columns }: Tile,
  machine: Machine,
): Promise<Field> {
  if (input === 'forecast') return forecast.read(initial, lead, rows, columns);
  if (input === 'truth') return truth.read(valid, rows, columns);
  if (input === 'climatology') return climatology.read(valid, rows, columns);
  if (input === 'threshold') return threshold!.read(valid, rows, columns);
  return truth.has(start) ? truth.read(start, rows, columns) : Promise.resolve(nothing(machine, rows.length * columns.length));
}

/** The members' mean and scores; what isn't wanted of them is given back at once. */
async function readEnsemble(
  { initial, lead, valid }: Pair,
  { forecast, truth }: Inputs,
  { rows, columns }: Tile,
  machine: Machine,
  wanted: readonly FieldName[],
): Promise<EnsembleFields> {
  const reads = Array.from({ length: forecast.members }, (_, member) => forecast.read(initial, lead, rows, columns, member));
  const read = await Promise.allSettled([truth.read(valid, rows, columns), ...reads]);
  const fields = read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  try {
    const failed = read.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    const [wantedTruth, ...members] = fields;
    const made = ensembleFields(
      machine,
      members.map(({ values }) => values),
      wantedTruth!.values,
    );
    for (const input of ['crps', 'variance', 'rank'] as const) if (!wanted.includes(input)) made[input].release(true);
    return made;
  } finally {
    for (const [at, { release }] of fields.entries()) release(at > 0 || read[0]!.status === 'rejected');
  }
}

/** A field that isn't there: NaN everywhere. */
function nothing(machine: Machine, cells: number): Field {
  const pointer = machine.allocate(4 * cells);
  return { values: new Float32Array(machine.memory.buffer, pointer, cells).fill(Number.NaN), release: () => machine.free(pointer) };
}

const typeOf = ({ values }: Field): NumberType => (values instanceof Float32Array ? 'float32' : 'float64');
const typesOf = (fields: Fields) =>
  Object.fromEntries(Object.entries(fields).map(([input, field]) => [input, typeOf(field)])) as InputTypes;

/** Indices of the fields of one kind. */
function byTypes(fields: Fields[]): Map<string, number[]> {
  return Map.groupBy(fields.keys(), (index) => Object.values(fields[index]!).map(typeOf).join());
}

/** Empty totals for each of some fields. */
function totalsFor(machine: Machine, { atoms }: Domains, fields: number): { places: number[]; free(): void } {
  const each = atoms.length * ATOM;
  const pointer = machine.allocate(each * fields);
  machine.bytes.fill(0, pointer, pointer + each * fields);
  return { places: Array.from({ length: fields }, (_, index) => pointer + index * each), free: () => machine.free(pointer) };
}

/** Adds a tile's fields to the sums of the whole grid: in one run where the tile spans it, else row by row. */
function addTile(
  add: Adder,
  fields: Fields[],
  sums: number,
  { rows, columns }: Tile,
  gridColumns: number,
  tally: Tally,
  fresh: boolean,
  domains: { runs: readonly number[]; totals: readonly number[] },
): void {
  const start = rows[0]! * gridColumns + columns[0]!;
  const [runs, length] = columns.length === gridColumns ? [1, rows.length * columns.length] : [rows.length, columns.length];
  for (let run = 0; run < runs; run++) {
    const places = fields.map(
      (one) =>
        Object.fromEntries(
          Object.entries(one).map(([input, { values }]) => [input, values.byteOffset + run * length * values.BYTES_PER_ELEMENT]),
        ) as unknown as FieldPlaces,
    );
    add(sums + 8 * (start + run * gridColumns), length, places, tally, fresh, { stretches: domains.runs[run]!, totals: domains.totals });
  }
}
