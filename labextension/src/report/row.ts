/** One use of a report: what it is and where, the source line beside its replacement, what is known of its error, why, and what to do. */
import { placeOf } from '../../../kernel/src/records/place.ts';
import type { OperatorMeasurement, Strategy, Use, UseStatus } from '../../../kernel/src/records/report.ts';
import { strategyText } from '../../../kernel/src/records/strategy.ts';
import { element, prose } from '../element.ts';
import { counted, number } from '../format.ts';
import { difference, type Piece } from './difference.ts';

/** A sign beside each word, so that none is told by its colour alone. */
export const STATUS_SIGNS: Record<UseStatus, string> = { unsupported: '✕', maybe: '?', migrated: '✓' };

export const STATUS_MEANINGS: Record<UseStatus, string> = {
  unsupported: 'has no replacement: raises a clear error when it is reached',
  maybe: 'could not be told for sure: look at it',
  migrated: 'replaced',
};

export const STRATEGY_MEANINGS: Record<Strategy, string> = {
  equivalent: 'MindSpore has an operator that does the same',
  custom: 'written out in tradewind_compat.py from operators that MindSpore has',
  restructured: 'the code around it was changed to say the same thing in another way',
  unsupported: 'no strategy covers it',
};

/** Which rows the user has opened; rows come and go while the list is scrolled. */
export type OpenRows = WeakSet<Use>;

export function useRow(use: Use, opened: OpenRows): HTMLElement {
  const hidden = details(use);
  const looked = use.status === 'migrated' && use.grade === 'needs a look';
  const open = opened.has(use);
  const more = element('div', { class: 'tw-use-more', attributes: { hidden: !open } }, ...hidden);
  const toggle = element(
    'button',
    {
      class: 'tw-use-toggle',
      attributes: {
        type: 'button',
        'aria-expanded': String(open),
        'aria-label': `${use.api}, ${use.status}, ${use.cell === undefined ? `${use.file} line ${use.line}` : placeOf(use)}`,
      },
      on: {
        click: () => {
          more.hidden = !more.hidden;
          toggle.setAttribute('aria-expanded', String(!more.hidden));
          if (more.hidden) opened.delete(use);
          else opened.add(use);
        },
      },
    },
    element('span', { class: 'tw-use-arrow', attributes: { 'aria-hidden': 'true' }, text: '›' }),
    statusBadge(use.status),
    element('code', { class: 'tw-use-api', text: use.api }),
    // An unsupported use has no strategy but that.
    use.strategy !== 'unsupported' &&
      element('span', { class: `tw-tag tw-strategy-${use.strategy}`, title: STRATEGY_MEANINGS[use.strategy], text: strategyText(use) }),
    looked && element('span', { class: 'tw-tag', title: 'This rewrite was made and may be wrong here: read why.', text: 'needs a look' }),
    element('span', { class: 'tw-use-place', title: placeOf(use), text: placeOf(use) }),
  );
  return element(
    'div',
    { class: `tw-use tw-use-${use.status}` },
    toggle,
    beside(use),
    (use.status !== 'migrated' || looked) && use.reason ? labelled('Why', use.reason) : null,
    use.remedy ? labelled('To do', use.remedy) : null,
    element('p', { class: 'tw-use-evidence' }, ...evidence(use)),
    more,
  );
}

export function statusBadge(status: UseStatus): HTMLElement {
  return element(
    'span',
    { class: `tw-status tw-status-${status}`, title: STATUS_MEANINGS[status] },
    element('span', { attributes: { 'aria-hidden': 'true' }, text: STATUS_SIGNS[status] }),
    ` ${status}`,
  );
}

/** The source text and what stands in its place, with the changed parts marked. */
function beside(use: Use): HTMLElement {
  // An unsupported use's line raises an error in place of the call: there is nothing to compare.
  const plain = (text: string) => [{ text, changed: false }];
  const { from, to } = use.status === 'unsupported' ? { from: plain(use.from), to: plain(use.to) } : difference(use.from, use.to);
  return element(
    'div',
    { class: 'tw-use-code' },
    pane('source', use.line, from, 'del'),
    use.to === ''
      ? element('div', { class: 'tw-pane' }, element('span', { class: 'tw-muted', text: 'nothing: removed' }))
      : pane('replacement', use.toLine, to, 'ins'),
  );
}

function pane(name: string, line: number | undefined, pieces: Piece[], changed: 'del' | 'ins'): HTMLElement {
  const code = element('code', { class: 'tw-pane-code' });
  for (const piece of pieces) code.append(piece.changed ? element(changed, { text: piece.text }) : piece.text);
  return element(
    'div',
    { class: `tw-pane tw-pane-${name}`, attributes: { role: 'group', 'aria-label': line === undefined ? name : `${name}, line ${line}` } },
    element('span', { class: 'tw-pane-line', attributes: { 'aria-hidden': 'true' }, text: line === undefined ? '' : String(line) }),
    code,
  );
}

function labelled(label: string, text: string): HTMLElement {
  return element(
    'p',
    { class: 'tw-use-note' },
    element('span', { class: 'tw-use-label', text: label }),
    element('span', {}, ...prose(text)),
  );
}

/** What is known of the replacement: measured, or only documented, and which. */
function evidence(use: Use): HTMLElement[] {
  const parts: HTMLElement[] = [];
  if (use.measured) parts.push(fact('measured', errors(use.measured)));
  else if (use.status !== 'unsupported')
    parts.push(element('span', { class: 'tw-muted', text: use.unmeasured ? `not measured: ${use.unmeasured}` : 'not measured' }));
  if (use.documented?.length) parts.push(fact('documented', `for ${use.documented.join(', ')}`));
  return parts;
}

function fact(word: string, text: string): HTMLElement {
  return element('span', { class: `tw-fact tw-fact-${word}` }, element('span', { class: 'tw-fact-word', text: word }), ` ${text}`);
}

/** "forward 1.2 ε, gradient 2.5 ε, 12 of 12 samples": ε is the rounding of float32, which the report's foot explains. */
function errors({ forward, gradient, passed, samples }: OperatorMeasurement): string {
  const parts: string[] = [];
  if (forward !== undefined) parts.push(`forward ${number(forward, 2)} ε`);
  if (gradient !== undefined) parts.push(`gradient ${number(gradient, 2)} ε`);
  parts.push(`${passed} of ${counted(samples, 'sample')} passed`);
  return parts.join(', ');
}

function details(use: Use): HTMLElement[] {
  const rows: [string, string][] = [
    ['Place', `${use.cell === undefined ? `${use.file}, line ${use.line}` : placeOf(use)}, column ${use.column + 1}`],
    ['Strategy', `${strategyText(use)}: ${STRATEGY_MEANINGS[use.strategy]}`],
  ];
  if (use.status === 'migrated' && use.reason) rows.push(['Why', use.reason]);
  if (use.shapes?.length) rows.push(['Seen in the trace', use.shapes.join('  ')]);
  if (use.measured)
    rows.push(
      ['Types measured', use.measured.dtypes.join(', ') || 'none'],
      ['Measured with', `PyTorch ${use.measured.torch}, MindSpore ${use.measured.mindspore}`],
    );
  return [
    element(
      'dl',
      { class: 'tw-facts' },
      ...rows.flatMap(([name, value]) => [element('dt', { text: name }), element('dd', { text: value })]),
    ),
  ];
}
