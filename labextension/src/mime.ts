/** Registers the renderers of Tradewind's own MIME types. Each widget's code is loaded when its first output is shown. */
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { ChipsRecord } from '../../kernel/src/records/chips.ts';
import { MIME_TYPES } from '../../kernel/src/records/record.ts';
import type { ReportRecord } from '../../kernel/src/records/report.ts';
import type { SkillRecord } from '../../kernel/src/records/skill.ts';
import type { TogetherRecord } from '../../kernel/src/records/together.ts';
import type { TrainingRecord } from '../../kernel/src/records/training.ts';
import { recordRenderer } from './renderer.ts';

const renderers: IRenderMime.IExtension[] = [
  recordRenderer<ReportRecord>(MIME_TYPES.report, {
    name: 'report',
    label: 'operator-compatibility report',
    load: async () => (await import('./report/report.ts')).drawReport,
  }),
  recordRenderer<TrainingRecord>(MIME_TYPES.training, {
    name: 'loss',
    label: 'loss curve',
    load: async () => (await import('./loss/loss.ts')).drawLoss,
  }),
  recordRenderer<SkillRecord>(MIME_TYPES.skill, {
    name: 'skill',
    label: 'skill map',
    load: async () => (await import('./skill/skill.ts')).drawSkill,
  }),
  recordRenderer<ChipsRecord>(MIME_TYPES.chips, {
    name: 'chips',
    label: 'table of chips',
    load: async () => (await import('./chips/chips.ts')).drawChips,
  }),
  recordRenderer<TogetherRecord>(MIME_TYPES.together, {
    name: 'together',
    label: 'outputs of several engines',
    load: async () => (await import('./together/together.ts')).drawTogether,
  }),
];

export default renderers;
