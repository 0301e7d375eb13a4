// The pieces that displays are made of: escaping, tables, widths, progress, errors.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { errorContent } from '../../kernel/src/display/error.ts';
import { block, element, escapeHtml, mark, preformatted, provenance, safe, table } from '../../kernel/src/display/html.ts';
import { liveProgress, meter, progressHtml, progressText } from '../../kernel/src/display/progress.ts';
import { terminalProgress } from '../../kernel/src/display/terminal.ts';
import { bytes, columns, duration, memory, printable, textTable, width, wrap } from '../../kernel/src/display/text.ts';
import { TradewindError } from '../../kernel/src/records/errors.ts';
import { readHtml } from './markup.ts';

describe('html', () => {
  test('whatever the text, the pieces stay well-formed', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('<script>', '"', "'>", '&', ']]>', '<!--'));
    fc.assert(
      fc.property(text, text, (a, b) => {
        readHtml(
          block(
            element('p', { title: a, style: undefined }, b),
            table({ caption: a, columns: [{ title: b }, { title: a, align: 'right' }], rows: [[a, element('code', b)]] }),
            preformatted(a),
            mark('warn', b),
            provenance(a),
          ).html,
        );
      }),
      { numRuns: 300 },
    );
  });
  test('escaped text reads back as it was', () => {
    assert.equal(escapeHtml(`a<b & "c" 'd' \`e\``), 'a&lt;b &amp; &quot;c&quot; &#39;d&#39; &#96;e&#96;');
    assert.equal(element('b', safe('<i>x</i>'), 'y<z').html, '<b><i>x</i>y&lt;z</b>');
  });
});

describe('text', () => {
  test('widths are those of a terminal', () => {
    assert.deepEqual(['abc', '海洋', 'é', 'e\u0301', '🌊', ''].map(width), [3, 4, 1, 1, 2, 0]);
  });
  test('tables keep to the width by wrapping their widest column, and stay aligned', () => {
    const rows = [
      ['a', 'one two three four five six seven eight nine ten eleven twelve thirteen fourteen', '1'],
      ['海洋', 'short', '1000'],
    ];
    const lines = textTable([{ title: 'x' }, { title: 'words' }, { title: 'n', align: 'right' }], rows, 60).split('\n');
    assert.ok(lines.every((line) => width(line) <= 60));
    assert.equal(width(lines[0]!), width(lines[1]!));
    assert.equal(lines.at(-1), `海洋  ${'short'.padEnd(width(lines[1]!) - 12)}  1000`);
  });
  test('wrapping loses no word and no line is wider than asked, unless one word is', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { maxLength: 30 }), fc.integer({ min: 12, max: 60 }), (words, room) => {
        const lines = wrap(words.join(' '), room);
        assert.deepEqual(lines.join(' ').split(' ').filter(Boolean), words);
        assert.ok(lines.every((line) => line.length <= room));
      }),
    );
  });
  test('two columns', () => {
    assert.equal(
      columns(
        [
          ['  a', 'alpha beta'],
          ['  longer', 'gamma'],
        ],
        40,
      ),
      '  a       alpha beta\n  longer  gamma',
    );
  });
  test('sizes and times', () => {
    assert.deepEqual([0, 999, 1000, 1_500_000, 3.2e9, 999_600].map(bytes), ['0 B', '999 B', '1.0 kB', '1.5 MB', '3.2 GB', '1.0 MB']);
    assert.deepEqual([0, 0.85, 4.24, 59.4, 187, 3765, Number.NaN].map(duration), [
      '0 ms',
      '850 ms',
      '4.2 s',
      '59 s',
      '3:07',
      '1:02:45',
      '–',
    ]);
    assert.deepEqual([512, 40960, 24102].map(memory), ['512 MiB', '40 GiB', '23.5 GiB']);
    assert.equal(printable('a\u001b[2Jb\nc\u0007'), 'a␛[2Jb c␇');
  });
});

describe('progress', () => {
  const clock = (...times: number[]) => {
    let at = 0;
    return () => times[Math.min(at++, times.length - 1)]!;
  };
  test('rate and time left are of the running label', () => {
    let now = 0;
    const follow = meter(() => now);
    follow({ label: 'reading', done: 0, total: 100 });
    now = 2000;
    const view = follow({ label: 'reading', done: 50, total: 100, unit: 'files' });
    assert.deepEqual([view.share, view.rate, view.secondsLeft, view.elapsed], [0.5, 25, 2, 2]);
    assert.equal(progressText(view, 80), 'reading  ━━━━━━━━━━━━━━━───────────────  50 %  50/100 files  25/s  2.0 s left');
    now = 3000;
    assert.equal(follow({ label: 'writing', done: 0 }).rate, undefined);
    assert.equal(follow({ label: 'writing', done: 0, total: 0 }).share, undefined);
  });
  test('a line never grows wider than the terminal', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.double({ noNaN: true, min: 0, max: 1e9 }),
        fc.option(fc.double({ noNaN: true, min: 0, max: 1e9 }), { nil: undefined }),
        fc.integer({ min: 20, max: 120 }),
        (label, done, total, room) => {
          const view = meter(() => 0)({ label, done, total, unit: 'x' });
          assert.ok(width(progressText(view, room)) <= room);
          readHtml(progressHtml(view));
        },
      ),
    );
  });
  test('in a notebook: nothing for a short step; else at most five pictures a second, and none is left at the end', () => {
    const drawn: string[] = [];
    let now = 0;
    const create = () =>
      liveProgress(
        (bundle) => drawn.push(String(bundle['text/plain'])),
        () => now,
      );
    const short = create();
    short.update({ label: 'x', done: 0, total: 1 });
    now += 100;
    short.update({ label: 'x', done: 1, total: 1 });
    short.end();
    assert.deepEqual(drawn, []);
    const live = create();
    for (let done = 0; done <= 100; done++) {
      now += 10;
      live.update({ label: 'x', done, total: 100 });
    }
    assert.ok(drawn.length >= 3 && drawn.length <= 4, `${drawn.length}`);
    live.end();
    live.end();
    assert.equal(drawn.filter((text) => text === '').length, 1);
    assert.equal(drawn.at(-1), '');
  });
  test('on a terminal one line is redrawn; in a log there are lines now and then, and none for a short step', () => {
    const written: string[] = [];
    const tty = terminalProgress({ isTTY: true, columns: 80, write: (text) => written.push(text) }, clock(0));
    tty.update({ label: 'x', done: 1, total: 2 });
    tty.line('a hint');
    tty.update({ label: 'x', done: 2, total: 2 });
    tty.end();
    assert.deepEqual(
      written.map((text) => text.startsWith('\r\u001b[K')),
      [true, true, true, true],
    );
    assert.equal(written[1], '\r\u001b[Ka hint\n');
    assert.equal(written[3], '\r\u001b[K');

    const log: string[] = [];
    let now = 0;
    const plain = terminalProgress({ write: (text) => log.push(text) }, () => now);
    for (; now < 30_000; now += 100) plain.update({ label: 'training', done: now, total: 30_000 });
    plain.end();
    assert.equal(log.length, 3);
    assert.ok(log.every((line) => line.endsWith('\n') && !line.includes('\r')));
    const short: string[] = [];
    const brief = terminalProgress({ write: (text) => short.push(text) }, clock(0, 500));
    brief.update({ label: 'x', done: 1, total: 1 });
    assert.deepEqual(short, []);
  });
});

describe('errors', () => {
  test('what, where, evidence and remedy', () => {
    const error = new TradewindError({
      code: 'input',
      message: 'the store has no variable T0',
      where: 'truth.zarr',
      remedy: 'rename it',
      details: 'has: t, s',
    });
    const { ename, evalue, traceback } = errorContent(error, '%evaluate x');
    assert.deepEqual([ename, evalue], ['TradewindError', 'truth.zarr: the store has no variable T0']);
    assert.deepEqual(traceback.map(stripVTControlCharacters), [
      'Bad input in %evaluate x',
      '  the store has no variable T0',
      '  at truth.zarr',
      '  │ has: t, s',
      '  → rename it',
    ]);
  });
  test('an interrupt is Python’s word for it, and a fault of ours keeps its stack', () => {
    assert.equal(errorContent(new TradewindError({ code: 'interrupted', message: 'stopped' })).ename, 'KeyboardInterrupt');
    const { ename, traceback } = errorContent(new RangeError('oops'));
    assert.equal(ename, 'RangeError');
    assert.ok(traceback.length > 2);
    assert.deepEqual([errorContent('text').ename, errorContent('text').evalue], ['Error', 'text']);
  });
});
