/** What keeps memory level where a source is taken group by group: garbage goes after each of them, and what is kept holds nothing else. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Use } from '../records/report.ts';
import type { Project, SourceModule } from './modules.ts';

/** From now on the engine gives memory back to the machine at once, and grows its heap in small steps: a third slower where it is much. */
export function saveMemory(): void {
  setFlagsFromString('--memory-saver-mode');
}

/** Below this heap, in bytes, the engine's own pace is left alone. */
const WORTH_COLLECTING = 100_000_000;

let collect: (() => void) | undefined;

/** Left to itself the engine lets the heap grow to several times of what lives in it, while memory is to be had. */
function collectGarbage(): void {
  if (process.memoryUsage().heapUsed < WORTH_COLLECTING) return;
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}

/** A group of a large source has been looked at: what was made of its texts goes. */
export function forgetGroup(modules: Iterable<SourceModule>): void {
  for (const module of modules) module.forget();
  collectGarbage();
}

/** Characters of source whose trees are kept while a large source is looked through; twice as many at the most. */
const KEPT = 4_000_000;

/** Before the groups of a large source are made (groups.ts): lets go, now and then, of what was read for the names of other modules, the longest unused first. */
export function letGo(project: Project): void {
  if (!project.large || project.read < KEPT) return;
  project.read = 0;
  const held = [...project.modules.values()].filter((module) => module.held > 0).sort((a, b) => b.used - a.used);
  let characters = 0;
  for (const module of held) {
    characters += module.held;
    if (characters > KEPT) module.forget();
  }
}

/** A part of a text holds all of it: the texts of a use as copies of their own. What it shares with others (measurements) stays shared. */
export function withOwnTexts(use: Use): Use {
  const own = (text: string) => Buffer.from(text).toString();
  return { ...use, api: own(use.api), from: own(use.from), to: own(use.to), ...(use.reason ? { reason: own(use.reason) } : {}) };
}
