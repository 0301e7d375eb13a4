/** Rules about what is logged: means of losses, tensors that are summed with their graphs, losses of the last batch alone. */
import { ancestor, descendants, field, parts, type Syntax } from '../parse.ts';
import { type Audited, inside, type Rule } from './finding.ts';
import { trainingLoops } from './loops.ts';

const LOSS = /(^|[._])(loss|losses)$/i;

/** `name += …` in a loop's body. */
function* sums(body: Syntax, file: Audited): Generator<{ node: Syntax; left: string; right: string }> {
  for (const node of descendants(body)) {
    if (node.type !== 'augmented_assignment' || file.text(field(node, 'operator')!) !== '+=') continue;
    yield { node, left: file.text(field(node, 'left')!), right: file.text(field(node, 'right')!) };
  }
}

export const rules: readonly Rule[] = [
  {
    name: 'loss-graph-accumulated',
    needs: /\.backward\(/,
    remedy: 'Add loss.item(), or loss.detach().',
    *check(file) {
      for (const { body, backward } of trainingLoops(file)) {
        const differentiated = file.text(field(field(backward, 'function')!, 'object')!);
        for (const { node, left, right } of sums(body, file)) {
          // What is added after backward has no graph left that matters to training, but keeps all of it in memory.
          if (!LOSS.test(right) || node.start < backward.start || right !== differentiated || left === differentiated) continue;
          yield { node, message: `${left} keeps ${right} with its graph: the memory of every step is held.` };
        }
        for (const call of file.calls) {
          if (call.name !== 'append' || !inside(call.node, body) || call.node.start < backward.start) continue;
          const given = parts(field(call.node, 'arguments')!);
          if (given.length === 1 && file.text(given[0]!) === differentiated && LOSS.test(differentiated))
            yield {
              node: call.node,
              message: `${file.text(call.object!)} keeps ${differentiated} with its graph: the memory of every step is held.`,
            };
        }
      }
    },
  },
  {
    name: 'running-loss-not-divided',
    needs: /\.backward\(/,
    remedy: 'Divide the sum by the number of batches, or by the number of samples where each loss was multiplied by its batch.',
    *check(file) {
      for (const { body, epochs, fn, loop } of trainingLoops(file)) {
        const around = epochs ?? fn;
        for (const { node, left, right } of sums(body, file)) {
          if (!/loss/i.test(left) || !/^\w+$/.test(left) || !/\.item\(\)/.test(right)) continue;
          const rest = file.module.source.slice(loop.end, around.end) + file.text(body);
          const name = left.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
          const divided = new RegExp(
            `\\b${name}\\b\\s*(/|/=|\\*)|\\b${name}\\b[^\\n]*/|(mean|average|div)\\([^)]*\\b${name}\\b|return[^\\n]*\\b${name}\\b|\\(\\s*${name}\\s*[,)]`,
          ).test(rest);
          const shown = new RegExp(`(print|log\\w*|info|write|add_scalar)\\([^\\n]*\\b${name}\\b`).test(rest);
          if (shown && !divided)
            yield { node, message: `${left} is a sum over batches and is shown as it is: it grows with the number of batches.` };
        }
      }
    },
  },
  {
    name: 'mean-over-unequal-batches',
    needs: /len\(/,
    remedy: 'Multiply each loss by its batch size, and divide by the number of samples.',
    *check(file) {
      for (const { body, epochs, fn, loop } of trainingLoops(file)) {
        const around = epochs ?? fn;
        const rest = file.module.source.slice(loop.end, around.end);
        for (const { node, left, right } of sums(body, file)) {
          if (!/^\w*loss\w*$/i.test(left) || !/^[\w.]+\.item\(\)$/.test(right)) continue;
          const wrong = new RegExp(`\\b${left}\\b\\s*/=?\\s*len\\(([\\w.]*(dataset|data|set))\\)`, 'i').exec(rest);
          if (wrong)
            yield {
              node,
              message: `${left} sums the means of batches and is divided by the number of samples, len(${wrong[1]}): it is too small by the batch size.`,
            };
        }
      }
    },
  },
  {
    name: 'last-batch-loss-logged',
    needs: /\.backward\(/,
    remedy: 'Add up the losses of the epoch and show their mean.',
    *check(file) {
      for (const { body, epochs, loop, backward } of trainingLoops(file)) {
        if (!epochs || loop.type !== 'for_statement') continue;
        const differentiated = file.text(field(field(backward, 'function')!, 'object')!);
        const name = /^(\w+)$/.exec(differentiated)?.[1];
        if (!name || /\+=/.test([...sums(body, file)].map((one) => (/loss/i.test(one.left) ? '+=' : '')).join(''))) continue;
        if (
          file.calls.some(
            (one) =>
              inside(one.node, body) &&
              /^(append|update|add_scalar|log|log_metrics|print|info|set_postfix|set_description)$/.test(one.name) &&
              new RegExp(`\\b${name}\\b`).test(file.text(one.node)),
          )
        )
          continue;
        const shown = file.calls.find(
          (one) =>
            inside(one.node, epochs) &&
            one.node.start > loop.end &&
            ancestor(one.node, new Set(['for_statement', 'while_statement'])) === epochs &&
            /^(print|info|log|add_scalar|debug|write)$/.test(one.name) &&
            new RegExp(`\\b${name}(\\.item\\(\\))?\\b`).test(file.text(one.node)),
        );
        if (shown) yield { node: shown.node, message: `${name} is that of the epoch's last batch alone.` };
      }
    },
  },
];
