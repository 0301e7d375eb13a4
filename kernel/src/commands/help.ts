/** Help for people: the usage line, the tables of arguments and options, examples; as text of 80 columns and as HTML. */
import { block, element, preformatted, table } from '../display/html.ts';
import { columns, wrap } from '../display/text.ts';
import type { Option, Positional } from './command.ts';
import { type Definition, optionsOf } from './definition.ts';

const WIDTH = 80;

/** How a command is called: `tradewind name` in a shell, `%name` in a notebook. */
export type Place = 'shell' | 'notebook';

function call(definition: Definition, place: Place): string {
  return place === 'shell' ? `tradewind ${definition.name}` : `%${definition.name}`;
}

function optionUsage(option: Option): string {
  const text = `${option.short ? `-${option.short}` : `--${option.name}`}${option.value ? ` ${option.value.name}` : ''}`;
  const some = option.required ? text : `[${text}]`;
  return option.many ? `${some} …` : some;
}

function positionalUsage(positional: Positional): string {
  const text = positional.many ? `${positional.name} …` : positional.name;
  return positional.optional ? `[${text}]` : text;
}

/** `migrate SOURCE -o OUT [--entry FILE] …`, without what every command takes. */
export function usageLine(definition: Definition, place?: Place): string {
  const words = [...definition.positionals.map(positionalUsage), ...definition.options.map(optionUsage)];
  return [place ? call(definition, place) : definition.name, ...words].join(' ');
}

function optionRow(option: Option): [string, string] {
  const name = `${option.short ? `-${option.short}, ` : '    '}--${option.name}${option.value ? ` ${option.value.name}` : ''}`;
  const notes = [
    option.required ? 'required' : '',
    option.value?.choices ? `one of ${option.value.choices.join(', ')}` : '',
    option.value?.default !== undefined ? `default ${option.value.default}` : '',
    option.many ? 'may be repeated' : '',
  ].filter(Boolean);
  return [name, notes.length > 0 ? `${option.description} (${notes.join('; ')})` : option.description];
}

/** The help of a command as text. */
export function helpText(definition: Definition, place: Place): string {
  const parts: string[] = [
    `usage: ${wrap(usageLine(definition, place), WIDTH - 7).join('\n         ')}`,
    wrap(`${definition.summary[0]!.toUpperCase()}${definition.summary.slice(1)}.`, WIDTH).join('\n'),
  ];
  if (definition.details)
    parts.push(
      ...definition.details.split(/\n{2,}/).map((paragraph) => wrap(paragraph.replace(/\s*\n\s*/g, ' ').trim(), WIDTH).join('\n')),
    );
  if (definition.positionals.length > 0) {
    parts.push(
      `Arguments\n${columns(
        definition.positionals.map((one) => [`  ${one.name}`, one.description + (one.optional ? ' (optional)' : '')]),
        WIDTH,
      )}`,
    );
  }
  if (definition.body) parts.push(`Cell body of %%${definition.name}\n  ${wrap(definition.body, WIDTH - 2).join('\n  ')}`);
  parts.push(
    `Options\n${columns(
      optionsOf(definition)
        .map(optionRow)
        .map(([name, text]) => [`  ${name}`, text]),
      WIDTH,
    )}`,
  );
  if (definition.needsSession) parts.push('Only in a notebook that runs on the Tradewind kernel.');
  if (definition.examples && definition.examples.length > 0)
    parts.push(`Examples\n${definition.examples.map((one) => `  ${example(one, place)}`).join('\n')}`);
  return `${parts.join('\n\n')}\n`;
}

/** Examples are written without a prefix (`chip cpu`), or with the one that they need (`%%chip cpu`). */
function example(line: string, place: Place): string {
  if (/^(%|tradewind )/.test(line)) return line;
  return place === 'shell' ? `tradewind ${line}` : `%${line}`;
}

/** The help of a command as HTML, for `%name?` and the inspector. */
export function helpHtml(definition: Definition): string {
  const parts = [
    element('div', element('strong', `%${definition.name}`), ` — ${definition.summary}`),
    preformatted(usageLine(definition, 'notebook')),
  ];
  if (definition.details) parts.push(...definition.details.split(/\n{2,}/).map((paragraph) => element('p', paragraph)));
  if (definition.body) parts.push(element('p', `Cell body of %%${definition.name}: ${definition.body}`));
  if (definition.positionals.length > 0) {
    parts.push(
      table({
        caption: 'Arguments',
        columns: [{ title: 'Name' }, { title: 'Meaning' }],
        rows: definition.positionals.map((one) => [positionalUsage(one), one.description]),
      }),
    );
  }
  parts.push(
    table({
      caption: 'Options',
      columns: [{ title: 'Option' }, { title: 'Meaning' }],
      rows: optionsOf(definition)
        .map(optionRow)
        .map(([name, text]) => [name.trim(), text]),
    }),
  );
  if (definition.examples && definition.examples.length > 0)
    parts.push(preformatted(definition.examples.map((one) => example(one, 'notebook')).join('\n')));
  return block(...parts).html;
}
