/** Optimisations of a chip: what each sets, for whom it is advised and why (documented), and what it changed where it ran (measured). */
import {
  type AdviceRecord,
  type AdvisedOptimisation,
  type AppliedOptimisation,
  changePct,
  type OptimisationEffect,
} from '../records/advice.ts';
import type { Display } from './display.ts';
import { block, type Content, element, mark, provenance, sign, table } from './html.ts';
import { provenanceOf } from './provenance.ts';
import { MARKS } from './quantities.ts';
import { bytes, duration, textTable, wrap } from './text.ts';

function pair(on: string, off: string, change: number): string {
  const size = Math.abs(change).toFixed(Math.abs(change) < 9.95 ? 1 : 0);
  const sign = Number(size) === 0 ? '±' : change > 0 ? '+' : '−';
  return `${off} → ${on} (${sign}${size} %)`;
}

/** Time, first step, memory and loss: without → with. */
export function effectCells({ seconds, firstSeconds, memory, loss }: OptimisationEffect): string[] {
  return [
    pair(duration(seconds.on), duration(seconds.off), changePct(seconds)),
    pair(duration(firstSeconds.on), duration(firstSeconds.off), changePct(firstSeconds)),
    memory ? pair(bytes(memory.on), bytes(memory.off), changePct(memory)) : 'not told',
    pair(loss.on.toPrecision(5), loss.off.toPrecision(5), changePct(loss)),
  ];
}

const EFFECT_HEADS = ['a step', 'first step', 'peak of memory', 'loss, last step'];

/** What it sets, in the words of its command. */
function setting({ name, sets }: AdvisedOptimisation): string {
  const words = [
    sets.train.length > 0 || sets.environment.length > 0 ? `train --optimise ${name}` : '',
    ...sets.migrate.map((option) => `migrate ${option}`),
  ];
  return [words.filter(Boolean).join('; '), [...sets.train, ...sets.environment].join(', ')].filter(Boolean).join(': ');
}

/** What a run's record says of its optimisations, a line each. */
export function appliedLines(applied: readonly AppliedOptimisation[]): string[] {
  return applied.map(({ title, changed, effect, source }) => {
    const [time, , memory, loss] = effect ? effectCells(effect) : [];
    const measured = effect ? `${MARKS.measured}: a step ${time}, memory ${memory}, loss ${loss}` : 'not measured here';
    return `${title} (${changed.join(', ')}). Documented: ${source}. ${measured[0]!.toUpperCase()}${measured.slice(1)}.`;
  });
}

export function display(record: AdviceRecord): Display {
  const { optimisations, title, framework, file } = record;
  const verdict = (one: AdvisedOptimisation) => (one.advised ? 'advised' : 'not advised');
  const measured = optimisations.filter((one) => one.effect);
  const failed = optimisations.filter((one) => one.unmeasured !== undefined);
  const [effect] = measured.map((one) => one.effect!);
  const caption = effect && `${file ?? 'A training'} without → with, ${MARKS.measured}, ${effect.steps} steps on ${effect.device}`;
  const unmeasured = failed.map(({ name, unmeasured: reason }) => `${name}: not measured (${reason})`);
  return {
    get text() {
      return [
        ...(caption
          ? [
              wrap(caption, 80).join('\n'),
              ...measured.map((one) =>
                [one.name, ...effectCells(one.effect!).map((cell, at) => `  ${EFFECT_HEADS[at]}: ${cell}`)].join('\n'),
              ),
            ]
          : []),
        ...unmeasured.map((line) => wrap(line, 80).join('\n')),
        `Optimisations for ${title} with ${framework}, documented`,
        textTable(
          ['name', 'advice', 'why'].map((head) => ({ title: head })),
          optimisations.map((one) => [one.name, sign(one.advised ? 'good' : 'neutral', verdict(one)), one.reason]),
        ),
        // Who measures knows what they are.
        ...(caption
          ? []
          : optimisations.map((one) =>
              wrap(`${one.name}: ${one.what} [${setting(one) || 'nothing to set'}] (${one.source})`, 80).join('\n'),
            )),
        wrap(provenanceOf(record), 80).join('\n'),
      ].join('\n\n');
    },
    get html() {
      return block(
        ...(caption
          ? [
              table({
                caption,
                columns: ['Name', ...EFFECT_HEADS].map((head) => ({ title: head })),
                rows: measured.map((one): Content[] => [element('code', one.name), ...effectCells(one.effect!)]),
              }),
            ]
          : []),
        ...unmeasured.map((line) => element('p', line)),
        table({
          caption: `Optimisations for ${title} with ${framework}, documented`,
          columns: ['Name', 'Advice', 'What it does', 'Sets', 'Source'].map((head) => ({ title: head })),
          rows: optimisations.map((one): Content[] => [
            element('code', one.name),
            element('span', mark(one.advised ? 'good' : 'neutral', verdict(one)), `: ${one.reason}`),
            element('span', element('strong', one.title), `. ${one.what}`),
            setting(one) === '' ? '–' : element('code', setting(one)),
            one.source,
          ]),
        }),
        provenance(provenanceOf(record)),
      ).html;
    },
  };
}
