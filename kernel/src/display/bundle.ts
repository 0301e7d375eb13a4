/** Record → MIME bundle: its own MIME type where it has a widget, static HTML and text beside it. Displays are loaded when they are needed. */
import type { TradewindRecord } from '../records/index.ts';
import { MIME_TYPES } from '../records/record.ts';
import type { Display, MimeBundle } from './display.ts';
import { printable } from './text.ts';
import { withThemes } from './themes.ts';

export type Kind = TradewindRecord['kind'];
export type RecordOf<K extends Kind> = Extract<TradewindRecord, { kind: K }>;

type Loader<K extends Kind> = () => Promise<{ display: (record: RecordOf<K>) => Display }>;

/** One display a kind: `<kind>.ts` beside this file exports `display(record) → { text, html }`. */
const DISPLAYS: { [K in Kind]: Loader<K> } = {
  advice: () => import('./advice.ts'),
  benchmark: () => import('./benchmark.ts'),
  chips: () => import('./chips.ts'),
  comparison: () => import('./comparison.ts'),
  dataset: () => import('./dataset.ts'),
  doctor: () => import('./doctor.ts'),
  energy: () => import('./energy.ts'),
  fit: () => import('./fit.ts'),
  jobs: () => import('./jobs.ts'),
  monitor: () => import('./monitor.ts'),
  protocol: () => import('./protocol.ts'),
  report: () => import('./report.ts'),
  'run-comparison': () => import('./runComparison.ts'),
  runs: () => import('./runs.ts'),
  skill: () => import('./skill.ts'),
  together: () => import('./together.ts'),
  training: () => import('./training.ts'),
  transfer: () => import('./transfer.ts'),
  verification: () => import('./verification.ts'),
  weights: () => import('./weights.ts'),
};

export const KINDS = Object.keys(DISPLAYS) as readonly Kind[];

/** The record drawn as text and HTML. Control characters of whatever the record holds do not reach the terminal. */
export async function displayOf(record: TradewindRecord): Promise<Display> {
  const load = DISPLAYS[record.kind] as Loader<Kind>;
  const drawn = (await load()).display(record as never);
  return {
    text: drawn.text.split('\n').map(printable).join('\n'),
    get html() {
      return withThemes(drawn.html);
    },
  };
}

/** What a Jupyter display message carries. A comparison is drawn by the widget of what it compares, from the record inside it. */
export async function bundleOf(record: TradewindRecord): Promise<MimeBundle> {
  const drawn = await displayOf(record);
  // A shell prints the text alone: the page is drawn when a notebook asks for it.
  const bundle: MimeBundle = {
    'text/plain': drawn.text,
    get 'text/html'() {
      return drawn.html;
    },
  };
  if (record.kind === 'comparison') bundle[MIME_TYPES.skill] = record.skill;
  else if (record.kind === 'run-comparison') bundle[MIME_TYPES.training] = record.training;
  else if (record.kind in MIME_TYPES) bundle[MIME_TYPES[record.kind as keyof typeof MIME_TYPES]] = record;
  return bundle;
}
