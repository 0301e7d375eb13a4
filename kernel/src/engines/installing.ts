/** The engine's Python sources, carried to a kernel on another machine as a cell. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pythonPackageFolder } from '../processes/places.ts';

let install: string | undefined;

/** Python that writes this package's `engine` folder to a private folder there and makes it importable; about 60 KB. */
export function installCode(): string {
  if (install) return install;
  const folder = join(pythonPackageFolder(), 'tradewind');
  const sources: Record<string, string> = { '__init__.py': readFileSync(join(folder, '__init__.py'), 'utf8') };
  for (const name of readdirSync(join(folder, 'engine'))) {
    if (name.endsWith('.py')) sources[`engine/${name}`] = readFileSync(join(folder, 'engine', name), 'utf8');
  }
  install = `
def _tradewind_install(text):
    import atexit, json, os, shutil, sys, tempfile
    folder = tempfile.mkdtemp(prefix="tradewind-")
    atexit.register(shutil.rmtree, folder, True)
    os.makedirs(os.path.join(folder, "tradewind", "engine"))
    for name, source in json.loads(text).items():
        with open(os.path.join(folder, "tradewind", name), "w", encoding="utf-8") as stream:
            stream.write(source)
    sys.path.insert(0, folder)
    import tradewind.engine.adopt
    sys.path.remove(folder)
    sys.path.append(folder)
_tradewind_install(${JSON.stringify(JSON.stringify(sources))})
del _tradewind_install
`;
  return install;
}
