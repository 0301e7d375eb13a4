/** Two pens that paint the same strokes: a canvas for the screen and PNG, text for SVG. */

export interface Stroke {
  colour: string;
  width: number;
  dash: readonly number[];
  opacity: number;
}

export interface Lettering {
  size: number;
  colour: string;
  anchor: 'start' | 'middle' | 'end';
}

/** What paints: a canvas or a text. Coordinates are CSS pixels. */
export interface Pen {
  /** x, y, x, y …; a NaN breaks the line. */
  line(points: ArrayLike<number>, stroke: Stroke): void;
  dots(points: ArrayLike<number>, radius: number, colour: string): void;
  text(words: string, x: number, y: number, lettering: Lettering): void;
  box(x: number, y: number, width: number, height: number, colour: string): void;
  /** An SVG path: filled, stroked or both. */
  path(path: string, style: { fill?: string; fillOpacity?: number; stroke?: Stroke }): void;
  /** A picture in the box, its pixels not smoothed. */
  image(picture: HTMLCanvasElement, x: number, y: number, width: number, height: number): void;
  /** What `paint` paints has its origin here. */
  at(x: number, y: number, paint: () => void): void;
  /** What `paint` paints is seen inside the box alone. */
  inside(x: number, y: number, width: number, height: number, paint: () => void): void;
}

export interface Palette {
  text: string;
  muted: string;
  rule: string;
  outline: string;
  ground: string;
  bad: string;
  accent: string;
}

/** A picture that any pen can paint. */
export interface Painting {
  title: string;
  width: number;
  height: number;
  font: string;
  paint(pen: Pen): void;
}

/** A pen for an empty canvas of so many CSS pixels; `scale`: the canvas's own pixels for one of them. */
export function sizedPen(canvas: HTMLCanvasElement, width: number, height: number, font: string, scale = devicePixelRatio || 1): Pen {
  const [columns, rows] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== columns || canvas.height !== rows) {
    Object.assign(canvas, { width: columns, height: rows });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  }
  const context = canvas.getContext('2d')!;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return canvasPen(context, font);
}

/** Paints on a canvas whose context is scaled to CSS pixels. */
function canvasPen(context: CanvasRenderingContext2D, font: string): Pen {
  return {
    line(points, { colour, width, dash, opacity }) {
      context.beginPath();
      let drawing = false;
      for (let at = 0; at < points.length; at += 2) {
        const [x, y] = [points[at]!, points[at + 1]!];
        if (Number.isNaN(x)) drawing = false;
        else if (drawing) context.lineTo(x, y);
        else {
          context.moveTo(x, y);
          drawing = true;
        }
      }
      context.globalAlpha = opacity;
      context.strokeStyle = colour;
      context.lineWidth = width;
      // A mitred joint is many times cheaper than a round one, and bounded so that spikes end where they should.
      context.lineJoin = 'bevel';
      context.setLineDash(dash as number[]);
      context.stroke();
      context.globalAlpha = 1;
      context.setLineDash([]);
    },
    dots(points, radius, colour) {
      context.fillStyle = colour;
      for (let at = 0; at < points.length; at += 2) {
        if (Number.isNaN(points[at]!)) continue;
        context.beginPath();
        context.arc(points[at]!, points[at + 1]!, radius, 0, 2 * Math.PI);
        context.fill();
      }
    },
    text(words, x, y, { size, colour, anchor }) {
      context.font = `${size}px ${font}`;
      context.fillStyle = colour;
      context.textAlign = anchor === 'middle' ? 'center' : anchor === 'end' ? 'right' : 'left';
      context.fillText(words, x, y);
    },
    box(x, y, width, height, colour) {
      context.fillStyle = colour;
      context.fillRect(x, y, width, height);
    },
    path(path, { fill, fillOpacity = 1, stroke }) {
      const shape = new Path2D(path);
      if (fill) {
        context.globalAlpha = fillOpacity;
        context.fillStyle = fill;
        context.fill(shape);
      }
      if (stroke) {
        context.globalAlpha = stroke.opacity;
        context.strokeStyle = stroke.colour;
        context.lineWidth = stroke.width;
        context.lineJoin = 'bevel';
        context.setLineDash(stroke.dash as number[]);
        context.stroke(shape);
        context.setLineDash([]);
      }
      context.globalAlpha = 1;
    },
    image(picture, x, y, width, height) {
      context.imageSmoothingEnabled = false;
      context.drawImage(picture, x, y, width, height);
    },
    at(x, y, paint) {
      context.save();
      context.translate(x, y);
      paint();
      context.restore();
    },
    inside(x, y, width, height, paint) {
      context.save();
      context.beginPath();
      context.rect(x, y, width, height);
      context.clip();
      paint();
      context.restore();
    },
  };
}

interface SvgPen extends Pen {
  /** The whole document. */
  document(title: string): string;
}

/** The painting as the text of an SVG file. */
export function svgOf({ title, width, height, font, paint }: Painting): string {
  const pen = svgPen(width, height, font);
  paint(pen);
  return pen.document(title);
}

function svgPen(width: number, height: number, font: string): SvgPen {
  const parts: string[] = [];
  let clips = 0;
  return {
    line(points, stroke) {
      const path = pathOf(points);
      if (path) parts.push(`<path d="${path}" fill="none" ${strokeWords(stroke)}/>`);
    },
    dots(points, radius, colour) {
      for (let at = 0; at < points.length; at += 2) {
        if (Number.isNaN(points[at]!)) continue;
        parts.push(`<circle cx="${short(points[at]!)}" cy="${short(points[at + 1]!)}" r="${radius}" fill="${escaped(colour)}"/>`);
      }
    },
    text(words, x, y, { size, colour, anchor }: Lettering) {
      const place = `x="${short(x)}" y="${short(y)}" text-anchor="${anchor}" font-size="${size}" fill="${escaped(colour)}"`;
      parts.push(`<text ${place}>${escaped(words)}</text>`);
    },
    box(x, y, boxWidth, boxHeight, colour) {
      parts.push(
        `<rect x="${short(x)}" y="${short(y)}" width="${short(boxWidth)}" height="${short(boxHeight)}" fill="${escaped(colour)}"/>`,
      );
    },
    path(path, { fill, fillOpacity = 1, stroke }) {
      if (!path) return;
      const filled = fill ? `fill="${escaped(fill)}"${fillOpacity < 1 ? ` fill-opacity="${fillOpacity}"` : ''}` : 'fill="none"';
      parts.push(`<path d="${path}" ${filled}${stroke ? ` ${strokeWords(stroke)}` : ''}/>`);
    },
    image(picture, x, y, boxWidth, boxHeight) {
      const place = `x="${short(x)}" y="${short(y)}" width="${short(boxWidth)}" height="${short(boxHeight)}"`;
      parts.push(`<image ${place} preserveAspectRatio="none" style="image-rendering:pixelated" href="${picture.toDataURL('image/png')}"/>`);
    },
    at(x, y, paint) {
      parts.push(`<g transform="translate(${short(x)} ${short(y)})">`);
      paint();
      parts.push('</g>');
    },
    inside(x, y, boxWidth, boxHeight, paint) {
      const id = `part${++clips}`;
      const rectangle = `<rect x="${short(x)}" y="${short(y)}" width="${short(boxWidth)}" height="${short(boxHeight)}"/>`;
      parts.push(`<clipPath id="${id}">${rectangle}</clipPath><g clip-path="url(#${id})">`);
      paint();
      parts.push('</g>');
    },
    document(title) {
      const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
      return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="${escaped(font)}"><title>${escaped(title)}</title>${parts.join('')}</svg>\n`;
    },
  };
}

function pathOf(points: ArrayLike<number>): string {
  let path = '';
  let drawing = false;
  for (let at = 0; at < points.length; at += 2) {
    if (Number.isNaN(points[at]!)) {
      drawing = false;
      continue;
    }
    path += `${drawing ? 'L' : 'M'}${short(points[at]!)} ${short(points[at + 1]!)}`;
    drawing = true;
  }
  return path;
}

function strokeWords({ colour, width, dash, opacity }: Stroke): string {
  const dashes = dash.length > 0 ? ` stroke-dasharray="${dash.join(' ')}"` : '';
  const faint = opacity < 1 ? ` stroke-opacity="${opacity}"` : '';
  return `stroke="${escaped(colour)}" stroke-width="${width}" stroke-linejoin="bevel"${dashes}${faint}`;
}

const short = (value: number) => String(Math.round(value * 100) / 100);

function escaped(text: string): string {
  // Control characters have no place in XML.
  const clean = Array.from(text, (one) => (one < ' ' && one !== '\t' ? ' ' : one)).join('');
  return clean.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
