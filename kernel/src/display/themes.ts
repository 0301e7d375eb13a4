/** Light and dark static pictures: what a picture brings for both, and what the page says so that the right one is taken. */

/** What is drawn in `currentColor`, and the ground under it: JupyterLab's and nbconvert's own in that theme, so that it is not seen there. */
const PAGES = { light: { ink: '#2b3037', ground: '#ffffff' }, dark: { ink: '#d5dae1', ground: '#111111' } } as const;

/** Contrast of a line with a dark ground, at least. */
const LINE_CONTRAST = 6;

/**
 * The style of a picture with these strokes: light unless what surrounds the image prefers dark, where dark lines are lightened. Where that is not the page's own
 * theme (browsers go by the computer's where the page says nothing, and so do code-hosting pages with a theme of their own) the picture stands on its ground like
 * a card: not of the page, but as legible.
 */
export function pictureStyle(parts: string): string {
  const rule = ({ ink, ground }: (typeof PAGES)[keyof typeof PAGES]) => `color:${ink};background:${ground}`;
  const strokes = new Set(Array.from(parts.matchAll(/<path[^>]* stroke="(#[\da-f]{6})"/g), ([, colour]) => colour!));
  const lines = [...strokes].map((colour) => [colour, lightened(colour)] as const).filter(([colour, light]) => light !== colour);
  return (
    `<style>:root{font-family:system-ui,sans-serif;${rule(PAGES.light)}}` +
    `@media(prefers-color-scheme:dark){:root{${rule(PAGES.dark)}}${lines.map(([colour, light]) => `[stroke="${colour}"]{stroke:${light}}`).join('')}}</style>`
  );
}

/** A page's pictures are told by this class. */
export const PICTURE_CLASS = 'tw-picture';

/** JupyterLab and nbconvert name their theme on the page, but don't tell browsers; untrusted notebooks lose this and have the extension's style sheet. */
const SCHEMES =
  `<style>[data-jp-theme-light=true] .${PICTURE_CLASS}{color-scheme:light}` +
  `[data-jp-theme-light=false] .${PICTURE_CLASS}{color-scheme:dark}</style>`;

/** A display's HTML with what lets its pictures follow the page's theme; as it is where it has none. */
export function withThemes(html: string): string {
  return html.includes(`class="${PICTURE_CLASS}"`) ? SCHEMES + html : html;
}

/** The colour, with as much white as it takes to stand out from the dark ground. */
function lightened(colour: string): string {
  const parts = partsOf(colour);
  for (let white = 0; white < 1; white += 0.05) {
    const mixed = parts.map((part) => Math.round(part + (255 - part) * white));
    if (contrast(mixed, partsOf(PAGES.dark.ground)) >= LINE_CONTRAST)
      return `#${mixed.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
  }
  return colour;
}

/** Red, green and blue of `#rrggbb`, 0 … 255. */
export function partsOf(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}

/** Contrast of two colours of sRGB, 1 … 21 (WCAG 2). */
export function contrast(one: readonly number[], other: readonly number[]): number {
  const [low, high] = [one, other].map(luminance).sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(parts: readonly number[]): number {
  const [red, green, blue] = parts
    .map((part) => part / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
