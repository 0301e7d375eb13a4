/** What an engine is, as data: an IPython process bound to a chip, a framework, a Python environment and a place. */
import { homedir } from 'node:os';
import type { Place } from '../chips/places.ts';
import { defaultPython } from '../processes/places.ts';
import type { Framework } from '../records/chips.ts';

export interface EngineSpec {
  /** The word after `%chip`: `cpu`, `910b`, … */
  chip: string;
  framework: Framework;
  /** As users read it: `CPU · PyTorch`. */
  title: string;
  /** The Python to run it with; its environment must have ipykernel. */
  python: string;
  /** Variables on top of the kernel's own (`CUDA_VISIBLE_DEVICES`, `ASCEND_RT_VISIBLE_DEVICES`, …). */
  environment: Record<string, string>;
  /** Environment modules to load before Python starts, in order. */
  modules: string[];
  /** This machine, or another one (behind a server `python` is empty). */
  place: Place;
}

/** `cpu/pytorch`: the engine's name in commands and messages. */
export function engineName(spec: Pick<EngineSpec, 'chip' | 'framework'>): string {
  return `${spec.chip}/${spec.framework}`;
}

/** Two specs with the same key share one process; a change of Python or environment makes another engine. */
export function engineKey(spec: EngineSpec): string {
  const environment = Object.entries(spec.environment).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([spec.chip, spec.framework, spec.python, environment, spec.modules, spec.place]);
}

/** The engine that every kernel starts with. */
export function defaultSpec(): EngineSpec {
  return {
    chip: 'cpu',
    framework: 'pytorch',
    title: 'CPU · PyTorch',
    python: process.env.TRADEWIND_PYTHON ?? defaultPython(),
    environment: {},
    modules: [],
    place: 'local',
  };
}

/** A path as users read it: the home folder as `~`. */
export function shortPath(path: string): string {
  const home = homedir();
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
