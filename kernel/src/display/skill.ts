/** An evaluation as text and static HTML. */
import type { SkillRecord } from '../records/skill.ts';
import type { Display } from './display.ts';
import { skillHtml } from './skillHtml.ts';
import { skillText } from './skillText.ts';

export function display(record: SkillRecord): Display {
  return { text: skillText(record), html: skillHtml(record) };
}
