/** `score`: the shorter word for `evaluate`; one definition serves both. */
import type { SkillRecord } from '../records/skill.ts';
import type { Command } from './command.ts';
import { evaluate } from './evaluate.ts';

export const score: Command<SkillRecord> = {
  ...evaluate,
  name: 'score',
  summary: 'the same as evaluate',
  examples: ['score runs/first --truth ocean.zarr --climatology climatology.zarr'],
};
