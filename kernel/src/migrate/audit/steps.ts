/** Rules about a training step: gradients that are not emptied, clipped while scaled, schedules that do not run. */
import { argumentsOf } from '../calls.ts';
import { ancestor, field, parts, type Syntax } from '../parse.ts';
import { type Audited, inside, type Rule } from './finding.ts';
import { SCHEDULE, trainingLoops } from './loops.ts';

const SCHEDULES = /^torch\.optim\.lr_scheduler\.([A-Z]\w+)$/;
/** Schedules that PyTorch's documentation steps once a batch. */
const PER_BATCH = /^(OneCycleLR|CyclicLR)$/;

/** Names that schedules are bound to, with the call that makes each. */
function schedules(file: Audited): { key: string; kind: string; node: Syntax }[] {
  return file.calls.flatMap(({ node }) => {
    const kind = SCHEDULES.exec(file.apiOf(node) ?? '')?.[1];
    const assignment = node.parent?.type === 'assignment' && node.field === 'right' ? node.parent : undefined;
    const left = assignment && field(assignment, 'left');
    if (!kind || !left || (left.type !== 'identifier' && left.type !== 'attribute')) return [];
    return [{ key: file.text(left), kind, node }];
  });
}

/** Steps of the names that look like a schedule's. */
function stepsOf(file: Audited, key: string): Syntax[] {
  return file.calls
    .filter(({ name, object }) => /^step(_update)?$/.test(name) && object && file.text(object) === key)
    .map(({ node }) => node);
}

/** Is the name used otherwise than to be bound, so that someone else may step it? */
function handedOn(file: Audited, key: string, made: Syntax): boolean {
  const pattern = new RegExp(`(?<![\\w.])${key.replace(/[.]/g, '\\.')}(?!\\w|\\s*=[^=]|\\.(get_last_lr|state_dict|last_epoch))`, 'g');
  const own = file.text(made.parent!);
  return (file.module.source.match(pattern)?.length ?? 0) > (own.match(pattern)?.length ?? 0);
}

export const rules: readonly Rule[] = [
  {
    name: 'zero-grad-missing',
    needs: /\.backward\(/,
    remedy: 'Call optimizer.zero_grad() once a step, before backward or after optimizer.step().',
    *check(file) {
      for (const { fn, backward } of trainingLoops(file)) {
        const own = file.calls.filter(({ node }) => inside(node, fn));
        const steps = own.some(({ name, object }) => name === 'step' && object && /optim|(^|_)opt(_|$)/i.test(file.text(object)));
        const emptied =
          own.some(({ name }) => /zero_grad|clear_grad/.test(name)) || /\.grad\s*=\s*None|\.grad\.(data\.)?zero_/.test(file.text(fn));
        if (steps && !emptied)
          yield { node: backward, message: 'Gradients are never emptied here: every step adds to those of all steps before.' };
      }
    },
  },
  {
    name: 'clip-before-unscale',
    needs: /clip_grad_/,
    remedy: 'Call scaler.unscale_(optimizer) before the gradients are clipped.',
    *check(file) {
      for (const { node, name } of file.calls) {
        if (!/^clip_grad_(norm|value)_?$/.test(name)) continue;
        const fn = ancestor(node, 'function_definition') ?? file.module.root;
        const own = file.calls.filter((one) => inside(one.node, fn) && one.node.start < node.start);
        const scaled = own.filter(
          (one) => one.name === 'scale' && one.node.parent?.parent?.type === 'call' && file.text(one.node.parent).endsWith('.backward'),
        );
        if (scaled.length === 0 || own.some((one) => one.name === 'unscale_')) continue;
        // The other branch clips gradients that were not scaled.
        const branch = ancestor(scaled.at(-1)!.node, new Set(['if_statement', 'else_clause', 'elif_clause']));
        if (branch && inside(branch, fn) && !inside(node, branch)) continue;
        yield {
          node,
          message:
            'The gradients are clipped while they are multiplied by the loss scale, so that the limit means something else at every scale.',
        };
      }
    },
  },
  {
    name: 'schedule-never-stepped',
    needs: /lr_scheduler/,
    remedy: 'Call scheduler.step() once an epoch, or once a batch where the schedule counts batches.',
    *check(file) {
      for (const { key, node } of schedules(file)) {
        if (stepsOf(file, key).length || handedOn(file, key, node)) continue;
        if (key.startsWith('self.') && new RegExp(`${key.slice(5)}\\.step`).test(file.module.source)) continue;
        // An attribute can be stepped from another file.
        if (key.includes('.') && file.modules.some((one) => one.source.includes(`${key.split('.').at(-1)}.step(`))) continue;
        yield { node, message: `The schedule ${key} is made and never stepped: the learning rate stays what it was.` };
      }
    },
  },
  {
    name: 'schedule-before-optimizer',
    needs: /lr_scheduler/,
    remedy: 'Call optimizer.step() first, then scheduler.step().',
    *check(file) {
      for (const { body } of trainingLoops(file)) {
        const own = file.calls.filter(({ node }) => inside(node, body) && parts(body).some((one) => parts(one)[0] === node));
        const schedule = own.find(({ name, object }) => name === 'step' && object && SCHEDULE.test(file.text(object)));
        const optimizer = own.find(
          ({ name, object }) => name === 'step' && object && /optim/i.test(file.text(object)) && !SCHEDULE.test(file.text(object)),
        );
        if (schedule && optimizer && schedule.node.start < optimizer.node.start)
          yield {
            node: schedule.node,
            message: 'The schedule steps before the optimiser, so the first value of the learning rate is skipped.',
          };
      }
    },
  },
  {
    name: 'schedule-per-epoch-stepped-per-batch',
    needs: /lr_scheduler/,
    remedy: 'Step it once an epoch, outside of the loop over batches, or give it its lengths in batches.',
    *check(file) {
      const loops = trainingLoops(file);
      for (const { key, kind, node } of schedules(file)) {
        if (PER_BATCH.test(kind)) continue;
        const epochs = argumentsOf(node, file.text).some((one) => /(^|[._])(num_|n_|max_|total_)?epochs?$/i.test(file.text(one.value)));
        if (!epochs) continue;
        for (const step of stepsOf(file, key))
          if (
            loops.some(
              ({ body, epochs: outer }) =>
                outer && inside(step, body) && ancestor(step, new Set(['for_statement', 'while_statement'])) === body.parent,
            )
          )
            yield { node: step, message: `${kind} counts epochs here, and is stepped once a batch.` };
      }
    },
  },
  {
    name: 'schedule-per-batch-stepped-per-epoch',
    needs: /OneCycleLR/,
    remedy: 'Step it after every batch.',
    *check(file) {
      const loops = trainingLoops(file);
      for (const { key, kind, node } of schedules(file)) {
        const perBatch = argumentsOf(node, file.text).some((one) => one.name === 'steps_per_epoch');
        if (!perBatch) continue;
        for (const step of stepsOf(file, key))
          if (loops.some(({ loop, epochs }) => epochs && inside(step, epochs) && !inside(step, loop)))
            yield { node: step, message: `${kind} counts batches here, and is stepped once an epoch.` };
      }
    },
  },
  {
    name: 'schedule-as-number',
    needs: /sched|_lr\(|decay/i,
    remedy: 'Give the optimiser the list of rates or a LearningRateSchedule, or set the rate at every step.',
    *check(file) {
      for (const { node } of file.calls) {
        const api = file.apiOf(node) ?? '';
        if (!/^(torch|mindspore)\.(\w+\.)*(optim|nn)\.(\w+\.)*(SGD|Adam\w*|AdamW|Momentum|RMS[Pp]rop|Lamb|LARS|NAdam|Adagrad)$/.test(api))
          continue;
        for (const one of argumentsOf(node, file.text)) {
          if (one.name !== 'lr' && one.name !== 'learning_rate') continue;
          const given = file.text(one.value);
          if (
            api.startsWith('torch.')
              ? /(^|[._])(lr_)?schedul\w*$/i.test(given)
              : /^float\(.*sched|sched\w*(\[0\]|\.get_last_lr\(\)\[0\])$/i.test(given)
          )
            yield {
              node: one.node,
              message: api.startsWith('torch.')
                ? `${given} is a schedule, and is given as a number.`
                : `${given} is one number of a schedule: the learning rate stays what it is at the start.`,
            };
        }
      }
    },
  },
];
