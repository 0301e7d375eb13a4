/** What the dots on A − B mean, under its colour bar; and where there are none because nothing was tested, that too: no dots look like no difference. */
import { leadTitle, type SkillRecord } from '../../../kernel/src/records/skill.ts';
import { element } from '../element.ts';
import { number } from '../format.ts';
import type { FieldKey, Significant } from './fields.ts';
import { metricTitle } from './metrics.ts';

export interface DotsKey {
  node: HTMLElement;
  show(words: string | undefined, dotted: boolean): void;
}

export function dotsKey(): DotsKey {
  const sample = element('span', { class: 'tw-dots', attributes: { 'aria-hidden': 'true' } });
  const words = element('span');
  const node = element('div', { class: 'tw-dots-key' }, sample, words);
  return {
    node,
    show(next, dotted) {
      node.hidden = next === undefined;
      sample.hidden = !dotted;
      words.textContent = next ?? '';
    },
  };
}

/** Undefined where the comparison tested no maps. */
export function dotsWords({ significance, leadTimes }: SkillRecord, key: FieldKey, found: Significant | undefined): string | undefined {
  if (!significance) return undefined;
  if (found) return `dotted: A and B differ by more than chance (${number(100 * found.share, 2)} % of the cells)`;
  const tested = significance.masks.filter(({ variable }) => variable === key.variable);
  const metrics = [...new Set(tested.map(({ metric }) => metric))];
  if (!metrics.some((metric) => metric === key.metric)) return `not tested, so without dots: tested ${areOf(metrics.map(metricTitle))}`;
  const leads = tested.filter(({ metric }) => metric === key.metric).map(({ lead }) => leadTitle(leadTimes[lead]!));
  return `not tested at this lead, so without dots: tested ${areOf(leads)}`;
}

const areOf = (names: readonly string[]) =>
  names.length === 0 ? 'are other variables' : `${names.length > 1 ? 'are' : 'is'} ${names.join(', ')}`;
