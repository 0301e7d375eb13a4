/** Lines of `metrics.jsonl` as columns of numbers: how they travel to the widget, as a few buffers instead of text. */
import type { MetricsLine } from './training.ts';

export interface Column {
  name: string;
  /** Does every line have it? Otherwise a buffer of line numbers comes before its values. */
  whole: boolean;
}

export interface MetricsBatch {
  /** Number of lines. */
  count: number;
  /** `step` and `time` are the first two. */
  columns: Column[];
}

/** Of each column its values (float64), in the order of `columns`; before them, where it is not whole, the numbers of its lines (uint32). */
export type MetricsBuffers = ArrayBufferView[];

/** JSON has no NaN: it comes as null or as a word. */
export function metricValue(raw: unknown): number {
  if (typeof raw === 'number') return raw;
  if (raw === 'Infinity' || raw === '-Infinity') return Number(raw);
  return Number.NaN;
}

export function packLines(lines: readonly MetricsLine[]): { batch: MetricsBatch; buffers: MetricsBuffers } {
  const rows = new Map<string, { at: number[]; values: number[] }>();
  for (const name of ['step', 'time']) rows.set(name, { at: [], values: [] });
  lines.forEach((line, at) => {
    for (const name in line) {
      let column = rows.get(name);
      if (!column) {
        column = { at: [], values: [] };
        rows.set(name, column);
      }
      column.at.push(at);
      column.values.push(metricValue(line[name]));
    }
  });
  const columns: Column[] = [];
  const buffers: MetricsBuffers = [];
  for (const [name, { at, values }] of rows) {
    const whole = at.length === lines.length;
    columns.push({ name, whole });
    if (!whole) buffers.push(Uint32Array.from(at));
    buffers.push(Float64Array.from(values));
  }
  return { batch: { count: lines.length, columns }, buffers };
}

/** A copy of a view's bytes: a message's buffers lie anywhere in it, and a typed array wants them aligned. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): ArrayBuffer {
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

/** A column with the numbers of its lines; undefined lines: every one. */
export interface UnpackedColumn {
  name: string;
  lines: Uint32Array | undefined;
  values: Float64Array;
}

/** Throws a RangeError where the buffers don't fit the batch. */
export function unpackColumns({ columns }: MetricsBatch, buffers: readonly ArrayBufferView[]): UnpackedColumn[] {
  let next = 0;
  const copied = () => {
    const view = buffers[next++];
    if (!view) throw new RangeError('the batch has fewer buffers than columns');
    return bytesOf(view);
  };
  return columns.map(({ name, whole }) => {
    const lines = whole ? undefined : new Uint32Array(copied());
    return { name, lines, values: new Float64Array(copied()) };
  });
}
