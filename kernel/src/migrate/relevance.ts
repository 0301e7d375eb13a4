/** Which modules a migration looks at: those that use a migrated package, what they import, and what imports them. The rest come out as they are. */
import { freedNames } from './imports.ts';
import type { Project, SourceModule } from './modules.ts';
import { absoluteName, modulesOf } from './names.ts';

/** Names of modules that a module's imports may mean. */
function importedNames(module: SourceModule): string[] {
  const found: string[] = [];
  for (const line of module.imports) {
    const origins = modulesOf(line, module);
    found.push(...origins);
    if (line.from !== undefined) found.push(...line.names.map(({ name }) => `${origins[0]}.${name}`));
  }
  return found;
}

/** A module and the packages around it, which Python imports first. */
function withPackages(name: string): string[] {
  const parts = name.split('.');
  return parts.map((_, at) => parts.slice(0, at + 1).join('.'));
}

/** Modules of a large source that are looked at before memory is given back. */
const AT_A_TIME = 100;

const starsOf = (module: SourceModule) => module.imports.flatMap(({ from, star }) => (star ? [absoluteName(from!, module)] : []));

export function usesMigrated(module: SourceModule, project: Project): boolean {
  return freedNames(module, project).size > 0 || starsOf(module).some((name) => project.table!.covers(name));
}

/** The modules to look at; and those of them whose missing imports have to be mended: they use a migrated package, or the entry reaches them. */
export function relevantModules(
  project: Project,
  entry: SourceModule | undefined,
): { relevant: Map<string, SourceModule>; mended: Set<SourceModule> } {
  const imports = new Map<SourceModule, SourceModule[]>();
  const importers = new Map<SourceModule, SourceModule[]>();
  for (const module of project.modules.values()) {
    const targets = new Set(importedNames(module).flatMap(withPackages));
    const found = [...targets].flatMap((name) => project.modules.get(name) ?? []);
    imports.set(module, found);
    for (const one of found) importers.set(one, [...(importers.get(one) ?? []), module]);
  }
  const spread = (start: Iterable<SourceModule>, edges: Map<SourceModule, SourceModule[]>) => {
    const found = new Set(start);
    const queue = [...found];
    for (let module = queue.pop(); module; module = queue.pop()) {
      for (const next of edges.get(module) ?? []) {
        if (!found.has(next)) {
          found.add(next);
          queue.push(next);
        }
      }
    }
    return found;
  };
  // Who never names a migrated package, and imports nothing that does, need not be looked at closely.
  const named = [...project.modules.values()].filter((module) => module.mentions);
  const users = [...spread(named, importers)].filter((module, at) => {
    // What its names lead to was read for it: in a large source that is let go of again.
    if (project.large && at % AT_A_TIME === 0) for (const one of project.modules.values()) one.forget();
    return usesMigrated(module, project);
  });
  const all = spread([...spread(users, importers), ...(entry ? [entry] : [])], imports);
  return {
    relevant: new Map([...project.modules].filter(([, module]) => all.has(module))),
    mended: new Set([...users, ...(entry ? spread([entry], imports) : [])]),
  };
}
