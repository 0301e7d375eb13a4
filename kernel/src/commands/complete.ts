/**
 * Completion of a command line: names of commands, options, choices, chips, engines, runs and paths; and its inspection (`%name?`).
 *
 * Positions are counted in Unicode code points from the start of the text that is given, as Jupyter's `cursor_start` and `cursor_end` are.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { MimeBundle } from '../display/display.ts';
import type { Command, SessionAccess, ValueKind } from './command.ts';
import { optionsOf } from './definition.ts';
import { helpHtml, helpText, type Place } from './help.ts';
import { COMMANDS, findCommand } from './index.ts';
import { absolutePath } from './parse.ts';
import { quoteWord, scanWords, type Word } from './words.ts';

export interface CompletionContext {
  cwd: string;
  environment: NodeJS.ProcessEnv;
  /** Present in a notebook. */
  session?: Pick<SessionAccess, 'engines'>;
  /** The active engine's variables, for `%push`. */
  variables?: () => Promise<string[]>;
}

export interface Completion {
  matches: string[];
  start: number;
  end: number;
}

/** Completes a line such as `%migrate sr` or `migrate sr`; `cursor` is where the caret stands in it. */
export async function completeLine(text: string, cursor: number, context: CompletionContext, entries = COMMANDS): Promise<Completion> {
  const head = [...text].slice(0, cursor).join('');
  const percent = /^\s*%{0,2}/.exec(head)![0].length;
  const words = scanWords(head.slice(percent)).map((word) => ({ ...word, start: word.start + percent, end: word.end + percent }));
  const last = words.at(-1);
  const current: Word = last && last.end === head.length ? last : { text: '', start: head.length, end: head.length };
  const before = words.filter((word) => word !== current).map((word) => word.text);
  const reply = (from: number, matches: string[]): Completion => ({ matches, start: [...head.slice(0, from)].length, end: cursor });

  if (before.length === 0) {
    const names = entries.filter((entry) => context.session || !entry.needsSession).map((entry) => entry.name);
    return reply(
      current.start,
      names.filter((name) => name.startsWith(current.text)),
    );
  }
  const entry = entries.find((one) => one.name === before[0]);
  if (!entry) return reply(current.start, []);
  const command = await entry.load();
  const { kind, choices, from, prefix } = expected(command, before.slice(1), current, head);
  const values = kind ? await valuesOf(kind, choices, prefix, context) : [];
  const matches = values.map((value) => written(value, head.slice(from)));
  if (matches.length === 0 && from === current.start && !current.open) matches.push(...optionNames(command, before.slice(1), current.text));
  return reply(from, matches);
}

interface Expected {
  kind?: ValueKind;
  choices?: readonly string[];
  /** Where the completed part begins, and what of it is there. */
  from: number;
  prefix: string;
}

/** What may stand at the caret: an option's value, the next positional, or (`kind` absent) an option's name. */
function expected(command: Command, before: readonly string[], current: Word, head: string): Expected {
  const options = optionsOf(command);
  const find = (word: string) => options.find((one) => word === `--${one.name}` || (one.short !== undefined && word === `-${one.short}`));
  const ended = before.includes('--');
  const own: Expected = { from: current.start, prefix: current.text };

  const previous = ended ? undefined : find(before.at(-1) ?? '');
  if (previous?.value) return { ...own, kind: previous.value.kind, choices: previous.value.choices };

  if (!ended && current.text.startsWith('-') && current.text !== '-') {
    const equals = current.text.indexOf('=');
    const option = equals < 0 ? undefined : find(current.text.slice(0, equals));
    if (!option?.value) return own;
    const from = head.indexOf('=', current.start) + 1;
    return { kind: option.value.kind, choices: option.value.choices, from, prefix: current.text.slice(equals + 1) };
  }

  let position = 0;
  for (let at = 0; at < before.length; at++) {
    const word = before[at]!;
    if (word === '--') {
      position += before.length - at - 1;
      break;
    }
    const option = find(word);
    if (option?.value) at++;
    else if (!option && !/^-[^=]+=/.test(word)) position++;
  }
  const positional = command.positionals[position] ?? command.positionals.find((one) => one.many);
  return { ...own, kind: positional?.kind };
}

function optionNames(command: Command, before: readonly string[], prefix: string): string[] {
  if (prefix !== '' && !prefix.startsWith('-')) return [];
  return optionsOf(command)
    .filter(
      (option) =>
        option.many ||
        !before.some((word) => word === `--${option.name}` || word.startsWith(`--${option.name}=`) || word === `-${option.short}`),
    )
    .map((option) => `--${option.name}`)
    .filter((name) => name.startsWith(prefix === '-' ? '--' : prefix));
}

async function valuesOf(
  kind: ValueKind,
  choices: readonly string[] | undefined,
  prefix: string,
  context: CompletionContext,
): Promise<string[]> {
  const beginning = (values: readonly string[]) => values.filter((value) => value.toLowerCase().startsWith(prefix.toLowerCase()));
  if (choices) return beginning(choices);
  switch (kind) {
    case 'file':
    case 'path':
      return paths(prefix, context.cwd, false);
    case 'folder':
      return paths(prefix, context.cwd, true);
    case 'run':
      return [...beginning(await runNames(context.cwd)), ...(await paths(prefix, context.cwd, false))];
    case 'chip':
    case 'engine': {
      const { chipNames, engineNames } = await import('../chips/index.ts');
      // `cpu/pytorch,cp`: of several the last one is being written, and a slash asks for engines.
      const before = kind === 'chip' ? prefix.slice(0, prefix.lastIndexOf(',') + 1) : '';
      const words = kind === 'chip' && !prefix.slice(before.length).includes('/') ? chipNames : engineNames;
      return beginning((await words(context.cwd, context.environment)).map((name) => before + name));
    }
    case 'variable':
      return beginning((await context.variables?.()) ?? []);
    case 'text':
    case 'integer':
    case 'number':
      return [];
  }
}

/** Names of the run folders under `./runs`. */
async function runNames(cwd: string): Promise<string[]> {
  const entries = await readdir(join(cwd, 'runs'), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Paths that begin with what is written; folders end with `/`. Hidden ones only when the name begins with a dot. */
async function paths(written: string, cwd: string, foldersOnly: boolean): Promise<string[]> {
  if (written.includes('\0')) return [];
  const slash = written.lastIndexOf('/');
  const folder = written.slice(0, slash + 1);
  const name = written.slice(slash + 1);
  const entries = await readdir(absolutePath(folder || '.', cwd), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.name.startsWith(name) && (name.startsWith('.') || !entry.name.startsWith('.')))
    .map((entry) => ({ text: folder + entry.name, isFolder: entry.isDirectory() || entry.isSymbolicLink() }))
    .filter((entry) => entry.isFolder || !foldersOnly)
    .map((entry) => (entry.isFolder ? `${entry.text}/` : entry.text))
    .sort();
}

/** The value as it stands in the line: in the quotes that were begun; a folder's stay open, so that one can go on into it. */
function written(value: string, typed: string): string {
  const style = typed[0] === '"' || typed[0] === "'" ? typed[0] : undefined;
  const word = quoteWord(value, style);
  return word !== value && value.endsWith('/') ? word.slice(0, -1) : word;
}

/** What `%name?` and the inspector show; undefined where the text is no call of ours. */
export async function inspectLine(text: string, place: Place = 'notebook'): Promise<MimeBundle | undefined> {
  const name = /^\s*%{0,2}([\w-]+)/.exec(text)?.[1];
  const entry = name === undefined ? undefined : findCommand(name);
  if (!entry) return undefined;
  const command = await entry.load();
  return { 'text/plain': helpText(command, place), 'text/html': helpHtml(command) };
}
