/** The operator-compatibility report: totals, filters, and every torch use with its replacement, what needs the reader's hand first. */
import type { ReportRecord, Strategy, UseStatus } from '../../../kernel/src/records/report.ts';
import { element, fill } from '../element.ts';
import { count, counted, duration, withoutCommonFolders } from '../format.ts';
import { virtualList } from '../virtual-list.ts';
import type { DrawnWidget } from '../widget.ts';
import { type Choice, EVERYTHING, filtered, ORDERS, type Order, ordered, STATUSES, STRATEGIES, tally } from './filter.ts';
import { auditSection, foot, graphSection, skippedSection } from './findings.ts';
import { type OpenRows, STATUS_MEANINGS, STATUS_SIGNS, STRATEGY_MEANINGS, useRow } from './row.ts';
import { strategyBar, switchRow } from './totals.ts';

export function drawReport(host: HTMLElement, first: ReportRecord): DrawnWidget<ReportRecord> {
  let record = first;
  let choice: Choice = EVERYTHING;
  const opened: OpenRows = new WeakSet();

  const head = element('header', { class: 'tw-head' });
  const tail = element('div', { class: 'tw-tail' });
  const statuses = switchRow(
    'status',
    STATUSES.map((status) => ({ value: status, class: `tw-status-${status}`, sign: STATUS_SIGNS[status], title: STATUS_MEANINGS[status] })),
    (value) => choose({ statuses: toggled(choice.statuses, value as UseStatus) }),
  );
  const strategies = switchRow(
    'strategy',
    STRATEGIES.map((strategy) => ({ value: strategy, class: `tw-strategy-${strategy}`, title: STRATEGY_MEANINGS[strategy] })),
    (value) => choose({ strategies: toggled(choice.strategies, value as Strategy) }),
  );
  const file = element('select', {
    class: 'tw-select tw-report-file',
    attributes: { 'aria-label': 'File' },
    on: { change: () => choose({ file: file.value === '' ? undefined : file.value }) },
  });
  const search = element('input', {
    class: 'tw-input tw-report-search',
    attributes: { type: 'search', placeholder: 'Search operators, code, reasons', 'aria-label': 'Search the uses', spellcheck: 'false' },
    on: { input: () => choose({ text: search.value }) },
  });
  const order = element(
    'select',
    {
      class: 'tw-select tw-report-order',
      attributes: { 'aria-label': 'Order' },
      on: { change: () => choose({ order: order.value as Order }) },
    },
    ...Object.entries(ORDERS).map(([value, text]) => element('option', { attributes: { value }, text })),
  );
  const shown = element('span', { class: 'tw-report-shown', attributes: { role: 'status', 'aria-live': 'polite' } });
  const clear = element('button', {
    class: 'tw-link',
    text: 'Show all',
    attributes: { type: 'button' },
    on: {
      click: () => {
        search.value = '';
        choose({ ...EVERYTHING, order: choice.order });
        search.focus();
      },
    },
  });
  const list = virtualList({ label: 'Uses of PyTorch', estimate: 104, render: (use: ReportRecord['uses'][number]) => useRow(use, opened) });
  const empty = element('p', { class: 'tw-empty' });

  function choose(change: Partial<Choice>): void {
    choice = { ...choice, ...change };
    show();
  }

  /** Draws what depends on the choice. */
  function show(): void {
    const uses = ordered(filtered(record.uses, choice), choice.order);
    statuses.show(choice.statuses, tally(record.uses, choice, 'status'));
    strategies.show(choice.strategies, tally(record.uses, choice, 'strategy'));
    const perFile = tally(record.uses, choice, 'file');
    const files = [...new Set(record.uses.map((use) => use.file))].sort();
    fill(
      file,
      element('option', { attributes: { value: '' }, text: files.length === 1 ? 'all files' : `all ${count(files.length)} files` }),
      ...files.map((name) => element('option', { attributes: { value: name }, text: `${name} (${count(perFile.get(name) ?? 0)})` })),
    );
    file.value = choice.file ?? '';
    shown.textContent =
      uses.length === record.uses.length ? counted(uses.length, 'use') : `${count(uses.length)} of ${counted(record.uses.length, 'use')}`;
    clear.hidden = uses.length === record.uses.length;
    list.node.hidden = uses.length === 0;
    empty.hidden = uses.length > 0;
    empty.textContent = record.uses.length === 0 ? 'The source does not use PyTorch.' : 'No use has all of this.';
    list.show(uses);
  }

  /** Draws what depends on the record alone. */
  function showRecord(): void {
    const { summary } = record;
    const [source, output] = withoutCommonFolders(record.source, record.output);
    fill(
      head,
      element(
        'div',
        { class: 'tw-title' },
        element('h3', { text: 'Operator compatibility' }),
        verdict(record),
        element(
          'span',
          { class: 'tw-subtitle' },
          element('code', { text: source, title: record.source }),
          ' → ',
          element('code', { text: output, title: record.output }),
        ),
      ),
      element('p', {
        class: 'tw-muted',
        text: [
          counted(summary.files, 'file'),
          counted(summary.uses, 'use'),
          `target ${record.target}`,
          record.traced ? 'traced while it ran' : 'read without running it',
          duration(summary.seconds),
        ].join(' · '),
      }),
      summary.uses > 0 && strategyBar(summary),
      (record.unreached?.length ?? 0) > 0 &&
        element('p', {
          class: 'tw-muted',
          text: `${counted(record.unreached!.length, 'use')} in vendored libraries, not reached by the entry, not counted here`,
        }),
    );
    fill(tail, auditSection(record.audit), graphSection(record.graph), skippedSection(record.skipped), foot(record));
    show();
  }

  fill(
    host,
    head,
    element(
      'div',
      { class: 'tw-report-filters' },
      statuses.node,
      strategies.node,
      element(
        'div',
        { class: 'tw-report-tools' },
        search,
        file,
        element('label', { class: 'tw-field' }, element('span', { text: 'order' }), order),
      ),
      element('div', { class: 'tw-report-count' }, shown, clear),
    ),
    list.node,
    empty,
    tail,
  );
  showRecord();

  return {
    update(next) {
      record = next;
      showRecord();
    },
    dispose: () => list.dispose(),
  };
}

function toggled<T>(set: ReadonlySet<T>, value: T): Set<T> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}

/** The answer in a word: is anything left to do by hand? */
function verdict({ summary }: ReportRecord): HTMLElement {
  const left = summary.unsupported + summary.maybe;
  const parts = [summary.unsupported && `${count(summary.unsupported)} unsupported`, summary.maybe && `${count(summary.maybe)} to look at`];
  return left === 0
    ? element('span', { class: 'tw-verdict tw-good', text: '✓ all migrated' })
    : element('span', { class: 'tw-verdict tw-bad', text: parts.filter(Boolean).join(', ') });
}
