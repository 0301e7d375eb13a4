/** The SVG pieces that static figures share: the picture with what a screen reader says of it, its title, small words, grid lines, and lines with gaps. */
import { escapeHtml, type Html, safe } from './html.ts';

/** A picture that shrinks with a narrow page and takes the page's font and colour. */
export function picture(description: string, [width, height]: readonly [number, number], parts: readonly string[]): Html {
  return safe(
    `<svg role="img" aria-label="${escapeHtml(description)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" style="max-width:100%;height:auto;font-family:inherit;color:inherit">${parts.join('')}</svg>`,
  );
}

export function heading(x: number, y: number, title: string): string {
  return `<text x="${x}" y="${y}" font-size="12" font-weight="600" fill="currentColor">${escapeHtml(title)}</text>`;
}

export function words(anchor: 'start' | 'middle' | 'end', x: number | string, y: number | string, text: string, size: number): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}" fill="currentColor" fill-opacity=".85">${escapeHtml(text)}</text>`;
}

/** A pale line across, from x = `left` to `right`. */
export function gridLine(left: number, right: number, y: string): string {
  return `<path d="M${left} ${y}H${right}" stroke="currentColor" stroke-opacity=".15"/>`;
}

/** A line through points, with a gap wherever there is none, and a dot on each where `radius` is given. */
export function brokenLine(
  points: readonly (readonly [string, string] | undefined)[],
  colour: string,
  style: string,
  radius?: number,
): string {
  const path = points.map((point, at) => point && `${points[at - 1] ? 'L' : 'M'}${point[0]} ${point[1]}`).join('');
  const dots =
    radius === undefined
      ? []
      : points.map((point) => point && `<circle cx="${point[0]}" cy="${point[1]}" r="${radius}" fill="${colour}"/>`);
  return `<path d="${path}" fill="none" stroke="${colour}" ${style} stroke-linejoin="round"/>${dots.join('')}`;
}
