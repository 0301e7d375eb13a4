/** Words + a command's definition → arguments: validated, numbers as numbers, paths absolute. Every fault is a usage error with the usage line. */
import { homedir } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import { TradewindError } from '../records/errors.ts';
import { didYouMean } from '../records/nearest.ts';
import type { Arguments, Option, ValueKind } from './command.ts';
import { type Definition, optionsOf } from './definition.ts';
import { usageLine } from './help.ts';

const PATHS: ReadonlySet<ValueKind> = new Set(['file', 'folder', 'path']);
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A path as the user wrote it, made absolute: `~` is the home folder, the rest is relative to `cwd`; `-` (a standard stream) and addresses stay. */
export function absolutePath(path: string, cwd: string): string {
  if (path === '-' || /^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return path;
  if (path === '~' || path.startsWith('~/')) return resolve(homedir(), path.slice(2));
  return isAbsolute(path) ? resolve(path) : resolve(cwd, path);
}

/** Is `--help` among the words (before a `--`)? Then the rest need not be right. */
export function wantsHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.slice(0, end < 0 ? undefined : end).some((word) => word === '--help' || word === '-h');
}

/** Parses the words after the command's name. Throws a TradewindError of code `usage`. */
export function parseWords(words: readonly string[], definition: Definition, cwd: string, body?: string): Arguments {
  const known = optionsOf(definition);
  const plain: string[] = [];
  const options: Arguments['options'] = {};

  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '--') {
      plain.push(...words.slice(at + 1));
      break;
    }
    if (!looksLikeOption(word, known)) {
      plain.push(word);
      continue;
    }
    const [written, attached] = cut(word);
    const option = known.find((one) => written === `--${one.name}` || (one.short !== undefined && written === `-${one.short}`));
    if (!option) throw unknownOption(written, known, definition);
    if (!option.value) {
      if (attached !== undefined) throw usage(definition, `${written} takes no value, got ${attached}`);
      options[option.name] = true;
      continue;
    }
    let text = attached;
    if (text === undefined) {
      text = words[at + 1];
      if (text === undefined || known.some((one) => text === `--${one.name}`))
        throw usage(definition, `${written} needs a value: ${option.value.name}`);
      at++;
    }
    const value = valueFrom(text, option.value.kind, written, definition, cwd, option.value.choices);
    if (option.many) options[option.name] = [...((options[option.name] as string[] | undefined) ?? []), String(value)];
    else if (options[option.name] !== undefined) throw usage(definition, `${written} is given twice`);
    else options[option.name] = value;
  }

  for (const option of known) {
    if (options[option.name] !== undefined) continue;
    if (option.required) throw usage(definition, `--${option.name} ${option.value?.name ?? ''} is missing`.replace('  ', ' '));
    if (option.value?.default !== undefined) {
      const value = valueFrom(option.value.default, option.value.kind, `--${option.name}`, definition, cwd, option.value.choices);
      options[option.name] = option.many ? [String(value)] : value;
    }
  }
  return { positionals: positionalsOf(plain, definition, cwd), options, body };
}

/** `-1` and `-.5e3` are numbers, `-` is a standard stream; the rest that begins with a dash is an option. */
function looksLikeOption(word: string, known: readonly Option[]): boolean {
  if (!word.startsWith('-') || word === '-') return false;
  return !NUMBER.test(word) || known.some((one) => one.short !== undefined && word === `-${one.short}`);
}

/** `--opt=value` → the option as written, and its value. */
function cut(word: string): [string, string | undefined] {
  const at = word.indexOf('=');
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

function positionalsOf(words: string[], definition: Definition, cwd: string): Arguments['positionals'] {
  const found: Arguments['positionals'] = {};
  const left = [...words];
  for (const [index, positional] of definition.positionals.entries()) {
    if (positional.many) {
      // What comes after it still wants its words.
      const after = definition.positionals.slice(index + 1).filter((one) => !one.optional).length;
      const taken = left.splice(0, Math.max(0, left.length - after));
      if (taken.length === 0 && !positional.optional) throw missing(positional.name, definition);
      found[positional.name] = taken.map((text) => String(valueFrom(text, positional.kind, positional.name, definition, cwd)));
      continue;
    }
    const text = left.shift();
    if (text === undefined) {
      if (!positional.optional) throw missing(positional.name, definition);
      continue;
    }
    found[positional.name] = String(valueFrom(text, positional.kind, positional.name, definition, cwd));
  }
  if (left.length > 0)
    throw usage(definition, `${definition.name} does not take ${left.length === 1 ? 'the word' : 'the words'} ${left.join(' ')}`);
  return found;
}

function valueFrom(
  text: string,
  kind: ValueKind,
  what: string,
  definition: Definition,
  cwd: string,
  choices?: readonly string[],
): string | number {
  if (choices && !choices.includes(text)) {
    throw usage(definition, `${what} is one of ${choices.join(', ')}, not ${text || 'an empty word'}${didYouMean(text, choices)}`);
  }
  if (PATHS.has(kind)) {
    if (text === '') throw usage(definition, `${what} is empty: it needs a path`);
    if (text.includes('\0')) throw usage(definition, `${what} is not a path: it holds a NUL character`);
    return absolutePath(text, cwd);
  }
  if (kind === 'integer' || kind === 'number') {
    const value = NUMBER.test(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(value) || (kind === 'integer' && !Number.isSafeInteger(value))) {
      throw usage(definition, `${what} is ${kind === 'integer' ? 'a whole number' : 'a number'}, not ${text || 'an empty word'}`);
    }
    return value;
  }
  return text;
}

function unknownOption(written: string, known: readonly Option[], definition: Definition): TradewindError {
  const name = written.replace(/^-+/, '');
  return usage(
    definition,
    `${definition.name} has no option ${written}${didYouMean(
      name,
      known.map((one) => one.name),
      '--',
    )}`,
  );
}

function missing(name: string, definition: Definition): TradewindError {
  const positional = definition.positionals.find((one) => one.name === name);
  return usage(definition, `${definition.name} needs ${name}${positional ? `: ${positional.description}` : ''}`);
}

function usage(definition: Definition, message: string): TradewindError {
  return new TradewindError({ code: 'usage', message, remedy: `usage: ${usageLine(definition)}` });
}
