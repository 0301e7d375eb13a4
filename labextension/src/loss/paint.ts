/** Paints a scene with a pen: the same strokes on the screen's canvas and into an SVG file. */
import type { Palette, Pen } from '../pens.ts';
import { pixel } from './axis.ts';
import type { Line, Mark, Scene } from './scene.ts';

const DASHES: Record<Line['dash'], readonly number[]> = { solid: [], dash: [7, 4], dot: [2, 3] };
const SOLID: readonly number[] = [];
/** More points than this are a line, not dots. */
const MOST_DOTS = 150;
const LETTER = 6.2;

export function paint(scene: Scene, pen: Pen, palette: Palette): void {
  const { horizontal, panels } = scene;
  const rule = { colour: palette.rule, width: 1, dash: SOLID, opacity: 1 };
  const small = { size: 11, colour: palette.muted, anchor: 'middle' as const };
  const width = horizontal.to - horizontal.from;
  const crisp = (place: number) => Math.round(place) + 0.5;
  for (const { title, top, bottom, ticks, vertical, lines } of panels) {
    for (const { at, text } of ticks) {
      const y = crisp(pixel(vertical, at));
      pen.line([horizontal.from, y, horizontal.to, y], rule);
      pen.text(text, horizontal.from - 7, y + 3.5, { ...small, anchor: 'end' });
    }
    for (const { at } of scene.ticks) {
      const x = crisp(pixel(horizontal, at));
      pen.line([x, top, x, bottom], rule);
    }
    pen.text(title, horizontal.from, top - 8, { size: 12, colour: palette.muted, anchor: 'start' });
    pen.inside(horizontal.from, top - 2, width + 4, bottom - top + 4, () => {
      for (const { points, colour, width: thick, dash, faint, dots } of lines) {
        pen.line(points, { colour, width: thick, dash: DASHES[dash], opacity: faint ? 0.34 : 1 });
        if (dots && points.length <= 2 * MOST_DOTS) pen.dots(points, 3, colour);
      }
    });
  }
  const bottom = panels.at(-1)?.bottom ?? 0;
  for (const { at, text } of scene.ticks) pen.text(text, pixel(horizontal, at), bottom + 17, small);
  pen.text(scene.title, (horizontal.from + horizontal.to) / 2, bottom + 36, { ...small, size: 12, colour: palette.text });
  paintMarks(scene, pen, palette);
}

const MARK_STYLE: Record<Mark['kind'], { colour: keyof Palette; dash: readonly number[] }> = {
  fault: { colour: 'bad', dash: [2, 3] },
  parting: { colour: 'text', dash: [6, 3] },
  pin: { colour: 'accent', dash: SOLID },
};

/** Vertical lines through all panels, each with its words at the top; words that would meet stand below one another. */
function paintMarks({ marks, horizontal, panels }: Scene, pen: Pen, palette: Palette): void {
  const [first, last] = [panels[0], panels.at(-1)];
  if (!first || !last) return;
  const rows: number[] = [];
  for (const { at, text, kind } of [...marks].sort((a, b) => a.at - b.at)) {
    const x = Math.round(pixel(horizontal, at)) + 0.5;
    const colour = palette[MARK_STYLE[kind].colour];
    pen.line([x, first.top, x, last.bottom], { colour, width: 1.2, dash: MARK_STYLE[kind].dash, opacity: 1 });
    const long = text.length * LETTER + 8;
    const left = x + 5 + long > horizontal.to;
    const begin = left ? x - 5 - long : x + 5;
    let row = rows.findIndex((end) => end < begin);
    if (row < 0) row = rows.length;
    rows[row] = begin + long;
    const y = first.top + 4 + row * 17;
    pen.box(begin - 2, y - 1, long, 15, palette.ground);
    pen.text(text, begin + 2, y + 10.5, { size: 11, colour, anchor: 'start' });
  }
}
