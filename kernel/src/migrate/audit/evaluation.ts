/** Rules about validation: the mode of the model, gradients, the data, and what the best checkpoint is chosen by. */
import { argumentsOf } from '../calls.ts';
import { ancestor, descendants, field, type Syntax } from '../parse.ts';
import { type Audited, inside, type Rule } from './finding.ts';
import { trainingLoops } from './loops.ts';

const VALIDATION = /(^|_)(val|valid|validation|eval|evaluate|test)(_|$|\d)/i;
const VALIDATION_FUNCTION =
  /^_?(validate|validation|evaluate|eval|valid|val|test|validate_one_epoch|val_epoch|val_step|evaluate_\w+|validate_\w+)$/;

/** Functions that validate: a name that says so, a loop over data, a module called in it, and no backward. */
function validations(file: Audited): Syntax[] {
  if (/(^|\/)(test_|tests?\/|conftest)|_test\.py$/.test(file.module.file)) return [];
  return file.functions.filter((fn) => {
    if (!VALIDATION_FUNCTION.test(file.text(field(fn, 'name')!))) return false;
    const body = field(fn, 'body')!;
    const loops = [...descendants(body)].some(
      (one) => one.type === 'for_statement' && /load|data|batch/i.test(file.text(field(one, 'right')!)),
    );
    const own = file.calls.filter(({ node }) => inside(node, body));
    return loops && own.some((one) => isModel(one, file)) && !own.some(({ name }) => name === 'backward');
  });
}

function isModel({ callee }: { callee: string }, _file: Audited): boolean {
  return /^(self\.)?(model|net|network|module|ema|model_ema|generator)$/.test(callee);
}

function decorators(fn: Syntax, file: Audited): string {
  return fn.parent?.type === 'decorated_definition' ? file.text(fn.parent).slice(0, fn.start - fn.parent.start) : '';
}

const NO_GRAD = /\b(no_grad|inference_mode|set_grad_enabled)\b/;

export const rules: readonly Rule[] = [
  {
    name: 'eval-mode-missing',
    needs: /val|eval|test/,
    remedy: 'Call model.eval() before validation, and model.train() after it.',
    *check(file) {
      for (const fn of validations(file)) {
        const body = file.text(fn);
        if (/\.eval\(\)|\.train\(\s*(mode\s*=\s*)?False|set_train\(\s*(mode\s*=\s*)?False/.test(body)) continue;
        const name = file.text(field(fn, 'name')!);
        // Callers may set the mode.
        const called = new RegExp(`\\.eval\\(\\)[\\s\\S]{0,400}\\b${name}\\(`);
        if (file.modules.some((one) => called.test(one.source))) continue;
        yield {
          node: field(fn, 'name')!,
          message: `${name} calls the model without eval(): dropout stays on, and batch norms learn from validation data.`,
        };
      }
    },
  },
  {
    name: 'train-mode-not-restored',
    needs: /\.eval\(\)/,
    remedy: 'Call model.train() at the beginning of every epoch, or after validation.',
    *check(file) {
      for (const { epochs, fn } of trainingLoops(file)) {
        if (!epochs) continue;
        const inLoop = file.calls.filter(({ node }) => inside(node, epochs));
        const stops = inLoop.find(({ name, object }) => name === 'eval' && object);
        if (!stops?.object || stops.object.type === 'call') continue;
        const model = file.text(stops.object);
        const restored = inLoop.some(({ name, object }) => /^(train|set_train)$/.test(name) && object && file.text(object) === model);
        const hidden = inLoop.some(({ callee }) => /^train\w*$/.test(callee));
        if (!restored && !hidden && fn)
          yield {
            node: stops.node,
            message: `${model}.eval() is called in the loop over epochs and ${model}.train() is not: from the second epoch on it trains in evaluation mode.`,
          };
      }
    },
  },
  {
    name: 'no-grad-missing',
    needs: /val|eval|test/,
    remedy: 'Validate under torch.no_grad(); on MindSpore outside of what value_and_grad differentiates.',
    *check(file) {
      if (!/\btorch\b/.test(file.module.source)) return;
      for (const fn of validations(file)) {
        if (NO_GRAD.test(file.text(fn)) || NO_GRAD.test(decorators(fn, file))) continue;
        const name = file.text(field(fn, 'name')!);
        const called = new RegExp(`(no_grad|inference_mode)\\(\\):[\\s\\S]{0,400}\\b${name}\\(`);
        if (file.modules.some((one) => called.test(one.source))) continue;
        yield {
          node: field(fn, 'name')!,
          message: `${name} keeps the graph of gradients of every batch: memory grows, and nothing is won.`,
        };
      }
    },
  },
  {
    name: 'validation-shuffled',
    needs: /DataLoader|GeneratorDataset/,
    remedy: 'Give shuffle=False to the loader of validation data.',
    *check(file) {
      for (const { node, name } of file.calls) {
        if (!/^(DataLoader|GeneratorDataset)$/.test(name)) continue;
        const given = argumentsOf(node, file.text);
        const shuffle = given.find((one) => one.name === 'shuffle');
        if (!shuffle || file.text(shuffle.value) !== 'True' || !isValidation(node, given[0]?.value, file)) continue;
        yield {
          node: shuffle.node,
          message: 'Validation data is shuffled: with a last batch that is dropped or smaller, its score changes from run to run.',
        };
      }
    },
  },
  {
    name: 'validation-augmented',
    needs: /transform|augment/i,
    remedy: 'Give validation data the transforms without chance alone.',
    *check(file) {
      for (const { node } of file.calls) {
        const left = node.parent?.type === 'assignment' && node.field === 'right' ? field(node.parent, 'left') : undefined;
        if (!left || !VALIDATION.test(file.text(left)) || !/transform|augment/i.test(file.text(left))) continue;
        const random = [...descendants(node)].find(
          (one) =>
            one.type === 'call' &&
            /(^|\.)(Random(?!ly)\w+|ColorJitter|Mixup|AutoAugment|RandAugment)$/.test(file.text(field(one, 'function')!)),
        );
        if (random) yield { node: random, message: `${file.text(field(random, 'function')!)} changes validation data by chance.` };
      }
    },
  },
  {
    name: 'best-by-training-loss',
    needs: /best/,
    remedy: 'Compare the validation loss.',
    *check(file) {
      if (!/val|valid|eval/i.test(file.module.source)) return;
      for (const node of descendants(file.module.root)) {
        if (node.type !== 'if_statement') continue;
        const condition = file.text(field(node, 'condition')!);
        if (
          !/\b(train(ing)?_loss|tr_loss|epoch_loss_train|loss_train)\b/.test(condition) ||
          !/best/.test(condition) ||
          /val/i.test(condition)
        )
          continue;
        if (/save/.test(file.text(field(node, 'consequence')!)))
          yield { node: field(node, 'condition')!, message: 'The best checkpoint is chosen by the loss on the training data.' };
      }
    },
  },
];

function isValidation(call: Syntax, dataset: Syntax | undefined, file: Audited): boolean {
  if (dataset && VALIDATION.test(file.text(dataset)) && !/train/i.test(file.text(dataset))) return true;
  const assignment = ancestor(call, 'assignment');
  const left = assignment && field(assignment, 'left');
  return left?.type === 'identifier' && VALIDATION.test(file.text(left)) && !/train/i.test(file.text(left));
}
