// Every kind of record has a display: text that fits a terminal, HTML that is well-formed and harmless whatever the record holds.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bundleOf, displayOf, KINDS } from '../../kernel/src/display/bundle.ts';
import { escapeHtml } from '../../kernel/src/display/html.ts';
import { width } from '../../kernel/src/display/text.ts';
import { MIME_TYPES } from '../../kernel/src/records/record.ts';
import { picturesOf, readHtml } from './markup.ts';
import { poison, SAMPLES } from './samples.ts';

const ATTACKS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)' x='",
  '</style></svg></table><iframe src=javascript:alert(1)>',
  '--><svg onload=alert(1)>]]>',
  'javascript:alert(1)//',
  '{{constructor}}`#{1}',
  'red;background:url(javascript:alert(1))',
];

for (const kind of KINDS) {
  describe(kind, () => {
    test('text fits 80 columns but where a long word has to stand whole, and ends without a break', async () => {
      const { text } = await displayOf(SAMPLES[kind]);
      assert.ok(text.length > 0 && !text.endsWith('\n'));
      for (const line of text.split('\n'))
        assert.ok(width(line) <= 80 || line.split(' ').some((word) => width(word) > 30), `${width(line)}: ${line}`);
    });
    test('HTML is well-formed, and its tables have captions and headings', async () => {
      const { html } = await displayOf(SAMPLES[kind]);
      assert.ok(readHtml(html).trim().length > 0);
      for (const [table] of html.matchAll(/<table[\s\S]*?<\/table>/g)) {
        assert.match(table, /<caption/);
        assert.match(table, /<th[^>]* scope="col"/);
      }
      for (const [picture] of html.matchAll(/<svg[^>]*>/g)) assert.match(picture, /role="img"|aria-hidden="true"/);
      for (const [picture] of html.matchAll(/<img[^>]*>/g)) assert.match(picture, /alt="[^"]/);
    });
    for (const attack of ATTACKS) {
      test(`no way out of the text for ${attack}`, async () => {
        const { html, text } = await displayOf(poison(SAMPLES[kind], attack));
        readHtml(html);
        // What cells display is theirs: an image, whatever is in it.
        if (kind !== 'together') for (const picture of picturesOf(html)) readHtml(picture);
        assert.ok(html.includes(escapeHtml(attack)) || text.includes(attack), 'the attack was in the record, and is shown as text');
      });
    }
    test('no control character reaches a terminal', async () => {
      const { text, html } = await displayOf(poison(SAMPLES[kind], '\u001b[2J\u0007\u0000'));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      assert.doesNotMatch(html, /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
    });
    test('the bundle has text, HTML and, where there is a widget, the record', async () => {
      const bundle = await bundleOf(SAMPLES[kind]);
      const own = { ...MIME_TYPES, comparison: MIME_TYPES.skill, 'run-comparison': MIME_TYPES.training }[kind as string];
      assert.deepEqual(Object.keys(bundle), ['text/plain', 'text/html', ...(own ? [own] : [])]);
      assert.doesNotThrow(() => JSON.stringify(bundle));
    });
  });
}
