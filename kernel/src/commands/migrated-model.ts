/** Tradewind's own models for MindSpore: made by the migrator when they are first needed, kept in the cache under what they were made of: source, operator table, compat functions, version. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { operatorsFolder, pythonPackageFolder } from '../processes/places.ts';
import { TRADEWIND_VERSION } from '../records/version.ts';
import type { CommandContext } from './command.ts';

/** The folder that holds `MODEL.py` for MindSpore. */
export async function migratedModel(model: string, context: CommandContext): Promise<string> {
  const source = join(pythonPackageFolder(), 'tradewind', 'models', `${model}.py`);
  const digest = await migrationKey(source, operatorsFolder());
  const cache = context.environment.XDG_CACHE_HOME || join(homedir(), '.cache');
  const output = join(cache, 'tradewind', 'models', `${model}-${digest}`);
  if (existsSync(output)) return output;
  const { migrate } = await import('../migrate/migrate.ts');
  await migrate({
    source,
    output,
    target: 'portable',
    force: false,
    signal: context.signal,
    searchPath: [],
    progress: (label, done, total) => context.progress({ label: `${model}: ${label}`, done, total, unit: 'files' }),
  });
  return output;
}

/** A name for what a migration of `source` gives: the same for the same source, operator table (in the folder `operators`), compat functions and version. */
export async function migrationKey(source: string, operators: string): Promise<string> {
  const { contentKey, filesIn } = await import('../migrate/snapshot.ts');
  return contentKey([
    { name: TRADEWIND_VERSION, text: await readFile(source, 'utf8') },
    ...filesIn(operators, '.yaml'),
    ...filesIn(join(operators, 'compat'), '.py'),
    ...filesIn(join(operators, 'measured'), '.json'),
  ]).slice(0, 16);
}
