// Static pictures in light and dark: they bring inks, grounds and lines for both, and the page that has one says which theme it is in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayOf } from '../../kernel/src/display/bundle.ts';
import { element } from '../../kernel/src/display/html.ts';
import { picture, words } from '../../kernel/src/display/svg.ts';
import { contrast, partsOf, withThemes } from '../../kernel/src/display/themes.ts';
import { picturesOf } from './markup.ts';
import { SAMPLES } from './samples.ts';

const { html } = picture('a picture', [30, 20], [words('middle', 9, 9, 'a word', 9)]);

test('words stand out from their ground by 7:1 and more in both themes, thin as they are', () => {
  const [svg] = picturesOf(html);
  const opacity = Number(svg!.match(/<text[^>]* opacity="([.\d]+)"/)![1]);
  const inks = [...svg!.matchAll(/color:(#\w{6});background:(#\w{6})/g)];
  assert.equal(inks.length, 2);
  for (const [, ink, page] of inks) {
    const ground = partsOf(page!);
    const seen = partsOf(ink!).map((part, at) => opacity * part + (1 - opacity) * ground[at]!);
    assert.ok(contrast(seen, ground) > 7, `${ink} on ${page}`);
  }
  assert.match(svg!, /@media\(prefers-color-scheme:dark\)\{:root\{color/);
});

test('a dark line is lighter on a dark page, one that is light enough is as it was; what is filled or lies over a map keeps its colours', () => {
  const line = (colour: string) => `<path d="M0 0h9" stroke="${colour}"/>`;
  const [svg] = picturesOf(picture('lines', [9, 9], [line('#0072b2'), line('#e0d070'), '<use href="#coast" stroke="#16181d"/>']).html);
  const [rule, ...others] = svg!.matchAll(/\[stroke="(#\w{6})"\]\{stroke:(#\w{6})\}/g);
  assert.equal(others.length, 0);
  assert.equal(rule![1], '#0072b2');
  assert.ok(contrast(partsOf(rule![2]!), partsOf('#111111')) >= 6, rule![2]);
});

test('a display with pictures says once how they follow the theme, one without says nothing', async () => {
  assert.equal(withThemes(html + html).match(/<style>/g)!.length, 1);
  assert.equal(withThemes(element('p', 'class="tw-picture"').html).includes('<style>'), false);
  assert.match((await displayOf(SAMPLES.comparison)).html, /^<style>\[data-jp-theme-light=true\] \.tw-picture\{color-scheme:light\}/);
  assert.doesNotMatch((await displayOf(SAMPLES.chips)).html, /<style>/);
});
