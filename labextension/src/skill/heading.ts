/** The words round the maps: what was scored, the verdict of a comparison, whose curve is which, notes, provenance. */
import type { SkillRecord } from '../../../kernel/src/records/skill.ts';
import { element, fill } from '../element.ts';
import { counted } from '../format.ts';
import { seriesStyles } from './curves.ts';

export interface Heading {
  title: HTMLElement;
  verdict: HTMLElement;
  legend: HTMLElement;
  notes: HTMLElement;
  foot: HTMLElement;
  show(record: SkillRecord): void;
}

export function heading(): Heading {
  const title = element('div', { class: 'tw-title' });
  const verdict = element('div', { class: 'tw-skill-verdict' });
  const legend = element('div', { class: 'tw-skill-legend' });
  const notes = element('div', { class: 'tw-skill-notes' });
  const foot = element('p', { class: 'tw-foot' });
  return {
    title,
    verdict,
    legend,
    notes,
    foot,
    show(record) {
      const names = record.forecasts.map(({ name }) => name);
      fill(
        title,
        element('h3', { text: `Skill of ${names.join(' and ')}` }),
        element('span', {
          class: 'tw-subtitle',
          text: `${counted(record.initialTimes, 'initial time')} · ${counted(record.leadTimes.length, 'lead')}`,
        }),
      );
      fill(
        legend,
        ...seriesStyles(record, (variable) => `var(${variable})`).map(({ name, colour, dash }) =>
          element(
            'span',
            { class: 'tw-skill-series' },
            element('span', {
              class: `tw-stroke${dash.length > 0 ? ' tw-stroke-dash' : ''}`,
              style: { color: colour },
              attributes: { 'aria-hidden': 'true' },
            }),
            name,
          ),
        ),
      );
      const answer = record.verdict;
      const words = answer && `${answer.good ? '✓' : '✗'} ${answer.words}`;
      fill(verdict, answer && element('p', { class: answer.good ? 'tw-good' : 'tw-bad', text: words }));
      fill(notes, ...record.notes.map((note) => element('p', { class: 'tw-warn', text: `! ${note}` })));
      foot.textContent = [record.provenance, record.significance && `dots: ${record.significance.test}`].filter(Boolean).join(' · ');
    },
  };
}
