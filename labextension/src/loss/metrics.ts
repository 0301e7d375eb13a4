/** What is known of metrics by their names: how they are called, in which panel they stand, and how their line is drawn. */

export interface Metric {
  label: string;
  /** Metrics of one panel share its axis. */
  panel: string;
  /** CSS variable of the line's colour, where it has one of its own. */
  colour: string | undefined;
  dash: 'solid' | 'dash' | 'dot';
  /** Measured seldom, so that each point is marked. */
  sparse?: boolean;
  /** Does the switch for a logarithmic axis apply? */
  logarithmic: boolean;
}

export const LOSS_PANEL = 'loss';
/** CSS variables of lines' colours, for runs and for what has none of its own. */
export const SERIES_COLOURS = ['--tw-series-1', '--tw-series-2', '--tw-series-3', '--tw-series-4', '--tw-series-5', '--tw-series-6'];

const alone = (label: string, colour: string, logarithmic: boolean): Metric => ({
  label,
  panel: label,
  colour,
  dash: 'solid',
  logarithmic,
});
const TRAIN_LOSS: Metric = { label: 'train loss', panel: LOSS_PANEL, colour: '--tw-series-1', dash: 'solid', logarithmic: true };
const VALIDATION_LOSS: Metric = {
  label: 'validation loss',
  panel: LOSS_PANEL,
  colour: '--tw-series-2',
  dash: 'dash',
  sparse: true,
  logarithmic: true,
};
const LEARNING_RATE = alone('learning rate', '--tw-series-3', false);
const GRADIENT_NORM = alone('gradient norm', '--tw-series-4', true);
const SPEED = alone('samples per second', '--tw-series-5', false);

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
  samples_per_second: SPEED,
};

/**
 * A metric that nobody announced: one whose name ends in `loss` stands with the losses, one of a family (`validation_rmse_U0`, `rmse/U0`) with its
 * family, any other in a panel of its own; what begins with `val` is measured seldom.
 */
export function metricOf(name: string): Metric {
  if (Object.hasOwn(KNOWN, name)) return KNOWN[name]!;
  const label = name.replaceAll('_', ' ').replace('/', ' ');
  const sparse = /^val/.test(name);
  if (/loss$/.test(name)) return { label, panel: LOSS_PANEL, colour: undefined, dash: 'dot', logarithmic: true, sparse };
  return { label, panel: familyOf(name).replaceAll('_', ' '), colour: undefined, dash: 'solid', logarithmic: false, sparse };
}

/** Scores of the trainer's validation, one a variable; and names with a slash. */
const FAMILY = /^(validation_(?:rmse|acc))_(.+)$|^([^/]+)\/(.+)$/;

/** `validation_rmse` of `validation_rmse_T0`, `rmse` of `rmse/T0`; any other name is its own family. Families are switched as one. */
export function familyOf(name: string): string {
  const found = FAMILY.exec(name);
  return found?.[1] ?? found?.[3] ?? name;
}

/** Losses first, then the other known ones, then the rest by name. */
export function ordered(names: Iterable<string>): string[] {
  const known = Object.keys(KNOWN);
  const rank = (name: string) => (known.includes(name) ? known.indexOf(name) : metricOf(name).panel === LOSS_PANEL ? 4.5 : known.length);
  return [...new Set(names)].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
