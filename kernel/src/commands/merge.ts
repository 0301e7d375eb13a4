/** `merge`: adds parts of a score (other initial times of the same forecast) to one. */
import type { SkillRecord } from '../records/skill.ts';
import type { Command } from './command.ts';
import { chosenRegions, SCORE_OPTIONS, summary } from './evaluate.ts';

export const merge: Command<SkillRecord> = {
  name: 'merge',
  summary: 'merge parts of a score into one',
  details:
    'Scores are sums, so parts of one evaluation over different initial times are merged by addition, in any order. ' +
    'Parts that share an initial time, or differ in grid, leads, variables, truth or climatology, are refused.',
  examples: ['merge part-1.zarr part-2.zarr -o score.zarr'],
  positionals: [{ name: 'PART', kind: 'path', description: 'score stores', many: true }],
  options: [
    { name: 'output', short: 'o', value: { name: 'SCORE', kind: 'path' }, required: true, description: 'the score store to write' },
    ...SCORE_OPTIONS,
  ],
  async run(input, context) {
    const regions = chosenRegions(input.options.regions as string | undefined);
    const { mergeScores } = await import('../evaluate/merge.ts');
    const output = String(input.options.output);
    await mergeScores({
      parts: [input.positionals.PART].flat().map(String),
      output,
      signal: context.signal,
      progress: (done, total) => context.progress({ label: 'merging', done, total, unit: 'leads' }),
    });
    return summary(output, regions, input.options, context);
  },
};
