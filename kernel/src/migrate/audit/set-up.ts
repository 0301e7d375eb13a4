/** Rules about how training is set up: options that nothing reads, seeds, samplers, weight decay, statistics, switches left on. */
import { argumentsOf } from '../calls.ts';
import { ancestor, descendants, field, type Syntax } from '../parse.ts';
import { inside, type Rule } from './finding.ts';
import { trainingLoops } from './loops.ts';

/** Options whose silence costs accuracy. */
const TELLING =
  /^(amp|use_amp|enable_amp|fp16|bf16|mixed_precision|ema|use_ema|ema_decay|model_ema|model_ema_decay|seed|weight_decay|wd|clip_grad|clip|max_norm|grad_clip|max_grad_norm|warmup|warmup_epochs|warmup_steps|label_smoothing|dropout|drop_path|momentum|accum_iter|accumulate|gradient_accumulation_steps)$/;

function literal(node: Syntax | undefined, text: (node: Syntax) => string): string | undefined {
  return node?.type === 'string' ? text(node).replace(/^\w*['"]+|['"]+$/g, '') : undefined;
}

export const rules: readonly Rule[] = [
  {
    name: 'option-never-read',
    needs: /add_argument/,
    remedy: 'Use the option where it was meant, or take it out.',
    *check(file) {
      for (const { node, name, object } of file.calls) {
        if (name !== 'add_argument' || !object) continue;
        const given = argumentsOf(node, file.text);
        const flags = given.filter((one) => !one.name).flatMap((one) => literal(one.value, file.text) ?? []);
        const flag =
          literal(given.find((one) => one.name === 'dest')?.value, file.text) ?? flags.find((one) => one.startsWith('--')) ?? flags[0];
        const option = flag?.replace(/^-+/, '').replace(/-/g, '_');
        if (!option || !TELLING.test(option)) continue;
        // Read as an attribute or an item anywhere, or all of them handed on at once.
        const used = new RegExp(`\\.${option}\\b|['"]${option}['"]\\s*[\\])]|\\b${option}\\s*=(?!=)`);
        const modules = file.modules.filter((one) => !one.outside);
        const whole = /\*\*\s*vars\(|vars\(\w*(args|opt|config)\w*\)|\*\*\w*(args|opt|config)\.__dict__|getattr\(\w*(args|opt)/;
        if (modules.some((one) => used.test(one.source) || whole.test(one.source))) continue;
        yield { node, message: `The option ${option} is parsed and nothing reads it: it has no effect.` };
      }
    },
  },
  {
    name: 'sampler-without-epoch',
    needs: /DistributedSampler\(/,
    remedy: 'Call sampler.set_epoch(epoch) at the beginning of every epoch.',
    *check(file) {
      if (file.modules.some((one) => one.source.includes('.set_epoch('))) return;
      for (const { node, name } of file.calls) {
        if (name !== 'DistributedSampler') continue;
        const shuffle = argumentsOf(node, file.text).find((one) => one.name === 'shuffle');
        if (shuffle && file.text(shuffle.value) === 'False') continue;
        if (/val|test|eval/i.test(file.text(node.parent ?? node)) && !/train/i.test(file.text(node.parent ?? node))) continue;
        yield { node, message: 'set_epoch is never called: every epoch sees the data in the same order.' };
      }
    },
  },
  {
    name: 'seed-too-late',
    needs: /manual_seed|set_seed/,
    remedy: 'Seed before the model and the data are made.',
    *check(file) {
      for (const { node, name } of file.calls) {
        if (
          !/^(manual_seed|set_seed|seed_everything)$/.test(name) ||
          ancestor(node, new Set(['for_statement', 'while_statement', 'if_statement', 'argument_list']))
        )
          continue;
        const fn = ancestor(node, 'function_definition') ?? file.module.root;
        if (node.parent?.type !== 'expression_statement') continue;
        const first = file.calls.find(
          (one) =>
            inside(one.node, fn) &&
            (ancestor(one.node, 'function_definition') ?? file.module.root) === fn &&
            one.node.start < node.start &&
            /^(manual_seed|set_seed|seed)$/.test(one.name),
        );
        if (first) continue;
        const made = file.calls.find(
          (one) =>
            (ancestor(one.node, 'function_definition') ?? file.module.root) === fn &&
            one.node.start < node.start &&
            one.node.parent?.type === 'assignment' &&
            /^(self\.)?(model|net|network)$/.test(file.text(field(one.node.parent, 'left')!)) &&
            file.inference.typeOf(one.node)?.kind === 'instance',
        );
        if (made) yield { node, message: 'The seed is set after the model was made: its first weights differ from run to run.' };
      }
    },
  },
  {
    name: 'seed-missing',
    needs: /\.backward\(/,
    remedy: 'Call torch.manual_seed, numpy.random.seed and random.seed before the model is made.',
    *check(file) {
      if (!/__main__/.test(file.module.source) || /(^|\/)(test_|tests?\/)|_test\.py$/.test(file.module.file)) return;
      if (file.modules.some((one) => !one.outside && /seed/i.test(one.source))) return;
      const loop = trainingLoops(file)[0];
      if (loop) yield { node: loop.backward, message: 'Nothing is seeded: no run can be repeated.' };
    },
  },
  {
    name: 'decay-on-norms',
    needs: /AdamW\(|AdamWeightDecay\(/,
    remedy: 'Give biases and norms a parameter group with weight_decay=0.',
    *check(file) {
      for (const { node } of file.calls) {
        if (
          !/^(torch\.optim\.(adamw\.)?AdamW|mindspore\.nn\.AdamWeightDecay|mindspore\.experimental\.optim\.AdamW)$/.test(
            file.apiOf(node) ?? '',
          )
        )
          continue;
        const given = argumentsOf(node, file.text);
        const decay = given.find((one) => one.name === 'weight_decay');
        if (!decay || /^0(\.0*)?$/.test(file.text(decay.value))) continue;
        const parameters = given.find((one) => !one.name || one.name === 'params')?.value;
        if (!parameters || !/^[\w.]+\.(parameters|trainable_params)\(\)$/.test(file.text(parameters))) continue;
        yield { node, message: `weight_decay=${file.text(decay.value)} shrinks biases and the scales of norms as well.` };
      }
    },
  },
  {
    name: 'statistics-of-all-data',
    needs: /\.(mean|std|fit|fit_transform)\(/,
    remedy: 'Compute mean and deviation from the training part alone.',
    *check(file) {
      for (const { node, name } of file.calls) {
        if (name !== 'random_split' && name !== 'train_test_split') continue;
        const data = argumentsOf(node, file.text)[0]?.value;
        if (!data) continue;
        const key = file.text(data);
        if (!/^\w+$/.test(key)) continue;
        const before = file.module.source.slice(0, node.start);
        if (new RegExp(`\\b${key}\\s*=\\s*\\(?\\s*${key}\\s*-\\s*${key}\\.mean\\(|fit_transform\\(\\s*${key}\\s*\\)`).test(before))
          yield {
            node,
            message: `${key} is normalised by statistics of all of it before it is split: validation data leaks into training.`,
          };
      }
    },
  },
  {
    name: 'synchronous-left-on',
    needs: /pynative_synchronize|ASCEND_LAUNCH_BLOCKING|CUDA_LAUNCH_BLOCKING|launch_blocking|set_detect_anomaly/,
    remedy: 'Take it out once the fault is found.',
    *check(file) {
      for (const node of descendants(file.module.root)) {
        if (
          node.type === 'keyword_argument' &&
          file.text(field(node, 'name')!) === 'pynative_synchronize' &&
          file.text(field(node, 'value')!) === 'True'
        )
          yield { node, message: 'pynative_synchronize is on: every operator waits for the one before.' };
        if (
          node.type === 'assignment' &&
          /environ\[['"](ASCEND|CUDA)_LAUNCH_BLOCKING['"]\]/.test(file.text(field(node, 'left')!)) &&
          /1/.test(file.text(field(node, 'right') ?? node))
        )
          yield { node, message: 'Kernels are launched one after the other (…_LAUNCH_BLOCKING).' };
        if (node.type === 'call' && /\.launch_blocking$/.test(file.text(field(node, 'function')!)))
          yield { node, message: 'Kernels are launched one after the other.' };
      }
    },
  },
];
