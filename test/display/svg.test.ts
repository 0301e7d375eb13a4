// The picture that static figures share: it brings inks and grounds for light and dark, and the page that has one says which theme it is in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayOf } from '../../kernel/src/display/bundle.ts';
import { element } from '../../kernel/src/display/html.ts';
import { picture, withThemes, words } from '../../kernel/src/display/svg.ts';
import { picturesOf } from './markup.ts';
import { SAMPLES } from './samples.ts';

const { html } = picture('a picture', [30, 20], [words('middle', 9, 9, 'a word', 9)]);

const partsOf = (colour: string) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));

/** Relative luminance of sRGB (WCAG 2). */
function luminance(parts: readonly number[]): number {
  const [red, green, blue] = parts
    .map((part) => part / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test('words stand out from their ground by 7:1 and more in both themes, thin as they are', () => {
  const [svg] = picturesOf(html);
  const opacity = Number(svg!.match(/<text[^>]* opacity="([.\d]+)"/)![1]);
  const inks = [...svg!.matchAll(/color:(#\w{6});background:(#\w{3})/g)];
  assert.equal(inks.length, 2);
  for (const [, ink, short] of inks) {
    const ground = partsOf(short!.replace(/\w/g, '$&$&'));
    const seen = partsOf(ink!).map((part, at) => opacity * part + (1 - opacity) * ground[at]!);
    const [low, high] = [luminance(seen), luminance(ground)].sort((a, b) => a - b) as [number, number];
    assert.ok((high + 0.05) / (low + 0.05) > 7, `${ink} on ${short}`);
  }
  assert.match(svg!, /@media\(prefers-color-scheme:dark\)\{:root\{color/);
});

test('a display with pictures says once how they follow the theme, one without says nothing', async () => {
  assert.equal(withThemes(html + html).match(/<style>/g)!.length, 1);
  assert.equal(withThemes(element('p', 'class="tw-picture"').html).includes('<style>'), false);
  assert.match((await displayOf(SAMPLES.comparison)).html, /^<style>\[data-jp-theme-light=true\] \.tw-picture\{color-scheme:light\}/);
  assert.doesNotMatch((await displayOf(SAMPLES.chips)).html, /<style>/);
});
