/** The runs of one picture: their colours, states and paces, where they part, and which others could be drawn over them. */
import { type PartingResult, TOLERANCE_WORDS } from '../../../kernel/src/records/parting.ts';
import { element, fill } from '../element.ts';
import { count, counted, number } from '../format.ts';
import type { DisplayedRun, FoundRun } from './run.ts';
import { paceText, progressText, STATES } from './status.ts';

export interface RunListActions {
  add(run: FoundRun): void;
  remove(folder: string): void;
  toggle(folder: string): void;
}

export interface RunList {
  node: HTMLElement;
  /** `colours` by run; `partings`: of each run but the first from the first. */
  show(runs: readonly DisplayedRun[], colours: readonly string[], partings: readonly (PartingResult | undefined)[]): void;
  offer(found: readonly FoundRun[]): void;
}

export function runList({ add, remove, toggle }: RunListActions): RunList {
  const list = element('ul', { class: 'tw-runs', attributes: { 'aria-label': 'Runs' } });
  const choice = element('select', { class: 'tw-select', attributes: { 'aria-label': 'Draw another run over this one' } });
  const field = element('label', { class: 'tw-field', attributes: { hidden: true } }, 'compare with', choice);
  const words = element('div', { class: 'tw-partings', attributes: { role: 'status', 'aria-live': 'polite' } });
  let offered: readonly FoundRun[] = [];
  let shown: readonly string[] = [];
  let structure = '';
  let said = '';
  choice.addEventListener('change', () => {
    const found = offered.find(({ folder }) => folder === choice.value);
    if (found) add(found);
  });
  function renewChoice(): void {
    const others = offered.filter(({ folder }) => !shown.includes(folder));
    field.hidden = others.length === 0;
    fill(
      choice,
      element('option', { text: 'another run …', attributes: { value: '' } }),
      ...others.map(({ name, folder, framework }) =>
        element('option', { text: framework === '?' ? name : `${name} (${framework})`, attributes: { value: folder } }),
      ),
    );
  }
  return {
    node: element('div', { class: 'tw-run-list' }, list, words, field),
    offer(found) {
      offered = found;
      renewChoice();
    },
    show(runs, colours, partings) {
      list.hidden = runs.length < 2;
      const folders = runs.map(({ about }) => about.folder);
      if (folders.join('\n') !== shown.join('\n')) {
        shown = folders;
        renewChoice();
      }
      // The rows are made anew when the runs change, their words at each drawing: a focused button stays.
      const key =
        runs.map(({ about, hidden }) => [about.folder, about.name, placeWords(about), hidden].join('\t')).join('\n') + colours.join();
      if (key !== structure) {
        structure = key;
        fill(list, ...runs.map((run, at) => row(run, colours[at]!, at > 0)));
      }
      runs.forEach((run, at) => {
        const cells = list.children[at]?.querySelectorAll('[data-part]');
        if (cells) [cells[0]!.textContent, cells[1]!.textContent] = [stateWords(run), factWords(run)];
      });
      const text = runs.length < 2 ? [] : partings.slice(1).map((one, at) => partingWords(runs[0]!, runs[at + 1]!, one));
      if (text.join('\n') !== said) {
        said = text.join('\n');
        fill(words, ...text.map((sentence) => element('p', { text: sentence, title: TOLERANCE_WORDS })));
      }
    },
  };

  function row({ about, hidden }: DisplayedRun, colour: string, removable: boolean): HTMLElement {
    return element(
      'li',
      {},
      element(
        'button',
        {
          class: 'tw-pill',
          attributes: { type: 'button', 'aria-pressed': String(!hidden), 'data-run': about.name },
          on: { click: () => toggle(about.folder) },
        },
        element('span', { class: 'tw-swatch', style: { background: colour }, attributes: { 'aria-hidden': 'true' } }),
        about.name,
      ),
      element('span', { class: 'tw-muted', text: placeWords(about) }),
      element('span', { attributes: { 'data-part': 'state' } }),
      element('span', { class: 'tw-muted', attributes: { 'data-part': 'facts' } }),
      removable &&
        element('button', {
          class: 'tw-link',
          text: 'remove',
          attributes: { type: 'button', 'aria-label': `Remove ${about.name} from the picture` },
          on: { click: () => remove(about.folder) },
        }),
    );
  }
}

/** `pytorch on cpu · bf16, recompute`; an own loop may know none of it. */
function placeWords({ framework, chip, ways = [] }: DisplayedRun['about']): string {
  const place = [framework !== '?' && framework, chip !== '?' && `on ${chip}`].filter(Boolean).join(' ');
  return [place, ways.join(', ')].filter(Boolean).join(' · ');
}

function stateWords({ status }: DisplayedRun): string {
  const { sign, words } = STATES[status.state];
  return `${sign} ${words.split(':')[0]}`;
}

function factWords({ status, curves }: DisplayedRun): string {
  const loss = curves.byName.get('loss');
  const newest = loss && loss.length > 0 && `loss ${number(loss.value[loss.length - 1]!)}`;
  return [progressText(status), paceText(status), newest].filter(Boolean).join(' · ');
}

function partingWords(first: DisplayedRun, other: DisplayedRun, result: PartingResult | undefined): string {
  const names = `${other.about.name} and ${first.about.name}`;
  if (!result || result.compared === 0) return `${names} have no logged step in common yet.`;
  const { parting, compared, judged, largest } = result;
  if (!parting && !judged) return `${names} have ${counted(compared, 'logged step')} in common so far: too few to say whether they part.`;
  if (!parting)
    return `${names} agree within rounding over ${count(compared)} common steps; the largest relative difference of the loss is ${number(largest, 2)}.`;
  if (parting.difference === null) return `${names} part at step ${count(parting.step)}: there one loss is finite and the other not.`;
  const how = `the losses differ by ${number(parting.difference, 2)}, rounding would explain ${number(parting.tolerance, 2)}`;
  return `${names} part beyond rounding at step ${count(parting.step)}: ${how} (relative to the loss).`;
}
