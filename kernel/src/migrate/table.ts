/** The operator table: kernel/operators/*.yaml read, checked against its schema (kernel/operators/README.md) with line numbers, and looked up by PyTorch name. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { TradewindError } from '../records/errors.ts';
import type { OperatorMeasurement, Strategy } from '../records/report.ts';
import { documentedFor, type Platforms, readDocumented } from './documented.ts';

export type Target = 'portable' | 'ascend';
export type Returns = 'tensor' | 'tensors' | 'number' | 'shape' | 'dtype' | 'none' | 'self' | 'unknown';

export interface SignatureParameter {
  name: string;
  /** PyTorch's default, as Python text. */
  value?: string;
  keywordOnly: boolean;
  star?: '*' | '**';
}

export interface Row {
  names: string[];
  strategy: Strategy;
  signature?: SignatureParameter[];
  to?: Record<Target, string>;
  kind?: 'attribute';
  reason?: string;
  remedy?: string;
  note?: string;
  returns: Returns;
  inplace: boolean;
  file: string;
  line: number;
}

export interface Table {
  row(name: string): Row | undefined;
  has(name: string): boolean;
  /** Is it a module of an API in the table: `torch.nn`, `torch`? */
  isNamespace(name: string): boolean;
  /** Does the name belong to a package that the table migrates? */
  covers(name: string): boolean;
  measurement(name: string): OperatorMeasurement | undefined;
  /** MindSpore's "Supported Platforms" of what stands in the place of `api`, a name that `row` covers. */
  documented(row: Row, api: string, target: Target): string[] | undefined;
  rows: readonly Row[];
}

const STRATEGIES = ['equivalent', 'custom', 'restructured', 'unsupported'];
const RETURNS = ['tensor', 'tensors', 'number', 'shape', 'dtype', 'none', 'self', 'unknown'];
/** same, self, a dotted name, `.name`, a literal. */
const FORMS = [/^[A-Za-z_][\w.]*$/, /^\.\w+(\(\))?$/, /^(None|True|False|-?[\d.]+|"[^"]*")$/];
const KEYS = new Set(['torch', 'strategy', 'signature', 'to', 'kind', 'reason', 'remedy', 'note', 'returns', 'inplace']);

function fault(file: string, line: number, message: string): TradewindError {
  return new TradewindError({ code: 'input', message, where: `${file}:${line}`, remedy: 'kernel/operators/README.md describes a row.' });
}

/** `(input, dim=None, *, keepdim=False)` → parameters. */
export function parseSignature(text: string): SignatureParameter[] | undefined {
  const inner = /^\((.*)\)$/s.exec(text.trim())?.[1];
  if (inner === undefined) return undefined;
  const found: SignatureParameter[] = [];
  let keywordOnly = false;
  for (const part of splitTop(inner)) {
    const match = /^(\*{0,2})\s*([A-Za-z_]\w*)?\s*(?:=\s*(.+))?$/s.exec(part);
    if (!match) return undefined;
    const [, star, name, value] = match;
    if (star === '*' && !name) keywordOnly = true;
    else if (!name) return undefined;
    else {
      found.push({ name, value, keywordOnly, ...(star ? { star: star as '*' | '**' } : {}) });
      if (star === '*') keywordOnly = true;
    }
  }
  return found;
}

/** Splits at commas that are in no bracket or quotes. */
export function splitTop(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let quote = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!;
    if (quote) {
      if (c === '\\') at++;
      else if (c === quote) quote = '';
    } else if (c === '"' || c === "'") quote = c;
    else if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c)) depth--;
    else if (c === ',' && depth === 0) {
      found.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  found.push(text.slice(from).trim());
  return found.filter((part) => part !== '');
}

/** The rows of one YAML file. Every fault names file and line. */
export function parseRows(text: string, file: string): Row[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const lineOf = (node: Node | null | undefined) => (node?.range ? lines.linePos(node.range[0]).line : 1);
  const broken = document.errors[0];
  if (broken) throw fault(file, lines.linePos(broken.pos[0]).line, `this is no valid YAML: ${broken.message.split('\n')[0]}`);
  if (document.contents === null) return [];
  if (!isSeq(document.contents)) throw fault(file, 1, 'an operator file is a list of rows');
  return document.contents.items.map((item) => {
    if (!isMap(item)) throw fault(file, lineOf(item as Node), 'a row is a mapping with the keys torch, strategy, to');
    return parseRow(item, file, lineOf);
  });
}

function parseRow(item: YAMLMap, file: string, lineOf: (node: Node | null | undefined) => number): Row {
  const line = lineOf(item);
  for (const pair of item.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    if (!KEYS.has(key))
      throw fault(file, lineOf(pair.key as Node), `unknown key ${JSON.stringify(key)} in a row; known are ${[...KEYS].join(', ')}`);
  }
  const at = (key: string) => lineOf(item.get(key, true) as Node | undefined) || line;
  const data = item.toJSON() as Record<string, unknown>;
  const names = [data.torch].flat().filter((name): name is string => typeof name === 'string' && /^[A-Za-z_][\w.]*$/.test(name));
  if (names.length === 0 || names.length !== [data.torch].flat().length)
    throw fault(file, line, 'a row needs `torch`: a dotted name, or a list of them');
  const strategy = data.strategy as Strategy;
  if (!STRATEGIES.includes(strategy))
    throw fault(file, at('strategy'), `strategy ${JSON.stringify(data.strategy)} is none of ${STRATEGIES.join(', ')}`);
  if (strategy === 'unsupported') {
    if (typeof data.reason !== 'string' || typeof data.remedy !== 'string')
      throw fault(file, line, `${names[0]}: an unsupported row needs reason and remedy`);
  } else if (data.to === undefined) throw fault(file, line, `${names[0]}: a row needs \`to\``);
  const signature = data.signature === undefined ? undefined : parseSignature(String(data.signature));
  if (data.signature !== undefined && !signature)
    throw fault(file, at('signature'), `${names[0]}: the signature is not of the form (a, b=1, *, c=None)`);
  let to: Record<Target, string> | undefined;
  if (data.to !== undefined) {
    if (typeof data.to === 'string') to = { portable: data.to, ascend: data.to };
    else {
      const byTarget = data.to as Record<string, unknown> | null;
      if (typeof byTarget !== 'object' || byTarget === null || typeof byTarget.portable !== 'string')
        throw fault(file, at('to'), `${names[0]}: \`to\` is a text, or a mapping with portable (and ascend)`);
      to = { portable: byTarget.portable, ascend: typeof byTarget.ascend === 'string' ? byTarget.ascend : byTarget.portable };
    }
    for (const text of new Set(Object.values(to))) {
      if (!FORMS.some((form) => form.test(text)) && !(signature && text.includes('{')) && !(signature?.length === 0))
        throw fault(file, at('to'), `${names[0]}: \`to\` is no name, literal or template with a signature: ${text}`);
      for (const [, used] of text.matchAll(/\{(\w+)\}/g)) {
        if (!signature?.some((one) => one.name === used))
          throw fault(file, at('to'), `${names[0]}: \`to\` names {${used}}, which is not in the signature`);
      }
    }
  }
  const returns = (data.returns ?? 'tensor') as Returns;
  if (!RETURNS.includes(returns))
    throw fault(file, at('returns'), `returns ${JSON.stringify(data.returns)} is none of ${RETURNS.join(', ')}`);
  if (data.kind !== undefined && data.kind !== 'attribute') throw fault(file, at('kind'), 'kind is `attribute` or absent');
  const text = (key: string) => (typeof data[key] === 'string' ? { [key]: data[key] as string } : {});
  return {
    names,
    strategy,
    signature,
    to,
    ...(data.kind ? { kind: 'attribute' as const } : {}),
    ...text('reason'),
    ...text('remedy'),
    ...text('note'),
    returns,
    inplace: data.inplace === true,
    file,
    line,
  };
}

/** Reads the whole folder. A name in two rows is a fault. */
export function loadTable(folder: string): Table {
  const rows: Row[] = [];
  for (const name of readdirSync(folder).sort()) {
    if (name.endsWith('.yaml')) rows.push(...parseRows(readFileSync(join(folder, name), 'utf8'), name));
  }
  return indexRows(
    rows,
    () => readMeasurements(join(folder, 'measured')),
    () => readDocumented(join(folder, 'documented.json')),
  );
}

export function indexRows(
  rows: readonly Row[],
  readMeasured: () => Map<string, OperatorMeasurement> = () => new Map(),
  readPlatforms: () => Platforms = () => new Map(),
): Table {
  const byName = new Map<string, Row>();
  const namespaces = new Set<string>();
  for (const row of rows) {
    for (const name of row.names) {
      const other = byName.get(name);
      if (other) throw fault(row.file, row.line, `${name} has a row already, at ${other.file}:${other.line}`);
      byName.set(name, row);
      for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) namespaces.add(name.slice(0, dot));
    }
  }
  let measured: Map<string, OperatorMeasurement> | undefined;
  let platforms: Platforms | undefined;
  return {
    rows,
    row: (name) => byName.get(name),
    has: (name) => byName.has(name),
    isNamespace: (name) => namespaces.has(name) && !byName.has(name),
    covers: (name) => namespaces.has(name.split('.')[0]!),
    measurement: (name) => {
      measured ??= readMeasured();
      return measured.get(name);
    },
    documented: (row, api, target) => {
      platforms ??= readPlatforms();
      return documentedFor(row, api, target, platforms);
    },
  };
}

function readMeasurements(folder: string): Map<string, OperatorMeasurement> {
  const found = new Map<string, OperatorMeasurement>();
  if (!existsSync(folder)) return found;
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith('.json')) continue;
    try {
      for (const [row, value] of Object.entries(JSON.parse(readFileSync(join(folder, name), 'utf8'))))
        found.set(row, value as OperatorMeasurement);
    } catch (error) {
      throw new TradewindError({
        code: 'input',
        message: `this is no valid JSON: ${(error as Error).message}`,
        where: `measured/${name}`,
        remedy: 'Measure the family again: python -m tradewind.measure.',
      });
    }
  }
  return found;
}
