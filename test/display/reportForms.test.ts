// The report's forms say the same: what was not measured for a dtype, what vendored libraries bring, equal reasons together; Markdown is not broken by what it quotes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { display } from '../../kernel/src/display/report.ts';
import { code, markdown, plain } from '../../kernel/src/display/reportMarkdown.ts';
import { width } from '../../kernel/src/display/text.ts';
import type { ReportRecord, Use } from '../../kernel/src/records/report.ts';
import { poison, SAMPLES } from './samples.ts';

const [first, second] = SAMPLES.report.uses as [Use, Use];
const forms = (record: ReportRecord) => {
  const { text, html } = display(record);
  return { text: text.replace(/\s+/g, ' '), html, markdown: markdown(record) };
};

test('a dtype that was not measured is told in every form, and is not called equivalent', () => {
  const use: Use = {
    ...first,
    dtypes: ['complex64'],
    unmeasuredDtypes: ['complex64'],
    grade: 'needs a look',
    reason: 'It was not measured for complex64.',
  };
  for (const [name, form] of Object.entries(forms({ ...SAMPLES.report, uses: [use] }))) {
    assert.match(form, /not measured for complex64/, name);
    assert.doesNotMatch(form, /equivalent(?! for float32| *<| *\|| {2}|·| \d|")[^a-z]*complex/, name);
  }
  assert.match(markdown({ ...SAMPLES.report, uses: [use] }), /equivalent for float32; not measured for complex64/);
  const integers: Use = { ...first, dtypes: ['int32'], unmeasuredDtypes: ['int32'] };
  for (const form of Object.values(forms({ ...SAMPLES.report, uses: [integers] }))) assert.match(form, /not measured for int32: 1 use/);
});

test('equal reasons are one entry with a count and the first places, whatever their APIs; shapes stand beside', () => {
  const uses = ['a', 'b', 'c', 'd', 'e'].map((api, at) => ({ ...second, api: `torch.${api}`, line: at + 1, shapes: ['float32[2, 3]'] }));
  for (const form of Object.values(forms({ ...SAMPLES.report, uses }))) {
    assert.match(form, /5 uses: afno\.py:1, afno\.py:2, afno\.py:3/);
    assert.equal(form.split('use bilinear').length, 2);
    assert.match(form, /float32\[2, 3\]/);
  }
});

test('what the entry does not reach is counted apart; libraries are named with their licences', () => {
  const record: ReportRecord = {
    ...SAMPLES.report,
    unreached: [{ ...second, file: 'lib/x.py' }, first],
    vendored: [
      { package: 'lib', distribution: 'the-lib', version: '1.2', licence: 'MIT', licenceFiles: ['lib/LICENSE'], files: 3 },
      { package: 'other', licenceFiles: [], files: 1 },
    ],
  };
  for (const form of Object.values(forms(record))) {
    assert.match(form, /not reached by the entry, and not counted above: 2 uses, 1 of them unsupported/);
    assert.match(form, /the-lib 1\.2, MIT, 3 modules, licence text in lib\/LICENSE/);
    assert.match(form, /other, licence not named, 1 module, no licence text was found/);
  }
});

test('places in a notebook name the cell', () => {
  const record: ReportRecord = {
    ...SAMPLES.report,
    uses: [{ ...second, file: 'a.ipynb', cell: 3, line: 2 }],
    audit: [{ file: 'a.ipynb', cell: 4, line: 1, rule: 'seed', message: 'm', remedy: 'r' }],
  };
  for (const form of Object.values(forms(record))) {
    assert.match(form, /a\.ipynb, cell 3, line 2/);
    assert.match(form, /a\.ipynb, cell 4, line 1/);
  }
});

test('a terminal of 80 columns holds the tables, however deep the files lie', () => {
  const file = `${'a_folder_with_a_name/'.repeat(8)}spectral_convolution.py`;
  const { text } = display({ ...SAMPLES.report, uses: [{ ...first, file }] });
  for (const line of text.split('\n')) assert.ok(width(line) <= 80, line);
  assert.match(text, /…\/(a_folder_with_a_name\/)*spectral_convolution\.py/);
});

describe('Markdown', () => {
  const cells = (line: string) => line.replace(/\\\|/g, '').split('|').length;
  test('rows keep their columns, whatever code they quote', () => {
    const use: Use = { ...first, from: 'x = a | b\n`tick` ``two``', to: '`', reason: 'a | b\n# no heading <b>', unmeasuredDtypes: ['a|b'] };
    const text = markdown({ ...SAMPLES.report, uses: [use, { ...use, status: 'unsupported' }] });
    let heads = 0;
    for (const line of text.split('\n')) {
      if (/^\|( -+:? \||---|--:)/.test(line) || /^\| (---|--:)/.test(line)) continue;
      if (!line.startsWith('|')) heads = 0;
      else if (!heads) heads = cells(line);
      else assert.equal(cells(line), heads, line);
    }
    assert.doesNotMatch(text, /<b>/);
  });
  test('code spans and text', () => {
    assert.equal(code('a`b'), '``a`b``');
    assert.equal(code('`a'), '`` `a ``');
    assert.equal(code('a\n  b'), '`a b`');
    assert.equal(plain('- <img> *x* [y](z)'), '\\- \\<img\\> \\*x\\* \\[y\\](z)');
  });
  for (const attack of ['<script>alert(1)</script>', '](javascript:alert(1))', '\n\n# heading', '`|`', '\u001b[2J']) {
    test(`nothing gets out of ${JSON.stringify(attack)}`, () => {
      const text = markdown(poison(SAMPLES.report, attack));
      const outside = text.replace(/(`+)[\s\S]*?\1/g, '');
      assert.doesNotMatch(outside, /(?<!\\)<script|(?<!\\)\]\(java|^# heading/m);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f]/);
    });
  }
});
