/** `benchmark`: seconds a forecast and a training step on every engine that is here, each paper row in its place beside them. */
import { findMeters, ownPython, sampledWhile } from '../chips/index.ts';
import { runPython } from '../processes/python.ts';
import type { BenchmarkRecord, MeasuredBenchmark } from '../records/benchmark.ts';
import { FRAMEWORKS } from '../records/chips.ts';
import { energyUse } from '../records/energy.ts';
import { describe, TradewindError } from '../records/errors.ts';
import type { LeftOutRow } from '../records/fit.ts';
import { PAPER_ENERGY, PAPER_FORECASTS, PAPER_MODELS, PAPER_TRAINING } from '../records/paper.ts';
import { baseRecord } from './base.ts';
import type { Arguments, Command, CommandContext } from './command.ts';
import { COST_TABLES, WITH_FIGURES } from './cost-request.ts';
import { migratedModel } from './migrated-model.ts';
import { type PresentEngine, presentEngines } from './present-engines.ts';
import { tellProgress } from './python-side.ts';

const MODELS = Object.keys(PAPER_MODELS);
const SIZES = ['reduced', 'published'] as const;

export const benchmark: Command<BenchmarkRecord> = {
  name: 'benchmark',
  summary: 'time a forecast and a training step on every engine here, beside the paper’s tables',
  details: `Each engine runs in a process of its own, whose device proves itself first. After a warm-up every step is timed by itself, and its clock stops when the result has been read back; the median and the middle half are shown, the first call apart. MindSpore runs what the migrator makes of the model, compiled.

At the published size a step takes minutes on a CPU and needs tens of GB: the CPU's default is a reduced size, which is said and is not set against the paper's rows; other chips' default is the published one. Where a meter is, the mean power is told.

Every row of the paper's Tables 1 to 4 and S1 has its place: ● measured here, ○ paper, ≈ projected (by a fit that has not seen the row).`,
  examples: ['benchmark', 'benchmark fourcastnet --framework mindspore --steps 20', 'benchmark --size published --chip 910b'],
  positionals: [{ name: 'MODEL', kind: 'text', description: `${MODELS.join(', ')} (default: all)`, optional: true, many: true }],
  options: [
    { name: 'chip', value: { name: 'NAME', kind: 'chip' }, description: 'this chip alone' },
    { name: 'framework', value: { name: 'NAME', kind: 'text', choices: FRAMEWORKS }, description: 'this framework alone' },
    { name: 'size', value: { name: 'SIZE', kind: 'text', choices: SIZES }, description: 'of the models' },
    { name: 'batch', value: { name: 'COUNT', kind: 'integer', default: '1' }, description: 'samples a step' },
    { name: 'warmup', value: { name: 'COUNT', kind: 'integer', default: '2' }, description: 'steps before the timed ones' },
    { name: 'steps', value: { name: 'COUNT', kind: 'integer', default: '7' }, description: 'timed steps' },
    { name: 'no-run', description: 'measure nothing: the paper and the projections alone' },
  ],
  run,
};

async function run(input: Arguments, context: CommandContext): Promise<BenchmarkRecord> {
  const { options } = input;
  const named = (input.positionals.MODEL as string[] | undefined) ?? [];
  const models = named.length > 0 ? named : MODELS;
  const wrong = models.find((model) => !MODELS.includes(model));
  if (wrong) throw new TradewindError({ code: 'usage', message: `there is no model ${wrong}`, remedy: `One of ${MODELS.join(', ')}.` });
  const record = await withoutMeasurements(context);
  if (options['no-run']) return record;
  const { engines, refused } = await presentEngines(options, context);
  record.without.push(...refused);
  for (const engine of engines) {
    for (const model of models) {
      try {
        record.measured.push(await measure(engine, model, options, context));
      } catch (error) {
        context.signal.throwIfAborted();
        record.without.push({ name: `${model} on ${engine.chip}/${engine.framework}`, reason: describe(error).split('\n')[0]! });
      }
    }
  }
  for (const placed of record.forecasts) placed.measured = find(record.measured, placed.paper)?.forecast.median;
  return record;
}

/** A measurement stands beside a row of the paper only at its size, for one sample. */
function find(measured: readonly MeasuredBenchmark[], row: { model: string; framework: string; chip: string }) {
  return measured.find(
    (one) =>
      one.model === row.model && one.framework === row.framework && one.chip === row.chip && one.size === 'published' && one.batch === 1,
  );
}

/** The paper's rows with what is projected for each. */
async function withoutMeasurements(context: CommandContext): Promise<BenchmarkRecord> {
  const projected = await runPython<{
    forecast: LeftOutRow[];
    training: LeftOutRow[];
    forecastFactor: number;
    trainingFactor: number;
  }>({
    python: ownPython(context.environment),
    module: 'tradewind.cost.paper',
    arguments: [JSON.stringify(COST_TABLES)],
    cwd: context.cwd,
    signal: context.signal,
    environment: context.environment,
  });
  return {
    ...baseRecord('benchmark', context),
    measured: [],
    without: [],
    hardware: WITH_FIGURES.map(({ name, ...chip }) => ({ chip: name, ...chip })),
    forecasts: PAPER_FORECASTS.map((paper, at) => ({ paper, projected: projected.forecast[at]!.projected })),
    trainings: PAPER_TRAINING.map((paper, at) => ({ paper, projected: projected.training[at]!.projected })),
    energy: [...PAPER_ENERGY],
    forecastFactor: projected.forecastFactor,
    trainingFactor: projected.trainingFactor,
  };
}

async function measure(
  engine: PresentEngine,
  model: string,
  options: Arguments['options'],
  context: CommandContext,
): Promise<MeasuredBenchmark> {
  const { chip, framework, python } = engine;
  const size = (options.size as MeasuredBenchmark['size'] | undefined) ?? (chip === 'cpu' ? 'reduced' : 'published');
  const batch = Number(options.batch ?? 1);
  const migrated = framework === 'mindspore' ? await migratedModel(model, context) : undefined;
  const meters = await findMeters(context.environment, context.signal);
  const timed = () =>
    runPython<Pick<MeasuredBenchmark, 'forecast' | 'training' | 'device' | 'version' | 'settings'>>({
      python,
      module: 'tradewind.probes.benchmark',
      arguments: [
        JSON.stringify({
          ...{ framework, chip, model, batch, migrated, settings: {}, published: size === 'published' },
          warmup: Math.max(1, Number(options.warmup ?? 2)),
          steps: Math.max(1, Number(options.steps ?? 7)),
        }),
      ],
      cwd: context.cwd,
      signal: context.signal,
      environment: { ...context.environment, ...engine.environment },
      onEvent: tellProgress(context),
    });
  const { environment } = context;
  const { answer, samples } = meters.powered
    ? await sampledWhile({ environment, interval: 0.5, meters }, timed)
    : { answer: await timed(), samples: [] };
  const use = energyUse(samples);
  return { model, framework, chip, size, batch, ...answer, ...(use ? { watts: use.watts, meter: use.meter } : {}) };
}
