/** The part of a command that parsing, help and completion read, and the options that every command takes. */
import type { Command, Option } from './command.ts';

/** The part of a definition that parsing, help and completion read. */
export type Definition = Pick<Command, 'name' | 'summary' | 'details' | 'examples' | 'positionals' | 'options' | 'body' | 'needsSession'>;

/** What every command takes besides its own options. */
export const COMMON_OPTIONS: readonly Option[] = [
  { name: 'json', value: { name: 'FILE', kind: 'path' }, description: 'write the record as JSON to FILE (- is standard output)' },
  { name: 'help', short: 'h', description: 'show this help' },
];

export function optionsOf(definition: Pick<Definition, 'options'>): readonly Option[] {
  return [...definition.options, ...COMMON_OPTIONS];
}
