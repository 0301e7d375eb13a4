/**
 * Which modules are looked at together. Types are inferred over all of them at once, with their trees in memory; a source that is too large
 * for that (a whole folder of installed packages) is taken package by package, and what another package defines counts as foreign there.
 */
import { statSync } from 'node:fs';
import type { SourceModule } from './modules.ts';

/** Bytes of source: two of the largest model libraries fit in. Inference takes some thirty times as much memory. */
export const TOGETHER = 12_000_000;

type Modules = ReadonlyMap<string, SourceModule>;

/** The modules in groups of at most `limit` bytes, as far as packages can be parted. */
export function groupsOf(modules: Modules, limit = TOGETHER): Modules[] {
  const sizes = new Map([...modules.values()].map((module) => [module, statSync(module.path, { throwIfNoEntry: false })?.size ?? 0]));
  const part = (group: Modules, depth: number): Modules[] => {
    let size = 0;
    for (const module of group.values()) size += sizes.get(module)!;
    const deepest = Math.max(...[...group.keys()].map((name) => name.split('.').length));
    if (size <= limit || depth > deepest) return [group];
    const packages = new Map<string, Map<string, SourceModule>>();
    for (const [name, module] of group) {
      const key = name.split('.').slice(0, depth).join('.');
      const inside = packages.get(key);
      if (inside) inside.set(name, module);
      else packages.set(key, new Map([[name, module]]));
    }
    return [...packages.values()].flatMap((one) => part(one, depth + 1));
  };
  return part(modules, 1);
}
