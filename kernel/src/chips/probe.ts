/**
 * What a Python's frameworks report, through `tradewind.probes.frameworks`: asked once and remembered on the disk, since importing a
 * framework costs seconds. The memory is keyed by a fingerprint of the environment and of what the drivers' tools said; a day at most.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { runPython } from '../processes/python.ts';
import type { Framework } from '../records/chips.ts';
import { describe, TradewindError } from '../records/errors.ts';
import { TRADEWIND_VERSION } from '../records/version.ts';

export interface ProbeTarget {
  /** `cpu`, `cuda`, `hip`, `npu` (PyTorch); `cpu`, `GPU`, `Ascend` (MindSpore). */
  name: string;
  built: boolean;
  detail: string;
  devices: { index: number; name: string; memoryTotalMB?: number }[];
}

/** What one framework of one Python said. */
export interface ProbeAnswer {
  python?: string;
  ipykernel?: string | null;
  version: string | null;
  /** How it is known: read from its files, or imported. */
  checked: string;
  /** What would let it answer, where it could not. */
  remedy?: string;
  targets: ProbeTarget[];
}

export interface ProbeCall {
  python: string;
  framework: Framework;
  /** Variables of the engine, on top of the process's own. */
  variables: Record<string, string>;
  /** Environment modules that the engine loads. */
  modules?: readonly string[];
  environment: NodeJS.ProcessEnv;
  cwd: string;
  signal: AbortSignal;
  /** What the drivers' tools said: another card makes another fingerprint. */
  cards: readonly string[];
}

const DAY_MS = 86_400_000;
const PATIENCE_MS = 60_000;

/** Asks, or remembers. A Python that cannot be run, or whose probe crashes, is an answer too: nothing is installed there, and why. */
export async function probe(call: ProbeCall): Promise<ProbeAnswer> {
  const file = join(cacheFolder(call.environment), `${await fingerprint(call)}.json`);
  const remembered = await recall(file);
  if (remembered) return remembered;
  // A driver that hangs (its card fell off the bus) must not hang what asks.
  const patience = AbortSignal.timeout(PATIENCE_MS);
  let answer: ProbeAnswer;
  try {
    answer = await runPython<ProbeAnswer>({
      python: call.python,
      module: 'tradewind.probes.frameworks',
      arguments: [call.framework],
      cwd: call.cwd,
      modules: call.modules,
      signal: AbortSignal.any([call.signal, patience]),
      environment: { ...call.environment, ...call.variables },
    });
  } catch (error) {
    call.signal.throwIfAborted();
    // Not remembered: it may be mended the next moment.
    const checked = patience.aborted ? `no answer in ${PATIENCE_MS / 1000} s` : describe(error).split('\n')[0]!;
    const remedy = error instanceof TradewindError && call.modules?.length ? error.data.remedy : undefined;
    return { version: null, checked, remedy, targets: [] };
  }
  await remember(file, answer);
  return answer;
}

function cacheFolder(environment: NodeJS.ProcessEnv): string {
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tradewind', 'probes');
}

/** Variables that decide which cards and libraries a framework finds. */
const TELLING = /^(CUDA|HIP|ROCR|NVIDIA|ASCEND|LD_LIBRARY_PATH|PYTHONPATH|VIRTUAL_ENV|CONDA_PREFIX)/;

async function fingerprint(call: ProbeCall): Promise<string> {
  const variables = Object.entries({ ...call.environment, ...call.variables })
    .filter(([name]) => TELLING.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = [
    TRADEWIND_VERSION,
    call.python,
    call.framework,
    variables,
    call.modules ?? [],
    call.cards,
    await packagesState(call.python),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** When the Python and its packages last changed: installing or removing a package touches its site-packages folder. */
async function packagesState(python: string): Promise<string[]> {
  const prefix = dirname(dirname(python));
  const versions = (await readdir(join(prefix, 'lib')).catch(() => [])).filter((name) => name.startsWith('python3'));
  const places = [
    python,
    ...versions.flatMap((name) => ['site-packages', 'dist-packages'].map((folder) => join(prefix, 'lib', name, folder))),
  ];
  return Promise.all(
    places.map(async (place) => {
      const found = await stat(place).catch(() => undefined);
      return `${place} ${found?.mtimeMs ?? '-'}`;
    }),
  );
}

async function recall(file: string): Promise<ProbeAnswer | undefined> {
  try {
    const { mtimeMs } = await stat(file);
    const age = Date.now() - mtimeMs;
    return age >= 0 && age < DAY_MS ? (JSON.parse(await readFile(file, 'utf8')) as ProbeAnswer) : undefined;
  } catch {
    return undefined;
  }
}

/** Best effort: a cache that cannot be written costs the next call a second, no more. */
async function remember(file: string, answer: ProbeAnswer): Promise<void> {
  const temporary = `${file}.${randomUUID().slice(0, 8)}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(temporary, JSON.stringify(answer));
    await rename(temporary, file);
  } catch {
    await rm(temporary, { force: true }).catch(() => {});
  }
}
