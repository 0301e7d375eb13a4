/** What the tracer saw (`python -m tradewind.trace`): the real API, shapes and dtypes of each call site, as types for inference and shapes for the report. */
import { relative } from 'node:path';
import type { Use } from '../records/report.ts';
import type { Project, SourceModule } from './modules.ts';
import { descendants, field, type Syntax } from './parse.ts';
import { type Type, tensorOf } from './types.ts';

interface Value {
  shape: number[];
  dtype: string;
}

export interface TracedCall {
  file: string;
  /** 1-based lines, 0-based columns in UTF-8 bytes. */
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  api: string;
  inputs: Value[];
  outputs: Value[];
  count: number;
}

export interface Trace {
  calls: TracedCall[];
  modules: { path: string; class: string }[];
  /** Absolute paths of the files whose functions ran, PyTorch and the standard library aside. */
  executed?: string[];
  /** The functions of those files that ran: absolute path, and the line that Python gives as their first. */
  functions?: [file: string, line: number][];
  /** Packages that are imported and not installed. */
  absent?: string[];
}

const NODES = new Set([
  'call',
  'attribute',
  'binary_operator',
  'subscript',
  'unary_operator',
  'comparison_operator',
  'augmented_assignment',
]);

/** Types that the run proved: a traced Tensor method's receiver is a tensor, and so is what it gave. */
export function seenTypes(trace: Trace, project: Project): Map<Syntax, Type> {
  const seen = new Map<Syntax, Type>();
  const byFile = new Map<string, TracedCall[]>();
  for (const call of trace.calls) byFile.set(call.file, [...(byFile.get(call.file) ?? []), call]);
  for (const module of project.modules.values()) {
    const calls = byFile.get(module.file) ?? byFile.get(module.path) ?? byFile.get(relative(project.root, module.path));
    if (calls) seenIn(module, calls, seen);
  }
  return seen;
}

function seenIn(module: SourceModule, calls: readonly TracedCall[], seen: Map<Syntax, Type>): void {
  const offsets = lineOffsets(module.source);
  const spans = new Map<string, TracedCall[]>();
  for (const call of calls) {
    const key = `${place(module.source, offsets, call.line, call.column)}:${place(module.source, offsets, call.endLine, call.endColumn)}`;
    spans.set(key, [...(spans.get(key) ?? []), call]);
  }
  for (const node of descendants(module.root)) {
    if (!NODES.has(node.type)) continue;
    const here = spans.get(`${node.start}:${node.end}`) ?? [];
    const given = tensorSeen(here.flatMap((call) => call.inputs.slice(0, 1)));
    const made = tensorSeen(here.flatMap((call) => (call.outputs.length === 1 ? call.outputs : [])));
    for (const call of here) {
      const method = /^torch\.Tensor\.(\w+)$/.exec(call.api)?.[1];
      const callee = node.type === 'call' ? field(node, 'function') : undefined;
      const receiver =
        callee?.type === 'attribute' && method && module.source.slice(field(callee, 'attribute')!.start, callee.end) === method
          ? field(callee, 'object')
          : node.type === 'attribute'
            ? field(node, 'object')
            : undefined;
      if (receiver && call.inputs[0] && method) seen.set(receiver, given);
      if (call.outputs.length === 1 && (node.type === 'call' || node.type === 'binary_operator')) seen.set(node, made);
    }
  }
}

/** What the values that were seen at one place have in common. */
function tensorSeen(values: readonly Value[]): Type {
  const doubles = values.filter((one) => one.dtype === 'float64').length;
  return tensorOf(
    values.some((one) => one.dtype.startsWith('complex')),
    doubles === 0 ? undefined : doubles === values.length ? 'yes' : 'maybe',
  );
}

function lineOffsets(source: string): number[] {
  const found = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) found.push(at + 1);
  return found;
}

/** The UTF-16 offset of a 1-based line and a column in UTF-8 bytes. */
function place(source: string, offsets: readonly number[], line: number, column: number): number {
  const start = offsets[line - 1] ?? source.length;
  const end = offsets[line] ?? source.length;
  const text = source.slice(start, end);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line of ASCII needs no counting
  if (/^[\x00-\x7f]*$/.test(text)) return start + column;
  return start + Buffer.from(text, 'utf8').subarray(0, column).toString('utf8').length;
}

const text = (value: Value) => `${value.dtype.replace('torch.', '')}[${value.shape.join(', ')}]`;

/** The calls that were seen at a use, one for each combination of dtypes: those of its column, else of its line. */
export function callsAt(trace: Trace, use: Use): TracedCall[] {
  let byPlace = places.get(trace);
  if (!byPlace) {
    byPlace = new Map();
    for (const call of trace.calls) {
      const key = placeKey(call.file, call.line, call.api);
      byPlace.set(key, [...(byPlace.get(key) ?? []), call]);
    }
    places.set(trace, byPlace);
  }
  const line = byPlace.get(placeKey(use.file, use.line, use.api)) ?? [];
  const exact = line.filter((one) => one.column === use.column);
  return exact.length ? exact : line;
}

const places = new WeakMap<Trace, Map<string, TracedCall[]>>();
const placeKey = (file: string, line: number, api: string) => `${file}:${line}:${api.slice(api.lastIndexOf('.') + 1)}`;

/** The shapes seen at a use, inputs then outputs. */
export function shapesAt(trace: Trace, use: Use): string[] | undefined {
  const call = callsAt(trace, use)[0];
  return call && [...call.inputs.map(text), ...(call.outputs.length ? ['→', ...call.outputs.map(text)] : [])];
}
