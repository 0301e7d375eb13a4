/** `energy`: what runs and cells used, by the meters that are here, beside the paper's Table S1; `%%energy` meters one cell. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ENERGY_FILE, findMeters, readSamples, record as recordSamples, sampledWhile } from '../chips/index.ts';
import { type EnergyRecord, energyUse, type MeasuredEnergy, type MeterSample, relativeTo, throughputPerWatt } from '../records/energy.ts';
import { TradewindError } from '../records/errors.ts';
import { PAPER_ENERGY } from '../records/paper.ts';
import { baseRecord } from './base.ts';
import type { Arguments, Command, CommandContext } from './command.ts';

export const energy: Command<EnergyRecord> = {
  name: 'energy',
  summary: 'energy and throughput per watt of runs or of a cell, beside the paper’s Table S1',
  details: `Meters: the accelerator's own tool (nvidia-smi, npu-smi, hy-smi, rocm-smi), else RAPL where it can be read. Joules are integrated over the samples' own times; efficiency is throughput over power (the paper's formula 3). Where no meter was, no number is given.

train samples by itself, into energy.jsonl of the run. %%energy at the top of a cell meters the cell. --record FILE --pid PID meters any other process while it lives (in a Slurm script, for one).`,
  examples: [
    'energy',
    'energy ms-910b pt-a100 --base pt-a100',
    'energy --paper-base 910b',
    '%%energy',
    'energy --record energy.jsonl --pid 4242',
  ],
  positionals: [
    { name: 'RUN', kind: 'run', description: 'runs to compare; without any, all that were metered', optional: true, many: true },
  ],
  options: [
    { name: 'base', value: { name: 'RUN', kind: 'run' }, description: 'the run that is 100 (default: the first that was metered)' },
    {
      name: 'paper-base',
      value: { name: 'CHIP', kind: 'text', choices: PAPER_ENERGY.map((row) => row.chip), default: 'a100' },
      description: 'the chip of Table S1 that is 100',
    },
    { name: 'record', value: { name: 'FILE', kind: 'path' }, description: 'append samples to FILE instead' },
    { name: 'pid', value: { name: 'PID', kind: 'integer' }, description: 'with --record: until this process ends' },
    { name: 'interval', value: { name: 'SECONDS', kind: 'number', default: '1' }, description: 'between two samples, at least' },
  ],
  body: 'the code whose energy is metered',
  async run(input, context) {
    if (input.body !== undefined) return ofCell(input, context);
    if (input.options.record) return recorded(input, context);
    return ofRuns(input, context);
  },
};

function recordOf(input: Arguments, context: CommandContext): EnergyRecord {
  const paperBase = String(input.options['paper-base'] ?? 'a100');
  return { ...baseRecord('energy', context), paperBase, measured: [], paper: relativeTo(paperBase, PAPER_ENERGY), without: [] };
}

const intervalOf = (input: Arguments) => Math.max(0.1, Number(input.options.interval ?? 1));

async function recorded(input: Arguments, context: CommandContext): Promise<EnergyRecord> {
  const file = String(input.options.record);
  const pid = input.options.pid === undefined ? undefined : Number(input.options.pid);
  await recordSamples(file, pid, intervalOf(input), context.environment, context.signal);
  const record = recordOf(input, context);
  add(
    record,
    { name: basename(file), what: 'recording', chip: record.environment.chip },
    await readSamples(file),
    'the file holds no reading of power',
  );
  return record;
}

/** A measured row, or the reason why there is none. */
function add(record: EnergyRecord, row: Omit<MeasuredEnergy, 'use'>, samples: readonly MeterSample[], reason: string): void {
  const use = energyUse(samples);
  if (!use) record.without.push({ name: row.name, reason });
  else
    record.measured.push({ ...row, use, perWatt: row.throughput === undefined ? undefined : throughputPerWatt(row.throughput, use.watts) });
}

/** Runs the rest of the cell between the first and the last look at the meters. */
async function ofCell(input: Arguments, context: CommandContext): Promise<EnergyRecord> {
  if (!context.session?.runBody) {
    throw new TradewindError({
      code: 'usage',
      message: 'a cell is metered in a notebook',
      remedy: 'energy --record FILE --pid PID in a shell.',
    });
  }
  const meters = await findMeters(context.environment, context.signal);
  const { runBody } = context.session;
  const peak = await context.session.peakMemory?.();
  const began = performance.now();
  const { samples } = await sampledWhile({ environment: context.environment, interval: intervalOf(input), meters }, runBody);
  const seconds = (performance.now() - began) / 1000;
  const own = await peak?.();
  const record = recordOf(input, context);
  const active = context.session.active();
  add(record, { name: 'this cell', what: 'cell', ...active }, samples, meters.reason);
  const engine = own === undefined ? [] : [{ name: `the engine ${active.chip}/${active.framework}`, memoryMB: Math.round(own) }];
  return { ...record, cell: { seconds, peaks: [...engine, ...peaksOf(samples)] } };
}

/** The most memory that each card held. */
function peaksOf(samples: readonly MeterSample[]): { name: string; memoryMB: number }[] {
  const peaks = new Map<string, number>();
  for (const { meter, card, name, memoryUsedMB } of samples) {
    if (memoryUsedMB === undefined) continue;
    const label = meter === 'host' ? 'host memory' : `${name} ${card}`;
    peaks.set(label, Math.max(peaks.get(label) ?? 0, memoryUsedMB));
  }
  return [...peaks].map(([name, memoryMB]) => ({ name, memoryMB }));
}

async function ofRuns(input: Arguments, context: CommandContext): Promise<EnergyRecord> {
  const { findRun, runNames, runsFolder, readEnvironment } = await import('../train/folder.ts');
  const words = input.positionals.RUN as string[] | undefined;
  const folders = words?.length
    ? await Promise.all(words.map((word) => findRun(word, context.cwd)))
    : (await runNames(context.cwd)).map((name) => join(runsFolder(context.cwd), name));
  const record = recordOf(input, context);
  for (const folder of folders) {
    const samples = await readSamples(join(folder, ENERGY_FILE));
    const environment = await readEnvironment(folder);
    const { chip = '?', framework } = environment;
    const throughput = await throughputOf(folder, samples);
    const reason =
      samples.length > 0 ? 'its samples hold no reading of power' : 'it was not metered: no meter was there, or it is older than metering';
    add(record, { name: basename(folder), what: 'training', chip, framework, throughput, unit: 'samples' }, samples, reason);
  }
  return relative(record, input.options.base as string | undefined);
}

/** Samples a second while it was metered: steps between the first and last line of metrics in that time, times the batch of the configuration. */
async function throughputOf(folder: string, samples: readonly MeterSample[]): Promise<number | undefined> {
  if (samples.length === 0) return undefined;
  const [{ metricsReader }, { parse }] = await Promise.all([import('../train/metrics.ts'), import('yaml')]);
  const { lines } = await metricsReader(folder).next();
  const [first, last] = [lines[0], lines.at(-1)];
  if (!first || !last || last.time <= first.time) return undefined;
  const training = parse(await readFile(join(folder, 'config.yaml'), 'utf8'))?.training;
  const batch = Number(training?.batch);
  return Number.isFinite(batch) && batch > 0 ? (batch * (last.step - first.step)) / (last.time - first.time) : undefined;
}

/** Per cent of the base's throughput per watt. */
function relative(record: EnergyRecord, base: string | undefined): EnergyRecord {
  const counted = record.measured.filter((row) => row.perWatt !== undefined);
  const one = base === undefined ? counted[0] : counted.find((row) => row.name === base);
  if (base !== undefined && !one) {
    throw new TradewindError({
      code: 'input',
      message: `${base} has no measured throughput per watt`,
      remedy: counted.length ? `Metered runs: ${counted.map((row) => row.name).join(', ')}.` : 'No run here was metered.',
    });
  }
  if (!one) return record;
  const measured = record.measured.map((row) =>
    row.perWatt === undefined ? row : { ...row, relative: (100 * row.perWatt) / one.perWatt! },
  );
  return { ...record, base: one.name, measured };
}
