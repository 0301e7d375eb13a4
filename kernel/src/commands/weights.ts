/** `tradewind weights A B`: a checkpoint from PyTorch to MindSpore or back, every tensor accounted for. */
import type { WeightsRecord } from '../records/weights.ts';
import { baseRecord } from './base.ts';
import type { Arguments, Command, CommandContext } from './command.ts';
import { PYTHONS, pythonsOf, tellProgress } from './python-side.ts';

type Result = Pick<WeightsRecord, 'from' | 'to' | 'summary' | 'tensors' | 'beside' | 'notes'> & { versions: Record<string, string> };

export const weights: Command<WeightsRecord> = {
  name: 'weights',
  summary: 'convert a checkpoint from PyTorch to MindSpore or back, tensor by tensor',
  details: `PyTorch's files are .pt, .pth, .bin and .safetensors (and whatever else torch.save wrote: Lightning's .ckpt), MindSpore's .ckpt and .safetensors; shards are named by their .index.json. Values come across bit for bit; tensors are renamed and reshaped where MindSpore's own layers want it. Every tensor is listed: converted, renamed, reshaped, missing, unexpected, or of another shape.

A checkpoint does not say what layers its tensors belong to: --model names the migrated entry, whose build() does. Without it names are kept as migrated code has them; --layers mindspore renames and reshapes for a model of MindSpore's own layers, as far as names and shapes tell, and says where they do not.

Weights are found inside nested checkpoints (state_dict, model …; --key chooses another), and prefixes of wrappers (module., _orig_mod.) are taken off. Pickles are opened with weights_only: a file that would run code is refused.

Exit code 0: all is converted; 3: something is missing, unexpected, or of another shape.`,
  examples: [
    'weights model.pt model.ckpt --model model_ms/case.py',
    'weights model.ckpt model.pt',
    'weights model.safetensors.index.json model.ckpt --key ema',
  ],
  positionals: [
    { name: 'A', kind: 'path', description: 'The checkpoint, an index of shards, or a folder with one.' },
    { name: 'B', kind: 'path', description: 'The file to write.' },
  ],
  options: [
    {
      name: 'model',
      value: { name: 'FILE', kind: 'file' },
      description: 'The migrated entry (OUT/case.py): its build() tells names and shapes.',
    },
    { name: 'key', value: { name: 'NAME', kind: 'text' }, description: 'The dictionary in A that holds the weights (ema, model.teacher).' },
    {
      name: 'layers',
      value: { name: 'LAYERS', kind: 'text', choices: ['auto', 'migrated', 'mindspore'], default: 'auto' },
      description: 'Without --model: names of migrated code (PyTorch’s), or of MindSpore’s own layers (gamma, moving_mean …).',
    },
    {
      name: 'to',
      value: { name: 'FRAMEWORK', kind: 'text', choices: ['mindspore', 'pytorch'] },
      description: 'Where to, when both files are .safetensors.',
    },
    { name: 'force', description: 'Replace a B that exists.' },
    ...PYTHONS,
  ],
  run,
  exitCode: ({ summary }) => (summary.missing || summary.unexpected || summary.shapeChanged ? 3 : 0),
};

async function run({ positionals, options }: Arguments, context: CommandContext): Promise<WeightsRecord> {
  const [{ runPython }, { defaultPython }] = await Promise.all([import('../processes/python.ts'), import('../processes/places.ts')]);
  const source = String(positionals.A);
  const output = String(positionals.B);
  const given = (name: string) => (options[name] === undefined ? [] : [`--${name}`, String(options[name])]);
  const python = defaultPython();
  const pythons = pythonsOf(options, context, python);
  const { versions, ...found } = await runPython<Result>({
    python,
    module: 'tradewind.weights',
    arguments: [
      source,
      output,
      ...['model', 'key', 'layers', 'to'].flatMap(given),
      ...(options.force ? ['--force'] : []),
      ...['--torch-python', pythons.torch, '--mindspore-python', pythons.mindspore],
    ],
    cwd: context.cwd,
    signal: context.signal,
    environment: context.environment,
    onEvent: tellProgress(context),
  });
  return {
    ...baseRecord('weights', context, versions),
    source,
    output,
    ...(options.model ? { model: String(options.model) } : {}),
    ...found,
  };
}
