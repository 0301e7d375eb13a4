/** Rules about code that was migrated to MindSpore by hand: where its names mean something else than PyTorch's. */
import { argumentsOf } from '../calls.ts';
import type { Rule } from './finding.ts';

const DROPOUT = /^mindspore\.nn\.Dropout\d?d?$/;

export const rules: readonly Rule[] = [
  {
    name: 'keep-probability',
    needs: /Dropout\(/,
    remedy: 'Write nn.Dropout(p=…) with the probability to drop, as PyTorch does.',
    *check(file) {
      for (const { node } of file.calls) {
        const api = file.apiOf(node) ?? '';
        const given = argumentsOf(node, file.text);
        const first = given[0];
        if (!first) continue;
        const keep = given.find((one) => one.name === 'keep_prob');
        const mindspore = DROPOUT.test(api);
        if (keep && (mindspore || /^torch\.nn\.Dropout/.test(api))) {
          const value = file.text(keep.value);
          const drop = /drop|(^|[._])p$|rate/i.test(value) && !/keep|1\s*-|1\.0?\s*-/.test(value);
          yield {
            node: keep.node,
            message: drop
              ? `keep_prob is the probability to keep, and ${value} the one to drop: most is dropped.`
              : 'keep_prob is the probability to keep, which newer MindSpore and PyTorch do not take.',
          };
        } else if (mindspore && !first.name) {
          const value = Number(file.text(first.value));
          const keeps = /keep/i.test(file.text(first.value));
          if (value >= 0.5 || keeps)
            yield {
              node,
              message: `The first argument was the probability to keep until MindSpore 2.0 and is the one to drop since: ${file.text(first.value)} is drawn by version.`,
            };
        } else if (/^torch\.nn\.(functional\.)?(Dropout\w*|dropout\w*)$/.test(api)) {
          const p = given.find((one) => one.name === 'p') ?? (api.includes('functional') ? given[1] : first);
          if (p && /keep/i.test(file.text(p.value)) && !/1(\.0*)?\s*-/.test(file.text(p.value)))
            yield { node: p.node, message: `p is the probability to drop, and ${file.text(p.value)} the one to keep.` };
        }
      }
    },
  },
  {
    name: 'schedule-value-once',
    needs: /learning_rate/,
    remedy: 'Give the optimiser the whole list (nn.cosine_decay_lr(…)) or an nn.LearningRateSchedule.',
    *check(file) {
      for (const { node } of file.calls) {
        if (!/^mindspore\.nn\.(SGD|Adam\w*|Momentum|RMSProp|Lamb|LARS)$/.test(file.apiOf(node) ?? '')) continue;
        const rate = argumentsOf(node, file.text).find((one) => one.name === 'learning_rate')?.value;
        if (!rate) continue;
        const given = file.text(rate);
        if (/^(float|int)\(.*(sched|decay|lr)/i.test(given) || /(sched|decay_lr|lr_list|lrs)\w*\[\s*0\s*\]$/i.test(given))
          yield { node: rate, message: `${given} is the first value of a schedule: the learning rate never changes.` };
      }
    },
  },
  {
    name: 'adam-without-correction',
    needs: /AdamWeightDecay/,
    remedy: 'Use mindspore.experimental.optim.AdamW.',
    *check(file) {
      for (const { node } of file.calls)
        if (file.apiOf(node) === 'mindspore.nn.AdamWeightDecay')
          yield { node, message: 'nn.AdamWeightDecay has no bias correction: its first steps are not those of torch.optim.AdamW.' };
    },
  },
  {
    name: 'half-precision-without-scale',
    needs: /amp_level|to_float/,
    remedy: 'Give Model a loss_scale_manager, or scale the loss with mindspore.amp.DynamicLossScaler.',
    *check(file) {
      if (/loss_scale|LossScale|loss_scaler|bfloat16/.test(file.module.source)) return;
      for (const { node } of file.calls) {
        const api = file.apiOf(node) ?? '';
        const level = argumentsOf(node, file.text).find((one) => one.name === 'amp_level');
        if (/^mindspore\.(train\.)?Model$/.test(api) && level && /O[23]/.test(file.text(level.value)))
          yield { node, message: `Training in half precision (${file.text(level.value)}) without a loss scale loses small gradients.` };
      }
    },
  },
  {
    name: 'training-flag-missing',
    needs: /value_and_grad|TrainOneStepCell/,
    remedy: 'Call net.set_train() before the first step: a Cell starts in evaluation mode.',
    *check(file) {
      if (
        /(^|\/)tradewind_compat\.py$/.test(file.module.file) ||
        !/\bmindspore\b/.test(file.module.source) ||
        /\btorch\b/.test(file.module.source)
      )
        return;
      if (file.modules.some((one) => /set_train\(|\.train\(\)|Model\(/.test(one.source))) return;
      for (const { node } of file.calls)
        if (/^mindspore\.(ops\.)?value_and_grad$/.test(file.apiOf(node) ?? ''))
          yield {
            node,
            message: 'set_train is called nowhere: dropout is off and batch norms use their running statistics while this trains.',
          };
    },
  },
];
