/** Tradewind's own models for MindSpore: made by the migrator when they are first needed, kept in the cache under what they were made of. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pythonPackageFolder } from '../processes/places.ts';
import { TRADEWIND_VERSION } from '../records/version.ts';
import type { CommandContext } from './command.ts';

/** The folder that holds `MODEL.py` for MindSpore. */
export async function migratedModel(model: string, context: CommandContext): Promise<string> {
  const source = join(pythonPackageFolder(), 'tradewind', 'models', `${model}.py`);
  const digest = createHash('sha256')
    .update(`${TRADEWIND_VERSION}\n${await readFile(source, 'utf8')}`)
    .digest('hex')
    .slice(0, 16);
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
