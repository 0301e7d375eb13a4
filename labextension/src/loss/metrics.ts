/** What is known of metrics by their names: how they are called, in which panel they stand, and how their line is drawn. */

export interface Metric {
  label: string;
  /** Metrics of one panel share its axis. */
  panel: string;
  /** CSS variable of the line's colour. */
  colour: string;
  dash: 'solid' | 'dash' | 'dot';
  /** Measured seldom, so that each point is marked. */
  sparse?: boolean;
  /** Does the switch for a logarithmic axis apply? */
  logarithmic: boolean;
}

export const LOSS_PANEL = 'loss';

const TRAIN_LOSS: Metric = { label: 'train loss', panel: LOSS_PANEL, colour: '--tw-series-1', dash: 'solid', logarithmic: true };
const VALIDATION_LOSS: Metric = {
  label: 'validation loss',
  panel: LOSS_PANEL,
  colour: '--tw-series-2',
  dash: 'dash',
  sparse: true,
  logarithmic: true,
};
const LEARNING_RATE: Metric = {
  label: 'learning rate',
  panel: 'learning rate',
  colour: '--tw-series-3',
  dash: 'solid',
  logarithmic: false,
};
const GRADIENT_NORM: Metric = { label: 'gradient norm', panel: 'gradient norm', colour: '--tw-series-4', dash: 'solid', logarithmic: true };

const KNOWN: Record<string, Metric> = {
  loss: TRAIN_LOSS,
  train_loss: TRAIN_LOSS,
  training_loss: TRAIN_LOSS,
  validation_loss: VALIDATION_LOSS,
  val_loss: VALIDATION_LOSS,
  lr: LEARNING_RATE,
  learning_rate: LEARNING_RATE,
  gradient_norm: GRADIENT_NORM,
  grad_norm: GRADIENT_NORM,
};

/** A metric that nobody announced stands in a panel of its own; one whose name ends in `loss` with the losses. */
export function metricOf(name: string): Metric {
  const known = KNOWN[name];
  if (known) return known;
  const label = name.replaceAll('_', ' ');
  const loss = /loss$/.test(name);
  return { label, panel: loss ? LOSS_PANEL : label, colour: '--tw-series-5', dash: loss ? 'dot' : 'solid', logarithmic: loss };
}

/** Losses first, then the other known ones, then the rest by name. */
export function ordered(names: Iterable<string>): string[] {
  const known = Object.keys(KNOWN);
  const rank = (name: string) => (known.includes(name) ? known.indexOf(name) : metricOf(name).panel === LOSS_PANEL ? 3.5 : known.length);
  return [...names].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
