/** Files that a widget gives: to the browser's downloads. */
import { type Painting, sizedPen, svgOf } from './pens.ts';

/** `name` without its ending; what a file system might not take becomes a dash. */
export function saveFile(blob: Blob, name: string, ending: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')}.${ending}`;
  link.click();
  // The browser has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Pixels of a PNG for one of the screen's: sharp in print. */
const SCALE = 3;

/** A painting as a file's content. */
export async function pictureBlob(format: 'PNG' | 'SVG', painting: Painting): Promise<Blob> {
  if (format === 'SVG') return new Blob([svgOf(painting)], { type: 'image/svg+xml' });
  const canvas = document.createElement('canvas');
  painting.paint(sizedPen(canvas, painting.width, painting.height, painting.font, SCALE));
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the browser could not make a PNG of this size'))), 'image/png');
  });
}
