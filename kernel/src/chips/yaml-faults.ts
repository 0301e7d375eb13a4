/** Reading of YAML nodes whose faults are told with their line and the nearest right word. */
import { isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { didYouMean } from '../records/nearest.ts';

/** Throws a TradewindError with the node's line. */
export type Fault = (node: Node | undefined | null, message: string, remedy?: string) => never;

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Refuses keys that are not in the list, with the nearest that is. */
export function only(map: YAMLMap, keys: readonly string[], fault: Fault): void {
  for (const pair of map.items as Pair[]) {
    const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
    if (!keys.includes(key)) fault(pair.key as Node, `unknown key ${key}${didYouMean(key, keys)}`, `Keys: ${keys.join(', ')}.`);
  }
}

export function nodeAt(map: YAMLMap, key: string): Node {
  return map.get(key, true) as Node;
}

/** The text of a key's value; a number's as it is written. */
export function textOf(map: YAMLMap, key: string, fault: Fault): string {
  const node = map.get(key, true) as Node | undefined;
  return text(node) ?? fault(node ?? map, `${key} must be a word`);
}

/** A list of words, or one word. */
export function wordsOf(map: YAMLMap, key: string, fault: Fault): { word: string; node: Node }[] {
  const node = nodeAt(map, key);
  const items = isSeq(node) ? (node.items as Node[]) : [node];
  return items.map((item) => ({ word: text(item) ?? fault(item ?? node, `${key} must be a list of words`), node: item }));
}

function text(node: Node | undefined | null): string | undefined {
  if (!isScalar(node) || (typeof node.value !== 'string' && typeof node.value !== 'number') || String(node.value).trim() === '')
    return undefined;
  // A chip's name may look like a number (3090), or like one in powers of ten (910e3): the text is what was meant.
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

/** The value of `{env: NAME}`. */
export function variableName(map: YAMLMap, fault: Fault, remedy?: string): string {
  const name = textOf(map, 'env', fault);
  if (!VARIABLE.test(name)) fault(nodeAt(map, 'env'), 'env is no name of an environment variable', remedy);
  return name;
}

/** A mapping of environment variables to text. */
export function variablesOf(node: Node, fault: Fault): Record<string, string> {
  if (!isMap(node)) return fault(node, 'environment must be a mapping of variables to text');
  const variables: Record<string, string> = {};
  for (const pair of node.items as Pair[]) {
    const name = isScalar(pair.key) ? String(pair.key.value) : '';
    if (!VARIABLE.test(name)) fault(pair.key as Node, `${name || 'this'} is no name of an environment variable`);
    const value = pair.value as Node | null;
    if (!isScalar(value) || value.value === null || typeof value.value === 'object')
      return fault(value ?? (pair.key as Node), `${name} must be text`);
    variables[name] = typeof value.value === 'string' ? value.value : (value.source ?? String(value.value));
  }
  return variables;
}
