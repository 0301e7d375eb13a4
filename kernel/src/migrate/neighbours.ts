/**
 * Python puts a script's folder first on its path, so that `scripts/train.py` imports `scripts/utils/losses.py` as `utils.losses`: such names lead to
 * the project's module, though SOURCE's root is further up.
 */
import type { Project, SourceModule } from './modules.ts';
import { STANDARD } from './packages.ts';

/** All dotted names that lead to a module of the project or are a folder above one. */
const known = new WeakMap<Project, { size: number; names: Set<string> }>();

function namesIn(project: Project): Set<string> {
  const before = known.get(project);
  if (before?.size === project.modules.size) return before.names;
  const names = new Set<string>();
  for (const name of project.modules.keys())
    for (let at = name; at && !names.has(at); at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) names.add(at);
  known.set(project, { size: project.modules.size, names });
  return names;
}

/** `utils.losses` in `scripts/train.py` → `scripts.utils.losses`; any other name is answered as it is. */
export function besideScript(name: string, module: SourceModule, project: Project): string {
  const folders = module.name.split('.').slice(0, -1);
  const top = name.split('.')[0]!;
  if (folders.length === 0 || module.outside || STANDARD.has(top) || project.table?.covers(top)) return name;
  const names = namesIn(project);
  if (names.has(top)) return name;
  for (; folders.length > 0; folders.pop()) {
    const folder = folders.join('.');
    // What lies in a package is imported by the package's name.
    if (names.has(`${folder}.${top}`) && !project.modules.get(folder)?.isPackage) return `${folder}.${name}`;
  }
  return name;
}
