// Help of every command: legible at 80 columns, escaped in HTML, true to the definition.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { optionsOf } from '../../kernel/src/commands/definition.ts';
import { helpHtml, helpText, usageLine } from '../../kernel/src/commands/help.ts';
import { COMMANDS } from '../../kernel/src/commands/index.ts';
import { parseWords, wantsHelp } from '../../kernel/src/commands/parse.ts';
import { wordsOf } from '../../kernel/src/commands/words.ts';
import { width } from '../../kernel/src/display/text.ts';
import { SAMPLE } from './sample.ts';

test('the usage line', () => {
  assert.equal(usageLine(SAMPLE), 'sail SOURCE [STOP …] -o OUT [--target TARGET] [-n N] [--rate R] [--set KEY=VALUE] … [--no-trace]');
  assert.match(usageLine(SAMPLE, 'shell'), /^tradewind sail /);
  assert.match(usageLine(SAMPLE, 'notebook'), /^%sail /);
});

test('help names every option with its choices and default', () => {
  const text = helpText(SAMPLE, 'shell');
  assert.match(text, /-o, --output OUT +where to \(required\)/);
  assert.match(text, /--target TARGET +the target \(one of portable, ascend; default portable\)/);
  assert.match(text, /--json FILE/);
});

for (const entry of COMMANDS) {
  describe(entry.name, () => {
    test('its name and summary are those of the list', async () => {
      const command = await entry.load();
      assert.deepEqual(
        [command.name, command.summary, command.needsSession ?? false],
        [entry.name, entry.summary, entry.needsSession ?? false],
      );
    });
    test('its help fits 80 columns, but for words that are wider', async () => {
      const command = await entry.load();
      for (const place of ['shell', 'notebook'] as const) {
        for (const line of helpText(command, place).split('\n')) assert.ok(width(line) <= 80 || /^\s+\S+( \S+){0,12}$/.test(line), line);
      }
    });
    test('its help as HTML names all that it takes', async () => {
      const command = await entry.load();
      const html = helpHtml(command);
      for (const option of optionsOf(command)) assert.ok(html.includes(`--${option.name}`), option.name);
    });
    test('its examples are right calls', async () => {
      const command = await entry.load();
      for (const example of command.examples ?? []) {
        const words = wordsOf(example.replace(/^(%{1,2}|tradewind )/, ''));
        assert.equal(words[0], command.name, example);
        if (!wantsHelp(words)) parseWords(words.slice(1), command, '/');
      }
    });
    test('options and positionals are named by the rules, none twice', async () => {
      const command = await entry.load();
      const names = optionsOf(command).flatMap((option) => [`--${option.name}`, ...(option.short ? [`-${option.short}`] : [])]);
      assert.equal(new Set(names).size, names.length);
      for (const name of names) assert.match(name, /^(--[a-z][a-z0-9-]+|-[a-zA-Z])$/);
      for (const positional of command.positionals) assert.match(positional.name, /^[A-Z][A-Z0-9_]*$/);
    });
  });
}
