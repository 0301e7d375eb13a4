/** The picture as a file: SVG and PNG of what is on the screen, CSV of every point of the curves that are shown. */
import { pictureBlob, saveFile } from '../download.ts';
import type { Painting, Palette, Pen } from '../pens.ts';
import { paint } from './paint.ts';
import { csvOf, type RunCurve } from './readout.ts';
import type { Scene } from './scene.ts';

export const FORMATS = ['PNG', 'SVG', 'CSV'] as const;
export type Format = (typeof FORMATS)[number];

export interface Exported {
  /** Of the file, without its ending. */
  name: string;
  title: string;
  scene: Scene;
  /** A line's label and colour. */
  legend: readonly { label: string; colour: string }[];
  curves: readonly RunCurve[];
  palette: Palette;
  font: string;
}

const HEAD = 26;
const ROW = 18;

export async function download(format: Format, exported: Exported): Promise<void> {
  const content = format === 'CSV' ? new Blob([csvOf(exported.curves)], { type: 'text/csv' }) : pictureBlob(format, paintingOf(exported));
  saveFile(await content, exported.name, format.toLowerCase());
}

/** The picture under its title and legend, which stand beside it on the screen. */
export function paintingOf({ scene, title, legend, palette, font }: Exported): Painting {
  const columns = Math.max(1, Math.floor(scene.width / 240));
  const head = HEAD + ROW * Math.ceil(legend.length / columns);
  const [width, height] = [scene.width, scene.height + head];
  const paintAll = (pen: Pen) => {
    pen.box(0, 0, width, height, palette.ground);
    pen.text(title, 12, 18, { size: 14, colour: palette.text, anchor: 'start' });
    legend.forEach(({ label, colour }, at) => {
      const [x, y] = [12 + (at % columns) * 240, HEAD + ROW * Math.floor(at / columns) + 8];
      pen.line([x, y, x + 18, y], { colour, width: 2.5, dash: [], opacity: 1 });
      pen.text(label.length > 34 ? `${label.slice(0, 33)}…` : label, x + 24, y + 4, { size: 11.5, colour: palette.text, anchor: 'start' });
    });
    pen.at(0, head, () => paint(scene, pen, palette));
  };
  return { title, width, height, font, paint: paintAll };
}
