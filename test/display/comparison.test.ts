/** The scorecard of a comparison: what its boxes say, and records from before there was one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayOf } from '../../kernel/src/display/bundle.ts';
import { picturesOf, readHtml } from './markup.ts';
import { SAMPLES } from './samples.ts';

const { comparison } = SAMPLES;
/** Row and boxes of a card as they are read. */
const rows = (html: string) =>
  [
    ...picturesOf(html)
      .join('')
      .matchAll(/<text x="\d+" y="\d+" textLength="\d+">([^<]*)</g),
  ].map(([, text]) => text!.split('\u00a0').filter(Boolean));

test('each box has its deviation printed, each row as many as there are leads', async () => {
  const { html } = await displayOf(comparison);
  assert.deepEqual(rows(html), [
    ['+1.50', '−2.25'],
    ['+0.01', '–'],
    ['−12.0', '+60.0'],
    ['–', '+0.40'],
  ]);
});

test('boxes are blue where A is better and orange where it is worse, the stronger the larger; below 1 % they have no colour', async () => {
  const { html } = await displayOf(comparison);
  assert.match(html, /<img alt="Scorecard of /);
  const card = picturesOf(html.slice(html.indexOf('<img alt="Scorecard of ')))[0]!;
  const fills = [...card.matchAll(/<path d="[^"]*" fill="([^"]+)" fill-opacity="([^"]+)"/g)].map(([, colour, opacity]) => [
    colour,
    opacity,
  ]);
  assert.deepEqual(fills, [
    ['#d55e00', '0.1'],
    ['#0072b2', '0.2'],
    ['#0072b2', '0.46'],
    ['#d55e00', '0.8'],
  ]);
});

test('a comparison made before there were regions is shown without them', async () => {
  const { regions: _, worstOf: __, gained: ___, claimByVariable: ____, ...earlier } = comparison;
  const { html, text } = await displayOf(earlier);
  readHtml(html);
  assert.doesNotMatch(html, /Scorecard/);
  assert.match(text, /ms agrees with pt/);
});
