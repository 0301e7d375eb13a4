/** `tradewind verify SOURCE OUT --entry FILE`: runs the original and its migration, and compares what they compute. */
import type { VerificationRecord } from '../records/verification.ts';
import { baseRecord } from './base.ts';
import type { Arguments, Command, CommandContext } from './command.ts';
import { PYTHONS, pythonsOf, tellProgress } from './python-side.ts';

type Result = Pick<VerificationRecord, 'passed' | 'rungs' | 'notRun' | 'losses' | 'firstDivergence'> & { versions: Record<string, string> };

export const verify: Command<VerificationRecord> = {
  name: 'verify',
  summary: 'run the original and its migration and compare what they compute',
  details: `A ladder from cheap to costly, which stops at the first rung that breaks: the original's weights load (names, shapes, ties, what is frozen, tables that no checkpoint holds); forward, in training and evaluation mode where they differ, running statistics too; every layer, in place and fed the original's inputs; the loss; the gradients of all parameters and floating inputs; steps of AdamW and SGD on the same gradients; the losses of training steps; mixed precision where both frameworks have the kernels; with --graph forward, gradients and training under ms.jit. Where weights are all alike or idle, forward and gradients once more with weights moved.

Rounding is told from error by a float64 run of the original: MindSpore passes when it is about as far from that as PyTorch's own float32 runs are. Both sides draw the same random numbers (dropout, stochastic depth, torch.rand), save in a compiled graph, where the layers that draw are off and named. When a rung breaks, the layer where the error is born is named with its line on both sides.

The entry may also define loss(output), and optimizer(model), which are then compared and trained with. inputs() gives a tuple, a dictionary of keywords, or both as (tuple, dictionary).

Each framework runs in a process of its own; --torch-python and --mindspore-python name other Python environments. Exit code 0: verified; 1: it does not compute the same.`,
  examples: ['verify fourcastnet/ fourcastnet_ms --entry case.py', 'verify model.py model_ms --entry case.py --graph --steps 5'],
  positionals: [
    { name: 'SOURCE', kind: 'path', description: 'The original, as it was given to migrate.' },
    { name: 'OUT', kind: 'folder', description: 'The folder that migrate wrote.' },
  ],
  options: [
    {
      name: 'entry',
      value: { name: 'FILE', kind: 'file' },
      required: true,
      description: 'The file with build() and inputs(), as it was given to migrate.',
    },
    {
      name: 'steps',
      value: { name: 'COUNT', kind: 'integer', default: '20' },
      description: 'AdamW steps of the training rung; 0 leaves it out.',
    },
    { name: 'graph', description: 'Compare under ms.jit as well.' },
    ...PYTHONS,
  ],
  run,
  exitCode: (record) => (record.passed ? 0 : 1),
};

async function run({ positionals, options }: Arguments, context: CommandContext): Promise<VerificationRecord> {
  const [{ runPython }, { defaultPython }] = await Promise.all([import('../processes/python.ts'), import('../processes/places.ts')]);
  const source = String(positionals.SOURCE);
  const output = String(positionals.OUT);
  const pythons = pythonsOf(options, context, defaultPython());
  const result = await runPython<Result>({
    // The coordinator needs NumPy alone, which either side has.
    python: pythons.torch,
    module: 'tradewind.verify',
    arguments: [
      ...[source, output, '--entry', String(options.entry), '--steps', String(options.steps ?? 20)],
      ...['--torch-python', pythons.torch, '--mindspore-python', pythons.mindspore],
      ...(options.graph ? ['--graph'] : []),
    ],
    cwd: context.cwd,
    signal: context.signal,
    environment: context.environment,
    onEvent: tellProgress(context),
  });
  const { versions, ...found } = result;
  return { ...baseRecord('verification', context, versions), source, output, ...found };
}
