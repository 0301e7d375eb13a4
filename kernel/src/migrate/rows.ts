/** One YAML file of kernel/operators → rows, checked against the schema (kernel/operators/README.md); every fault names file and line. */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import type { Strategy } from '../records/report.ts';
import { fault, type Returns, type Row, type SignatureParameter, type Target } from './table.ts';

const STRATEGIES = ['equivalent', 'custom', 'restructured', 'unsupported'];
const RETURNS = ['tensor', 'tensors', 'number', 'shape', 'dtype', 'none', 'self', 'unknown'];
/** same, self, a dotted name, `.name`, a literal. */
const FORMS = [/^[A-Za-z_][\w.]*$/, /^\.\w+(\(\))?$/, /^(None|True|False|-?[\d.]+|"[^"]*")$/];
const KEYS = new Set(['torch', 'strategy', 'signature', 'to', 'kind', 'reason', 'remedy', 'note', 'returns', 'inplace', 'call']);

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
  if (data.call !== undefined && !/^[A-Za-z_][\w.]*$/.test(String(data.call)))
    throw fault(file, at('call'), `${names[0]}: \`call\` is a dotted name`);
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
    ...text('call'),
    returns,
    inplace: data.inplace === true,
    file,
    line,
  };
}
