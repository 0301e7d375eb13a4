/** What commands that work in Python share: which Python has each framework, and the progress that the child tells. */
import type { Arguments, CommandContext, Option } from './command.ts';

export const PYTHONS: readonly Option[] = [
  { name: 'torch-python', value: { name: 'PYTHON', kind: 'file' }, description: "The Python that has PyTorch (default: set-up's)." },
  { name: 'mindspore-python', value: { name: 'PYTHON', kind: 'file' }, description: "The Python that has MindSpore (default: set-up's)." },
];

/** By option, by environment variable, else `otherwise`. */
export function pythonsOf(options: Arguments['options'], { environment }: CommandContext, otherwise: string) {
  return {
    torch: String(options['torch-python'] ?? environment.TRADEWIND_TORCH_PYTHON ?? otherwise),
    mindspore: String(options['mindspore-python'] ?? environment.TRADEWIND_MINDSPORE_PYTHON ?? otherwise),
  };
}

/** Hands progress on; other events are not for the user. */
export function tellProgress({ progress }: Pick<CommandContext, 'progress'>) {
  return ({ event, label, done, total, unit }: { event: string; [key: string]: unknown }): void => {
    if (event !== 'progress') return;
    progress({
      label: String(label),
      done: Number(done),
      total: typeof total === 'number' ? total : undefined,
      ...(typeof unit === 'string' ? { unit } : {}),
    });
  };
}
