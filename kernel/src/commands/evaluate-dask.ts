/** `evaluate --dask ADDRESS`: the parts of an evaluation on the workers of a Dask cluster, merged here. */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { callName } from '../evaluate/journal.ts';
import { mergeScores } from '../evaluate/merge.ts';
import { defaultPython, rootFolder } from '../processes/places.ts';
import { runPython } from '../processes/python.ts';
import { TradewindError } from '../records/errors.ts';
import type { CommandContext } from './command.ts';
import { tellProgress } from './python-side.ts';

export interface ClusterRequest {
  /** Of the scheduler: `tcp://host:8786`. */
  address: string;
  parts: number;
  /** The forecasts' stores. */
  forecasts: string[];
  /** Options of `evaluate` that say what is scored, by name; those without a value are left out. */
  options: Record<string, string | undefined>;
  output: string;
}

/** Makes the score store `output`. Finished parts are kept beside it until all are there. */
export async function evaluateOnCluster(
  { address, parts, forecasts, options, output }: ClusterRequest,
  context: CommandContext,
): Promise<void> {
  if (!Number.isInteger(parts) || parts < 1) {
    throw new TradewindError({
      code: 'usage',
      message: `--parts ${parts} is no number of parts`,
      remedy: 'Give as many as the cluster has threads, or more.',
    });
  }
  const given = Object.entries(options).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const stores = [...forecasts, ...['truth', 'climatology', 'threshold'].flatMap((name) => options[name] ?? [])];
  const folder = join(dirname(output), `.${basename(output)}.${callName({ forecasts, given, parts }, stores)}.parts`);
  await mkdir(folder, { recursive: true });
  const outputs = Array.from({ length: parts }, (_, part) => join(folder, `${part + 1}-of-${parts}.zarr`));
  await runPython({
    python: defaultPython(),
    module: 'tradewind.cluster',
    arguments: [
      ...['--address', address, '--folder', context.cwd, '--outputs', JSON.stringify(outputs), '--'],
      ...[process.execPath, commandLine(), 'evaluate', ...forecasts],
      ...given.flatMap(([name, value]) => [`--${name}`, value]),
    ],
    cwd: context.cwd,
    environment: context.environment,
    signal: context.signal,
    onEvent: tellProgress(context),
  });
  await mergeScores({
    parts: outputs,
    output,
    signal: context.signal,
    progress: (done, total) => context.progress({ label: 'merging', done, total, unit: 'leads' }),
  });
  await rm(folder, { recursive: true, force: true });
}

/** The command line's own file: built, or as it is written where this runs so. */
function commandLine(): string {
  const source = join(rootFolder(), 'kernel', 'src', 'cli.ts');
  return import.meta.filename.endsWith('.ts') && existsSync(source) ? source : join(rootFolder(), 'kernel', 'bin', 'tradewind.mjs');
}
