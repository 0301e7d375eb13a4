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
 *       - name: ascend-server            # on another machine, through its Jupyter server
 *         chip: 910b
 *         framework: mindspore
 *         place:
 *           url: https://ascend.example.org/
 *           kernelspec: python3          # optional
 *           token: {env: ASCEND_TOKEN}   # or {file: ~/.config/tradewind/ascend.token}, mode 0600
 */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { FRAMEWORKS, type Framework } from '../records/chips.ts';
import { TradewindError } from '../records/errors.ts';
import { didYouMean } from '../records/nearest.ts';
import { CATALOGUE, findChip } from './catalogue.ts';

/** A Jupyter server; engines/spec.ts has the same shape. */
export interface UserPlace {
  url: string;
  kernelspec: string;
  token?: { env: string } | { file: string };
}

export interface UserEngine {
  name: string;
  title: string;
  /** A chip of the catalogue. */
  chip: string;
  framework: Framework;
  /** Absolute; empty for one on another machine. */
  python: string;
  place: 'local' | UserPlace;
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

export const ENGINE_KEYS = ['name', 'chip', 'framework', 'python', 'place', 'title', 'environment'] as const;
export const PLACE_KEYS = ['url', 'kernelspec', 'token'] as const;
const REQUIRED = ['name', 'chip', 'framework'] as const;
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
    only(item, ENGINE_KEYS, fault);
    for (const key of REQUIRED) if (!item.has(key)) fault(item, `an engine needs ${key}`);
    if (item.has('python') === item.has('place'))
      fault(item, 'an engine needs either python (on this machine) or place (a Jupyter server)');
    const [name, chip, framework] = REQUIRED.map((key) => textOf(item, key, fault)) as [string, string, string];
    const python = item.has('python') ? textOf(item, 'python', fault) : '';
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
      python: python && absolute(python, file),
      place: item.has('place') ? placeOf(node('place'), file, fault) : 'local',
      environment: item.has('environment') ? variablesOf(node('environment'), fault) : {},
      where: at(item.range?.[0]),
    };
  });
}

type Fault = (node: Node | undefined | null, message: string, remedy?: string) => never;

function absolute(path: string, file: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(dirname(file), path);
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** A place, whose secrets are elsewhere: a token in the file itself, or one that would go over the network in clear, is refused. */
function placeOf(node: Node, file: string, fault: Fault): UserPlace {
  if (!isMap(node)) return fault(node, `place must be a mapping with ${PLACE_KEYS.join(', ')}`);
  only(node, PLACE_KEYS, fault);
  if (!node.has('url')) fault(node, 'a place needs url');
  const at = (key: string) => node.get(key, true) as Node;
  const text = textOf(node, 'url', fault);
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol))
    return fault(at('url'), 'url must begin with https:// (or http:// on this machine)');
  if (url.username || url.password || url.search || url.hash)
    return fault(
      at('url'),
      'url must hold no user, password, token or query',
      'Name where the token is: token: {env: NAME} or {file: PATH}.',
    );
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname))
    return fault(
      at('url'),
      `http:// would send the token to ${url.hostname} in clear`,
      'Use https://, or an ssh tunnel: ssh -L 8888:localhost:8888 HOST, and http://localhost:8888/.',
    );
  const place: UserPlace = { url: url.href, kernelspec: node.has('kernelspec') ? textOf(node, 'kernelspec', fault) : 'python3' };
  if (!node.has('token')) return place;
  const token = at('token');
  const remedy = 'Write token: {env: NAME} or token: {file: PATH}; the token itself never stands in this file.';
  if (!isMap(token) || token.items.length !== 1) return fault(token, 'token says where the token is: one of env, file', remedy);
  only(token, ['env', 'file'], fault);
  if (token.has('env')) {
    const name = textOf(token, 'env', fault);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) fault(token.get('env', true) as Node, 'env is no name of an environment variable', remedy);
    return { ...place, token: { env: name } };
  }
  return { ...place, token: { file: absolute(textOf(token, 'file', fault), file) } };
}

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
