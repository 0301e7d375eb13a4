/** Which modules a migration looks at: those that use a migrated package, what they import, and what imports them. The rest come out as they are. */
import type { Breathe, OnModule } from './breath.ts';
import { importedPairs, isCovered } from './imports.ts';
import { letGo } from './memory.ts';
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

const starsOf = (module: SourceModule) => module.imports.flatMap(({ from, star }) => (star ? [absoluteName(from!, module)] : []));

/**
 * Which of the modules import from a migrated package, directly or through other modules. What an import names is looked up once for all who
 * import it, and module by module of the imported, so that few texts of a large source are held at a time and none is read again and again.
 */
async function usersAmong(
  modules: Iterable<SourceModule>,
  project: Project,
  breathe: Breathe,
  onModule?: OnModule,
): Promise<Set<SourceModule>> {
  const users = new Set<SourceModule>();
  const named = new Map<string, Map<string | undefined, SourceModule[]>>();
  for (const module of modules) {
    if (starsOf(module).some((name) => project.table!.covers(name))) users.add(module);
    else
      for (const { target, name } of importedPairs(module)) {
        const members = named.get(target) ?? new Map<string | undefined, SourceModule[]>();
        named.set(target, members);
        members.set(name, [...(members.get(name) ?? []), module]);
      }
  }
  // What leads out of the project is known without reading anything, and most modules by it.
  const outside = [...named.keys()].filter((target) => !project.modules.has(target));
  const own = [...project.modules.keys()].filter((target) => named.has(target));
  for (const [at, target] of [...outside, ...own].entries()) {
    onModule?.(at, named.size);
    await breathe();
    for (const [name, importers] of named.get(target)!) {
      if (importers.every((one) => users.has(one)) || !isCovered(target, name, project)) continue;
      for (const one of importers) users.add(one);
    }
    letGo(project);
  }
  return users;
}

/** The modules to look at; and those of them whose missing imports have to be mended: they use a migrated package, or the entry reaches them. */
export async function relevantModules(
  project: Project,
  entry: SourceModule | undefined,
  breathe: Breathe,
  onModule?: OnModule,
): Promise<{ relevant: Map<string, SourceModule>; mended: Set<SourceModule> }> {
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
  const users = await usersAmong(spread(named, importers), project, breathe, onModule);
  const all = spread([...spread(users, importers), ...(entry ? [entry] : [])], imports);
  return {
    relevant: new Map([...project.modules].filter(([, module]) => all.has(module))),
    mended: new Set([...users, ...(entry ? spread([entry], imports) : [])]),
  };
}
