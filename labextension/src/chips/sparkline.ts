/** The last hour of one figure as a small line: gaps where the meter told nothing, the ends of the scale the same for every card. */

const NAMESPACE = 'http://www.w3.org/2000/svg';
const WIDTH = 120;
const HEIGHT = 26;

export interface Line {
  /** Seconds. */
  time: readonly number[];
  values: readonly (number | null)[];
  /** What the line's top means. */
  top: number;
  /** The seconds that the picture shows, back from the newest point. */
  span: number;
}

/** The line's parts as `x,y x,y …`: one for each stretch without a gap. A stretch of one point is a short dash. */
export function stretches({ time, values, top, span }: Line): string[] {
  const end = time.at(-1) ?? 0;
  const parts: string[][] = [];
  let open = false;
  for (const [at, value] of values.entries()) {
    if (value === null || time[at]! < end - span) {
      open = false;
      continue;
    }
    const x = (1 - (end - time[at]!) / span) * WIDTH;
    const y = HEIGHT - 1.5 - Math.min(1, Math.max(0, value / top)) * (HEIGHT - 3);
    if (!open) parts.push([]);
    parts.at(-1)!.push(`${x.toFixed(1)},${y.toFixed(1)}`);
    open = true;
  }
  return parts.map((points) =>
    (points.length > 1 ? points : [points[0]!, points[0]!.replace(/^[^,]+/, (x) => (Number(x) - 1.5).toFixed(1))]).join(' '),
  );
}

/** The picture; `label` says it to those who don't see it. */
export function sparkline(line: Line, label: string): SVGSVGElement {
  const node = (tag: string, attributes: Record<string, string>) => {
    const made = document.createElementNS(NAMESPACE, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const svg = node('svg', {
    class: 'tw-spark',
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: 'none',
    role: 'img',
    'aria-label': label,
  });
  svg.append(node('line', { class: 'tw-spark-base', x1: '0', x2: String(WIDTH), y1: String(HEIGHT - 0.5), y2: String(HEIGHT - 0.5) }));
  for (const points of stretches(line)) svg.append(node('polyline', { points, 'vector-effect': 'non-scaling-stroke' }));
  return svg as SVGSVGElement;
}
