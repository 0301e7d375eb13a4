/** The SVG pieces that static figures share: the picture with what a screen reader says of it, its title, small words, and a grid line with its figure. */
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
