/**
 * Engines that the user adds: other Python environments, from `engines.yaml` in the working folder or, where there is none,
 * `~/.config/tradewind/engines.yaml`. Checked by hand, so that each fault is told with its line and the nearest right word.
 *
 *     engines:
 *       - name: npu-env                  # the word after %chip
 *         chip: 910b
 *         framework: mindspore
 *         python: ~/envs/ms/bin/python   # its environment must have ipykernel
 *         title: Ascend 910B, MindSpore nightly      # optional
 *         environment:                               # optional
 *           ASCEND_RT_VISIBLE_DEVICES: "0"
 */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { FRAMEWORKS, type Framework } from '../records/chips.ts';
import { TradewindError } from '../records/errors.ts';
import { didYouMean } from '../records/nearest.ts';
import { CATALOGUE, findChip } from './catalogue.ts';

export interface UserEngine {
  name: string;
  title: string;
  /** A chip of the catalogue. */
  chip: string;
  framework: Framework;
  /** Absolute. */
  python: string;
  environment: Record<string, string>;
  /** `engines.yaml:3`. */
  where: string;
}

/** Where engines are looked for; the first file that exists is the one. */
export function engineFiles(cwd: string, environment: NodeJS.ProcessEnv): string[] {
  return [join(cwd, 'engines.yaml'), join(environment.XDG_CONFIG_HOME || join(homedir(), '.config'), 'tradewind', 'engines.yaml')];
}

/** The user's engines; none where there is no file. Throws a TradewindError with the line at fault. */
export async function userEngines(cwd: string, environment: NodeJS.ProcessEnv): Promise<{ file?: string; engines: UserEngine[] }> {
  for (const file of engineFiles(cwd, environment)) {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') continue;
      throw new TradewindError({ code: 'input', message: `it cannot be read: ${(error as Error).message}`, where: file });
    }
    return { file, engines: parseEngines(text, file) };
  }
  return { engines: [] };
}

const KEYS = ['name', 'chip', 'framework', 'python', 'title', 'environment'] as const;
const REQUIRED = ['name', 'chip', 'framework', 'python'] as const;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** The engines of a file's text. `file` names it in errors, and relative paths to Python are taken from its folder. */
export function parseEngines(text: string, file: string): UserEngine[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number | undefined) => `${file}:${lines.linePos(offset ?? 0).line}`;
  const fault = (node: Node | undefined | null, message: string, remedy?: string): never => {
    throw new TradewindError({
      code: 'input',
      message,
      where: at(node?.range?.[0]),
      remedy: remedy ?? 'tradewind chips --help shows an example.',
    });
  };

  const broken = document.errors[0] ?? document.warnings[0];
  if (broken) throw new TradewindError({ code: 'input', message: `it is not valid YAML: ${broken.message}`, where: at(broken.pos[0]) });
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return [];
  if (!isMap(root)) return fault(root, 'it must be a mapping with the key engines');
  only(root, ['engines'], fault);
  const list = root.get('engines', true) as Node | undefined;
  if (!list || (isScalar(list) && list.value === null)) return [];
  if (!isSeq(list)) return fault(list, 'engines must be a list, each entry beginning with "- name: …"');

  const seen = new Map<string, string>();
  return list.items.map((item) => {
    if (!isMap(item)) return fault(item as Node, `an engine is a mapping with ${REQUIRED.join(', ')}`);
    only(item, KEYS, fault);
    for (const key of REQUIRED) if (!item.has(key)) fault(item, `an engine needs ${key}`);
    const [name, chip, framework, python] = REQUIRED.map((key) => textOf(item, key, fault)) as [string, string, string, string];
    const node = (key: string) => item.get(key, true) as Node;
    if (!NAME.test(name)) fault(node('name'), `${name} is no name for an engine: letters, digits, dots, dashes and underscores`);
    if (findChip(name)) fault(node('name'), `${name} is a chip of the catalogue: give the engine another name`);
    if (seen.has(name)) fault(node('name'), `${name} is named already, at ${seen.get(name)}`);
    seen.set(name, at(item.range?.[0]));
    const known = findChip(chip);
    const chips = CATALOGUE.map((one) => one.name);
    if (!known) return fault(node('chip'), `there is no chip ${chip}${didYouMean(chip, chips)}`, `Chips: ${chips.join(', ')}.`);
    if (!isFramework(framework))
      return fault(node('framework'), `framework is one of ${FRAMEWORKS.join(', ')}, not ${framework}${didYouMean(framework, FRAMEWORKS)}`);
    const refusal = known.refuses?.[framework];
    if (refusal) fault(node('framework'), refusal, `Use framework: ${FRAMEWORKS.find((one) => !known.refuses?.[one])}`);
    return {
      name,
      title: item.has('title') ? textOf(item, 'title', fault) : `${name} (${known.title})`,
      chip,
      framework,
      python: python.startsWith('~/') ? join(homedir(), python.slice(2)) : resolve(dirname(file), python),
      environment: item.has('environment') ? variablesOf(node('environment'), fault) : {},
      where: at(item.range?.[0]),
    };
  });
}

type Fault = (node: Node | undefined | null, message: string, remedy?: string) => never;

function isFramework(word: string): word is Framework {
  return (FRAMEWORKS as readonly string[]).includes(word);
}

/** Refuses keys that are not in the list, with the nearest that is. */
function only(map: YAMLMap, keys: readonly string[], fault: Fault): void {
  for (const pair of map.items as Pair[]) {
    const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
    if (!keys.includes(key)) fault(pair.key as Node, `unknown key ${key}${didYouMean(key, keys)}`, `Keys: ${keys.join(', ')}.`);
  }
}

function textOf(map: YAMLMap, key: string, fault: Fault): string {
  const node = map.get(key, true) as Node | undefined;
  if (!isScalar(node) || (typeof node.value !== 'string' && typeof node.value !== 'number') || String(node.value).trim() === '') {
    return fault(node ?? map, `${key} must be a word`);
  }
  // A chip's name may look like a number (3090), or like one in powers of ten (910e3): the text is what was meant.
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

function variablesOf(node: Node, fault: Fault): Record<string, string> {
  if (!isMap(node)) return fault(node, 'environment must be a mapping of variables to text');
  const variables: Record<string, string> = {};
  for (const pair of node.items as Pair[]) {
    const name = isScalar(pair.key) ? String(pair.key.value) : '';
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) fault(pair.key as Node, `${name || 'this'} is no name of an environment variable`);
    const value = pair.value as Node | null;
    if (!isScalar(value) || value.value === null || typeof value.value === 'object')
      return fault(value ?? (pair.key as Node), `${name} must be text`);
    variables[name] = typeof value.value === 'string' ? value.value : (value.source ?? String(value.value));
  }
  return variables;
}
