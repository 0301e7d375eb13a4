/** `place: slurm` of engines.yaml: its keys as srun's options, each checked, so that srun gets whole arguments and nothing is read by a shell. */
import { isMap, isScalar, type Node } from 'yaml';
import { didYouMean } from '../records/nearest.ts';
import { REACHES, type Reach, type SlurmPlace } from './places.ts';
import { type Fault, nodeAt, only, textOf, variableName, wordsOf } from './yaml-faults.ts';

/** A key: srun's option, and what a value looks like (srun's manual). */
const OPTIONS: Readonly<Record<string, { option: string; pattern: RegExp; like: string }>> = {
  partition: { option: 'partition', pattern: /^[\w.,-]+$/, like: 'a partition' },
  account: { option: 'account', pattern: /^[\w.-]+$/, like: 'an account' },
  qos: { option: 'qos', pattern: /^[\w.-]+$/, like: 'a quality of service' },
  reservation: { option: 'reservation', pattern: /^[\w.,-]+$/, like: 'a reservation' },
  constraint: { option: 'constraint', pattern: /^[\w.,&|*()[\]!:@-]+$/, like: 'features of nodes, as npu910b&ib' },
  nodelist: { option: 'nodelist', pattern: /^[\w.,[\]-]+$/, like: 'nodes, as node[01-04]' },
  exclude: { option: 'exclude', pattern: /^[\w.,[\]-]+$/, like: 'nodes, as node[01-04]' },
  gres: { option: 'gres', pattern: /^[\w.:=,/-]+$/, like: 'generic resources, as npu:1' },
  gpus: { option: 'gpus', pattern: /^([\w.-]+:)?\d+$/, like: 'a number of cards, as 1 or a100:1' },
  cpus: { option: 'cpus-per-task', pattern: /^[1-9]\d*$/, like: 'a number of cores' },
  memory: { option: 'mem', pattern: /^\d+[KMGT]?$/, like: 'an amount of memory, as 32G' },
  time: { option: 'time', pattern: /^(\d+-\d+(:\d\d){0,2}|\d+(:\d\d){0,2})$/, like: 'a time, as 2:00:00 or 1-12' },
};

export const SLURM_KEYS = [...Object.keys(OPTIONS), 'job', 'reach', 'options'] as const;

/** What the kernel sets itself, or what would spoil the messages between it and the engine. */
const TAKEN =
  /^--(nodes|ntasks.*|job-name|jobid|chdir|input|output|error|label|pty|unbuffered|multi-prog|export.*|wait|overlap|test-only|help|usage|version)(=|$)/;

/** The word `slurm`, or a mapping `{slurm: {partition: …}}`. */
export function slurmPlaceOf(node: Node, fault: Fault): SlurmPlace {
  if (isScalar(node) || node === null) return { slurm: { options: [], reach: 'ssh' } };
  if (!isMap(node)) return fault(node, `slurm must be a mapping with ${SLURM_KEYS.join(', ')}`);
  only(node, SLURM_KEYS, fault);
  const options = Object.entries(OPTIONS).flatMap(([key, { option, pattern, like }]) => {
    if (!node.has(key)) return [];
    const value = textOf(node, key, fault);
    if (!pattern.test(value)) fault(nodeAt(node, key), `${key} must be ${like}, not ${value}`);
    return [`--${option}=${value}`];
  });
  for (const { word, node: at } of node.has('options') ? wordsOf(node, 'options', fault) : []) {
    if (!/^--[a-z][a-z-]*(=[^\0\n]*)?$/.test(word))
      fault(at, `${word} is no option of srun's`, 'Write each in its long form: options: ["--exclusive"].');
    if (TAKEN.test(word)) fault(at, `${word.replace(/=.*/, '')} is the kernel's to set`);
    options.push(word);
  }
  const reach = node.has('reach') ? textOf(node, 'reach', fault) : 'ssh';
  if (!isReach(reach))
    return fault(nodeAt(node, 'reach'), `reach is one of ${REACHES.join(', ')}, not ${reach}${didYouMean(reach, REACHES)}`);
  return { slurm: { options, reach, ...(node.has('job') && { job: jobOf(nodeAt(node, 'job'), node, fault) }) } };
}

function jobOf(node: Node, map: Parameters<typeof textOf>[0], fault: Fault): NonNullable<SlurmPlace['slurm']['job']> {
  if (isMap(node)) {
    only(node, ['env'], fault);
    return { env: variableName(node, fault) };
  }
  const number = textOf(map, 'job', fault);
  if (!/^\d+(_\d+)?$/.test(number)) fault(node, `job must be a job's number or {env: NAME}, not ${number}`);
  return { number };
}

function isReach(word: string): word is Reach {
  return (REACHES as readonly string[]).includes(word);
}
