/** In which ways a run's steps are computed, from its `config.yaml`: what was switched on against time or memory, in words. */
import type { RunConfiguration } from './outcome.ts';

/** The keys that say it; a loop of one's own has none of them. */
type Settings = Partial<Pick<RunConfiguration, 'framework' | 'precision' | 'training' | 'workers'>> & { graph?: boolean };

/** `['bf16', 'recompute', 'batch in 2 parts']`; empty: plain steps in float32 by one worker. Undefined where the configuration trains nothing. */
export function waysOf(config: Settings | null | undefined): string[] | undefined {
  if (typeof config?.training !== 'object' || config.training === null) return undefined;
  const { framework, graph, precision = 'full', training, workers } = config;
  const [parts, decay, count] = [Number(training.accumulate ?? 1), training.average, Number(workers?.count ?? 1)];
  return [
    precision !== 'full' && precision,
    // PyTorch's trainer has no graph mode, whatever the key's default.
    framework === 'mindspore' && graph === true && 'graph mode',
    training.recompute === true && 'recompute',
    parts > 1 && `batch in ${parts} parts`,
    typeof decay === 'number' && `averaged weights (decay ${decay})`,
    count > 1 && `${count} workers`,
  ].filter((word) => word !== false);
}
