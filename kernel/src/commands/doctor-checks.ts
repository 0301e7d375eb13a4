/** The doctor's other looks: Node and its packages, the built kernel and extension, the disk, engines.yaml, the drivers' tools, a browser. */
import { access, readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { askTools, detect, stackChecks, userEngines } from '../chips/index.ts';
import { bytes } from '../display/text.ts';
import { rootFolder } from '../processes/places.ts';
import type { Check } from '../records/doctor.ts';
import { TradewindError } from '../records/errors.ts';
import type { CommandContext } from './command.ts';

const REPAIR = 'npm start sets it up again.';
const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

async function json(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Node itself (the kernel uses what came with version 24), and the packages that it needs at run time against package.json. */
export async function nodeChecks(): Promise<Check[]> {
  const version = process.versions.node;
  const recent = Number(version.split('.')[0]) >= 24;
  const node: Check = {
    name: 'node',
    status: recent ? 'ok' : 'wrong',
    found: version,
    remedy: recent ? undefined : 'Run tradewind through .venv/bin/tradewind or npx tradewind: they use the Node of the environment.',
  };
  const root = rootFolder();
  const wanted = ((await json(join(root, 'package.json')))?.dependencies ?? {}) as Record<string, string>;
  const faults: string[] = [];
  for (const [name, pin] of Object.entries(wanted)) {
    const found = (await json(join(root, 'node_modules', name, 'package.json')))?.version;
    if (found === undefined) faults.push(`${name} is missing`);
    else if (found !== pin) faults.push(`${name} ${found}, pinned: ${pin}`);
  }
  const count = Object.keys(wanted).length;
  return [
    node,
    faults.length === 0
      ? { name: 'npm packages', status: 'ok', found: `${count} as pinned` }
      : { name: 'npm packages', status: 'wrong', found: faults.join('; '), remedy: REPAIR },
  ];
}

/** The built kernel, and the kernelspec that Jupyter starts it by. */
export async function kernelChecks(): Promise<Check[]> {
  const root = rootFolder();
  const bundles = ['main.mjs', 'cli.mjs'].map((name) => join(root, 'kernel', 'dist', name));
  const missing = (await Promise.all(bundles.map(async (path) => ((await exists(path)) ? [] : [path])))).flat();
  const built: Check =
    missing.length === 0
      ? { name: 'kernel', status: 'ok', found: 'built in kernel/dist' }
      : { name: 'kernel', status: 'missing', found: `not built: ${missing.join(', ')}`, remedy: 'npm start builds it.' };
  const file = join(root, '.venv', 'share', 'jupyter', 'kernels', 'tradewind', 'kernel.json');
  const spec = await json(file);
  if (!spec) return [built, { name: 'kernelspec', status: 'missing', found: `no ${file}`, remedy: 'npm start registers it.' }];
  const words = Array.isArray(spec.argv) ? spec.argv.filter((word) => typeof word === 'string') : [];
  const gone = (await Promise.all(words.slice(0, 2).map(async (path) => ((await exists(path)) ? [] : [path])))).flat();
  if (words.length < 2 || gone.length > 0) {
    const why = words.length < 2 ? 'it names no program' : `it names ${gone.join(' and ')}, which is not there`;
    return [built, { name: 'kernelspec', status: 'wrong', found: `${file}: ${why}`, remedy: 'npm start registers it anew.' }];
  }
  return [built, { name: 'kernelspec', status: 'ok', found: `tradewind (${String(spec.display_name ?? '')})` }];
}

export async function extensionCheck(): Promise<Check[]> {
  const file = join(rootFolder(), '.venv', 'share', 'jupyter', 'labextensions', 'tradewind', 'package.json');
  const found = await json(file);
  return [
    found
      ? { name: 'extension', status: 'ok', found: `tradewind ${String(found.version ?? '')} in JupyterLab` }
      : { name: 'extension', status: 'missing', found: `no ${file}`, remedy: 'npm start builds and registers it.' },
  ];
}

const ENOUGH = 2e9;

/** Room where the runs go and where the environment lies. */
export async function diskCheck(cwd: string): Promise<Check[]> {
  const { bavail, bsize } = await statfs(cwd);
  const free = bavail * bsize;
  return [
    {
      name: 'disk',
      status: free >= ENOUGH ? 'ok' : 'wrong',
      found: `${bytes(free)} free at ${cwd}`,
      remedy: free >= ENOUGH ? undefined : `Free some space: checkpoints and stores need ${bytes(ENOUGH)} or more.`,
    },
  ];
}

export async function engineFileCheck(context: Pick<CommandContext, 'cwd' | 'environment'>): Promise<Check[]> {
  try {
    const { file, engines } = await userEngines(context.cwd, context.environment);
    if (!file) return [{ name: 'engines.yaml', status: 'optional', found: 'none: no engines of your own' }];
    const gone = (await Promise.all(engines.map(async (engine) => ((await exists(engine.python)) ? [] : [engine])))).flat();
    if (gone.length === 0)
      return [{ name: 'engines.yaml', status: 'ok', found: `${file}: ${engines.map((one) => one.name).join(', ') || 'no engine in it'}` }];
    return gone.map((engine) => ({
      name: 'engines.yaml',
      status: 'wrong',
      found: `${engine.where}: no Python at ${engine.python}`,
      remedy: `Mend python: of the engine ${engine.name}, or take it out.`,
    }));
  } catch (error) {
    if (!(error instanceof TradewindError)) throw error;
    const { where, message, remedy } = error.data;
    return [{ name: 'engines.yaml', status: 'wrong', found: `${where}: ${message}`, remedy }];
  }
}

/** The drivers' tools: none is needed where there is no accelerator; one that is here and fails is worth a look. */
export async function toolChecks(context: Pick<CommandContext, 'environment' | 'signal'>): Promise<Check[]> {
  const answers = await askTools(context.environment, context.signal);
  return answers.map(({ tool, found, detail }) => ({ name: tool, status: found ? 'ok' : 'optional', found: detail }));
}

/** From the card up to the framework, for every vendor of whom there is a trace. A broken engines.yaml is told by its own check. */
export async function chipStackChecks(context: Pick<CommandContext, 'cwd' | 'environment' | 'signal'>): Promise<Check[]> {
  try {
    return await stackChecks({ detection: await detect(context), environment: context.environment });
  } catch (error) {
    if (!(error instanceof TradewindError)) throw error;
    return [];
  }
}

const BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Only the tests of the notebook widgets need a browser of their own. */
export async function browserCheck(environment: NodeJS.ProcessEnv): Promise<Check[]> {
  const places = environment.TRADEWIND_CHROMIUM ? [environment.TRADEWIND_CHROMIUM, ...BROWSERS] : BROWSERS;
  for (const place of places) if (await exists(place)) return [{ name: 'browser', status: 'ok', found: place }];
  return [
    {
      name: 'browser',
      status: 'optional',
      found: 'no Chromium or Chrome',
      remedy: 'Only npm test needs one: install Chromium, or set TRADEWIND_CHROMIUM.',
    },
  ];
}
