/** An engine as data: its name, its identity, and the one that every kernel starts with. */
import { homedir } from 'node:os';
import type { EngineChoice } from '../chips/index.ts';
import { defaultPython } from '../processes/places.ts';

/** What `%chip` has chosen is what is started. */
export type EngineSpec = EngineChoice;

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
