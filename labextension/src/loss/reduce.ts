/**
 * Which points of a curve to draw so that the picture is the one that all of them would give: in each column of pixels the first, the
 * smallest, the largest and the last (M4: Jugel, Jerzak, Hackenbroich, Markl, VLDB 2014), and the first that is not finite, which makes a gap.
 */
import { type Curve, lowerBound } from '../../../kernel/src/records/curve.ts';

/**
 * @param along the curve's column that lies on the horizontal axis, ascending
 * @param edges the columns' edges in that column's units, ascending: one more than there are columns
 * @returns ascending indices; one point on either side of the edges, where there is one, so that lines run out of the picture
 */
export function reduce(curve: Curve, along: Float64Array, edges: Float64Array): number[] {
  const columns = edges.length - 1;
  const first = lowerBound(along, curve.length, edges[0]!);
  const last = lowerBound(along, curve.length, edges[columns]!, first);
  const [from, to] = [Math.max(0, first - 1), Math.min(curve.length, last + 2)];
  if (to - from <= 4 * columns) return Array.from({ length: to - from }, (_, at) => from + at);
  const kept: number[] = first > 0 ? [first - 1] : [];
  const found = new Int32Array(5);
  let begin = first;
  for (let column = 0; column < columns && begin < last; column++) {
    const end = column === columns - 1 ? last : lowerBound(along, last, edges[column + 1]!, begin);
    if (end - begin <= 4) for (let at = begin; at < end; at++) kept.push(at);
    else {
      const { low, high, gap } = curve.extremes(begin, end);
      let before = -1;
      found[0] = begin;
      found[1] = low;
      found[2] = high;
      found[3] = gap;
      found[4] = end - 1;
      found.sort();
      for (let index = 0; index < found.length; index++) {
        const at = found[index]!;
        if (at > before) kept.push(at);
        before = at;
      }
    }
    begin = end;
  }
  for (let at = last; at < to; at++) kept.push(at);
  return kept;
}
