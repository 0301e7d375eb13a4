/**
 * Runs a command from its words: parse, run, `--json`, exit code, display. The notebook's session and the shell both come through here,
 * so the same words do the same thing in both.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { bundleOf } from '../display/bundle.ts';
import type { MimeBundle } from '../display/display.ts';
import { exitCodeOf, TradewindError } from '../records/errors.ts';
import type { TradewindRecord } from '../records/index.ts';
import type { Command, CommandContext } from './command.ts';
import { helpHtml, helpText, type Place } from './help.ts';
import { loadCommand } from './index.ts';
import { jsonText } from './json-text.ts';
import { parseWords, wantsHelp } from './parse.ts';
import { wordsOf } from './words.ts';

export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** What came of a call. `error` is a TradewindError wherever the fault was foreseen. */
export type Outcome =
  | { kind: 'record'; exitCode: 0 | 1 | 3; record: TradewindRecord; bundle: MimeBundle /** `--json -` */; jsonToOutput: boolean }
  | { kind: 'help'; exitCode: 0; bundle: MimeBundle }
  | { kind: 'error'; exitCode: 1 | 2 | 130; error: unknown };

/** Runs `migrate src -o out` (without `%`, without `tradewind`); `body` is the rest of the cell for `%%name`. Never throws. */
export async function runLine(line: string, context: CommandContext, body?: string): Promise<Outcome> {
  let words: string[];
  try {
    words = wordsOf(line);
  } catch (error) {
    return failed(error, context);
  }
  return runWords(words[0] ?? '', words.slice(1), context, body);
}

/** The same for words that a shell has split already. */
export async function runWords(name: string, words: readonly string[], context: CommandContext, body?: string): Promise<Outcome> {
  try {
    return await runCommand(await loadCommand(name), words, context, body);
  } catch (error) {
    return failed(error, context);
  }
}

/** Runs a loaded command. Throws what the command throws. */
export async function runCommand(command: Command, words: readonly string[], context: CommandContext, body?: string): Promise<Outcome> {
  const place: Place = context.session ? 'notebook' : 'shell';
  if (wantsHelp(words))
    return { kind: 'help', exitCode: 0, bundle: { 'text/plain': helpText(command, place), 'text/html': helpHtml(command) } };
  const input = parseWords(words, command, context.cwd, body);
  if (body !== undefined && command.body === undefined) {
    throw new TradewindError({
      code: 'usage',
      message: `%%${command.name} takes no cell body`,
      remedy: `Write %${command.name} on a line of its own.`,
    });
  }
  if (command.needsSession && !context.session) {
    throw new TradewindError({
      code: 'usage',
      message: `${command.name} works on a notebook's engines: it has nothing to do in a shell`,
      remedy: `Use %${command.name} in a notebook that runs on the Tradewind kernel.`,
    });
  }
  context.signal.throwIfAborted();
  const record = await command.run(input, context);
  const file = input.options.json as string | undefined;
  if (file !== undefined && file !== '-') await writeJson(file, record);
  return {
    kind: 'record',
    exitCode: command.exitCode?.(record) ?? 0,
    record,
    bundle: await bundleOf(record),
    jsonToOutput: file === '-',
  };
}

function failed(error: unknown, context: CommandContext): Outcome {
  const interrupted = context.signal.aborted || (error instanceof TradewindError && error.data.code === 'interrupted');
  if (!interrupted) return { kind: 'error', exitCode: exitCodeOf(error), error };
  return {
    kind: 'error',
    exitCode: 130,
    error: error instanceof TradewindError ? error : new TradewindError({ code: 'interrupted', message: 'interrupted' }),
  };
}

/** Writes a record beside its place, flushes it to the disk and renames it: a reader never sees half of one. */
export async function writeJson(file: string, record: object): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.${randomUUID().slice(0, 8)}.tmp`);
  try {
    await mkdir(dirname(file), { recursive: true });
    const handle = await open(temporary, 'wx');
    try {
      for (const text of jsonText(record)) await handle.writeFile(text);
      await handle.writeFile('\n');
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new TradewindError({
      code: 'input',
      message: `the record could not be written: ${error instanceof Error ? error.message : String(error)}`,
      where: file,
      remedy: 'Give --json a file in a folder that you may write to.',
    });
  }
}
