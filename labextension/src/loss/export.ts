/** The picture as a file: SVG and PNG of what is on the screen, CSV of every point of the curves that are shown. */
import { pngOfCanvas, saveFile } from '../download.ts';
import { canvasPen, type Palette, svgPen } from '../pens.ts';
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
/** Pixels of a PNG for one of the screen's: sharp in print. */
const SCALE = 3;

export async function download(format: Format, exported: Exported): Promise<void> {
  saveFile(await CONTENT[format](exported), exported.name, format.toLowerCase());
}

const CONTENT: Record<Format, (exported: Exported) => Blob | Promise<Blob>> = {
  CSV: ({ curves }) => new Blob([csvOf(curves)], { type: 'text/csv' }),
  SVG: (exported) => new Blob([svgOf(exported)], { type: 'image/svg+xml' }),
  PNG: pngOf,
};

export function svgOf(exported: Exported): string {
  const { scene, font, title } = exported;
  const pen = svgPen(scene.width, heightOf(exported), font);
  paintWhole(exported, pen);
  return pen.document(title);
}

function pngOf(exported: Exported): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = exported.scene.width * SCALE;
  canvas.height = heightOf(exported) * SCALE;
  const context = canvas.getContext('2d')!;
  context.scale(SCALE, SCALE);
  paintWhole(exported, canvasPen(context, exported.font));
  return pngOfCanvas(canvas);
}

const heightOf = ({ scene, legend }: Exported) => scene.height + HEAD + ROW * Math.ceil(legend.length / perRow(scene.width));
const perRow = (width: number) => Math.max(1, Math.floor(width / 240));

/** The picture under its title and legend, which stand beside it on the screen. */
function paintWhole(exported: Exported, pen: ReturnType<typeof canvasPen>): void {
  const { scene, title, legend, palette } = exported;
  const columns = perRow(scene.width);
  pen.box(0, 0, scene.width, heightOf(exported), palette.ground);
  pen.text(title, 12, 18, { size: 14, colour: palette.text, anchor: 'start' });
  legend.forEach(({ label, colour }, at) => {
    const [x, y] = [12 + (at % columns) * 240, HEAD + ROW * Math.floor(at / columns) + 8];
    pen.line([x, y, x + 18, y], { colour, width: 2.5, dash: [], opacity: 1 });
    pen.text(label.length > 34 ? `${label.slice(0, 33)}…` : label, x + 24, y + 4, { size: 11.5, colour: palette.text, anchor: 'start' });
  });
  const shift = heightOf(exported) - scene.height;
  paint(shifted(scene, shift), pen, palette);
}

/** The same scene lower by some pixels. */
function shifted(scene: Scene, by: number): Scene {
  return {
    ...scene,
    panels: scene.panels.map((panel) => ({
      ...panel,
      top: panel.top + by,
      bottom: panel.bottom + by,
      vertical: { ...panel.vertical, from: panel.vertical.from + by, to: panel.vertical.to + by },
      lines: panel.lines.map((line) => ({ ...line, points: line.points.map((value, at) => (at % 2 === 1 ? value + by : value)) })),
    })),
  };
}
