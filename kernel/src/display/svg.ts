/** The SVG pieces that static figures share: the picture with what a screen reader says of it, its title, small words, grid lines, and lines with gaps. */
import { element, escapeHtml, type Html } from './html.ts';
import { PICTURE_CLASS, pictureStyle } from './themes.ts';

/** Of words where nothing else is said: the picture has it once, and not each of them. */
const SIZE = 9;

/**
 * A picture that shrinks with a narrow page. It is an image with its SVG inside: of a notebook that is not trusted JupyterLab and code-hosting pages
 * throw SVG elements away and keep their words, run together; images stay, and nothing in one runs.
 */
export function picture(description: string, [width, height]: readonly [number, number], parts: readonly string[]): Html {
  const drawn = parts.join('');
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-size="${SIZE}" fill="currentColor">` +
    `${pictureStyle(drawn)}${drawn}</svg>`;
  // XML has no place for these two.
  const bytes = Buffer.from(svg.replace(/[\ufffe\uffff]/g, '\ufffd'), 'utf8');
  return element('img', {
    alt: description,
    class: PICTURE_CLASS,
    width,
    height,
    style: 'max-width:100%;height:auto;border-radius:4px',
    src: `data:image/svg+xml;base64,${bytes.toString('base64')}`,
  });
}

export function heading(x: number, y: number, title: string): string {
  return `<text x="${x}" y="${y}" font-size="12" font-weight="600">${escapeHtml(title)}</text>`;
}

export function words(anchor: 'start' | 'middle' | 'end', x: number | string, y: number | string, text: string, size: number): string {
  const [place, large] = [anchor === 'start' ? '' : ` text-anchor="${anchor}"`, size === SIZE ? '' : ` font-size="${size}"`];
  return `<text x="${x}" y="${y}"${place}${large} opacity=".85">${escapeHtml(text)}</text>`;
}

/** A pale line across, from x = `left` to `right`. */
export function gridLine(left: number, right: number, y: string): string {
  return `<path d="M${left} ${y}H${right}" stroke="currentColor" stroke-opacity=".15"/>`;
}

/** The steps of a path from one point to the next, in whole numbers: a minus sign needs no space before it. */
export function stepsBetween(points: readonly (readonly [number, number])[]): string {
  const steps = points.slice(1).flatMap(([x, y], at) => [x - points[at]![0], y - points[at]![1]]);
  return steps.map((step, at) => (at > 0 && step >= 0 ? ` ${step}` : step)).join('');
}

/** A line through points in few words: halves of a pixel, each from the one before. `more`: attributes, lengths in those halves. */
export function line(points: readonly (readonly [number, number])[], colour: string, more: string): string {
  const halves = points.map(([x, y]) => [Math.round(2 * x), Math.round(2 * y)] as const);
  const written = stepsBetween(halves);
  return `<path transform="scale(.5)" d="M${halves[0]?.join(' ') ?? '0 0'}${written && `l${written}`}" fill="none" stroke="${colour}" stroke-linejoin="round"${more}/>`;
}

/** A line through points, with a gap wherever there is none, and a dot on each where `radius` is given. */
export function brokenLine(
  points: readonly (readonly [string, string] | undefined)[],
  colour: string,
  style: string,
  radius?: number,
): string {
  const path = points.map((point, at) => point && `${points[at - 1] ? 'L' : 'M'}${point[0]} ${point[1]}`).join('');
  // A line of no length with round ends is a dot.
  const dots = points.map((point) => point && `M${point[0]} ${point[1]}h0`).join('');
  const dotted = radius === undefined ? '' : `<path d="${dots}" stroke="${colour}" stroke-width="${2 * radius}" stroke-linecap="round"/>`;
  return `<path d="${path}" fill="none" stroke="${colour}" ${style} stroke-linejoin="round"/>${dotted}`;
}
