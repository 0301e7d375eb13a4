/** `chips`: the whole catalogue with the paper's figures, and all that was looked for on this machine. */
import type { ChipsRecord } from '../records/chips.ts';
import { chipsRecord } from './chips-record.ts';
import type { Command } from './command.ts';

export const chips: Command<ChipsRecord> = {
  name: 'chips',
  summary: 'list every chip of the catalogue with its figures and what was found',
  details: `The figures are the paper's; where it contradicts itself every figure is listed with its source. What is here is measured: the drivers' tools (nvidia-smi, npu-smi, hy-smi, rocm-smi) are run, and the frameworks of each Python are asked.

Other Python environments are added as engines in engines.yaml, in the working folder or in ~/.config/tradewind:

engines: [{name: npu-env, chip: 910b, framework: mindspore, python: ~/envs/ms/bin/python, environment: {ASCEND_RT_VISIBLE_DEVICES: "0"}}]`,
  examples: ['chips', 'chips --json chips.json'],
  positionals: [],
  options: [],
  run: (_, context) => chipsRecord(context, true),
};
