/** What a run was optimised by: `optimisations.json` of its folder, and what measurements of the same training have found. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { AppliedOptimisation, OptimisationEffect } from '../records/advice.ts';
import type { RunConfiguration } from './outcome.ts';

interface OptimisedFile {
  applied: AppliedOptimisation[];
  /** What the trainer's process sees besides. */
  environment: Record<string, string>;
}

const FILE = 'optimisations.json';

/** Absent where the run was not optimised. */
export async function readOptimised(folder: string): Promise<OptimisedFile | undefined> {
  return readJson(join(folder, FILE));
}

export async function writeOptimised(folder: string, optimised: OptimisedFile): Promise<void> {
  await writeWhole(join(folder, FILE), optimised);
}

/** What was measured of a training, by the optimisation's name; a measurement of another training is none of this one. */
export async function readEffects(runs: string, config: RunConfiguration): Promise<Record<string, OptimisationEffect>> {
  const read = await readJson<{ subject: string; effects: Record<string, OptimisationEffect> }>(effectsFile(runs, config));
  return read?.subject === subjectOf(config) ? read.effects : {};
}

/** Adds to what was measured of that training. */
export async function writeEffects(runs: string, config: RunConfiguration, effects: Record<string, OptimisationEffect>): Promise<void> {
  const known = await readEffects(runs, config);
  await writeWhole(effectsFile(runs, config), { subject: subjectOf(config), effects: { ...known, ...effects } });
}

/** Where trainings are measured; no run of the user's. */
export function trialsFolder(runs: string): string {
  return join(runs, '.advice');
}

/** What makes two trainings the same to an optimisation: the engine, the model and its sizes, the batch. */
function subjectOf({ chip, framework, model, training }: RunConfiguration): string {
  return JSON.stringify([chip, framework, basename(model.source ?? ''), model.class, model.arguments, training.batch]);
}

function effectsFile(runs: string, { chip, framework, model }: RunConfiguration): string {
  return join(trialsFolder(runs), `${[model.class, chip, framework].join('-').replace(/[^\p{L}\p{N}._-]+/gu, '-')}.json`);
}

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}

async function writeWhole(file: string, content: object): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, `${JSON.stringify(content, null, 1)}\n`);
  await rename(temporary, file);
}
