/**
 * Engines that the user adds: other Python environments and machines, from `engines.yaml` in the working folder or, where there is none,
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
 *       - name: npu-node                 # in a Slurm allocation
 *         chip: 910b
 *         framework: mindspore
 *         modules: [cann/8.5.0]
 *         place: {slurm: {partition: npu, gres: "npu:1", time: "2:00:00"}}
 */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { FRAMEWORKS, type Framework, isFramework } from '../records/chips.ts';
import { TradewindError } from '../records/errors.ts';
import { didYouMean } from '../records/nearest.ts';
import { CATALOGUE, findChip } from './catalogue.ts';
import { absolute, placeOf } from './place-yaml.ts';
import { isSlurm, type Place } from './places.ts';
import { type Fault, nodeAt, only, textOf, variablesOf, wordsOf } from './yaml-faults.ts';

export interface UserEngine {
  name: string;
  title: string;
  /** A chip of the catalogue. */
  chip: string;
  framework: Framework;
  /** Absolute; empty for one behind a server, and for one in Slurm that runs on the environment that set-up made. */
  python: string;
  place: Place;
  /** Environment modules to load before Python starts, in order. */
  modules: string[];
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

export const ENGINE_KEYS = ['name', 'chip', 'framework', 'python', 'place', 'title', 'modules', 'environment'] as const;
const REQUIRED = ['name', 'chip', 'framework'] as const;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** The engines of a file's text. `file` names it in errors, and relative paths to Python are taken from its folder. */
export function parseEngines(text: string, file: string): UserEngine[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number | undefined) => `${file}:${lines.linePos(offset ?? 0).line}`;
  const fault: Fault = (node, message, remedy) => {
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
    const place = item.has('place') ? placeOf(nodeAt(item, 'place'), file, fault) : 'local';
    if (!isSlurm(place) && item.has('python') === item.has('place'))
      fault(item, 'an engine needs either python (on this machine, or with place: slurm) or place (a Jupyter server, hub or gateway)');
    const [name, chip, framework] = REQUIRED.map((key) => textOf(item, key, fault)) as [string, string, string];
    const python = item.has('python') ? textOf(item, 'python', fault) : '';
    const node = (key: string) => nodeAt(item, key);
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
      place,
      modules: item.has('modules') ? modulesOf(item, place, fault) : [],
      environment: item.has('environment') ? variablesOf(node('environment'), fault) : {},
      where: at(item.range?.[0]),
    };
  });
}

const MODULE = /^[A-Za-z0-9][\w.+/@:=-]*$/;

function modulesOf(item: YAMLMap, place: Place, fault: Fault): string[] {
  if (place !== 'local' && !isSlurm(place))
    return fault(
      nodeAt(item, 'modules'),
      'modules are loaded before Python starts, and behind a server another process starts it',
      'Put module load into the kernelspec there.',
    );
  return wordsOf(item, 'modules', fault).map(({ word, node }) =>
    MODULE.test(word) ? word : fault(node, `${word} is no name of a module, as cann/8.5.0`),
  );
}
