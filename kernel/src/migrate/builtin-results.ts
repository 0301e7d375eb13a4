/** What Python's own functions return, by what they are given: `map`, `zip`, `dict`, `max` … */
import type { Argument, CallRecord } from './calls.ts';
import { isStatic, ownerOf } from './classes.ts';
import type { Inference } from './infer.ts';
import { parametersOf } from './names.ts';
import { field, type Syntax } from './parse.ts';
import {
  alternatives,
  elementOf,
  isDouble,
  isTensor,
  itemOf,
  join,
  mayBeComplex,
  NUMBER,
  OTHER,
  TENSOR,
  TEXT,
  type Type,
  tensorOf,
  UNKNOWN,
} from './types.ts';

export function builtinResult(name: string, given: Argument[], inference: Inference): Type | undefined {
  const first = given[0] && inference.typeOf(given[0].value);
  if (/^(math|operator|random|time|os|warnings|logging)\./.test(name)) return /^(math|random|time)\./.test(name) ? NUMBER : UNKNOWN;
  if (/^(numpy|scipy)\./.test(name)) return { kind: 'array' };
  // Progress bars hand on what they are given.
  if (/^(tqdm\.(\w+\.)?tqdm|rich\.progress\.track)$/.test(name)) return first;
  switch (name.replace(/^(builtins|itertools|copy|collections)\./, '')) {
    case 'len':
    case 'int':
    case 'float':
    case 'bool':
    case 'hash':
    case 'id':
    case 'isinstance':
    case 'issubclass':
    case 'hasattr':
    case 'all':
    case 'any':
    case 'callable':
    case 'ord':
      return NUMBER;
    case 'str':
    case 'repr':
      return TEXT;
    case 'range':
      return { kind: 'sequence', of: NUMBER };
    case 'abs':
      return mayBeComplex(first) && isTensor(first) === 'yes' ? tensorOf(false, isDouble(first)) : first;
    case 'round':
    case 'deepcopy':
      return first;
    case 'sum':
      return elementOf(first);
    case 'max':
    case 'min':
      return given.length > 1 ? join(...given.filter((one) => !one.name).map((one) => inference.typeOf(one.value))) : elementOf(first);
    case 'list':
    case 'tuple':
    case 'sorted':
    case 'reversed':
    case 'set':
    case 'chain':
      return {
        kind: 'sequence',
        of:
          given.length > 1 && name.endsWith('chain')
            ? join(...given.map((one) => elementOf(inference.typeOf(one.value))))
            : elementOf(first),
      };
    case 'map':
      return { kind: 'sequence', of: mapped(given, inference) };
    case 'enumerate':
      return { kind: 'sequence', of: { kind: 'tuple', items: [NUMBER, elementOf(first)] } };
    case 'zip':
      return { kind: 'sequence', of: { kind: 'tuple', items: given.map((one) => elementOf(inference.typeOf(one.value))) } };
    case 'next':
    case 'iter':
      return name.endsWith('iter') ? first : elementOf(first);
    case 'dict':
    case 'OrderedDict':
    case 'defaultdict':
      return { kind: 'mapping', of: entriesOf(name.endsWith('defaultdict') ? given.slice(1) : given, inference) };
    case 'slice':
    case 'print':
    case 'type':
    case 'super':
      return OTHER;
    default:
      return undefined;
  }
}

/** The values of `dict(other, name=value)`, `dict(zip(names, values))`. */
function entriesOf(given: readonly Argument[], inference: Inference): Type | undefined {
  if (!given.length) return UNKNOWN;
  return join(
    ...given.map(({ name, star, value }) => {
      const type = inference.typeOf(value);
      if (name !== undefined || type === undefined) return type;
      const all = alternatives(type);
      if (star || !all.every((one) => one.kind === 'mapping' || one.kind === 'sequence')) return UNKNOWN;
      return join(...all.map((one) => (one.kind === 'mapping' ? one.of : itemOf(elementOf(one), 1))));
    }),
  );
}

/** Of a function or lambda of the project. */
export const resultOfFunction = (fn: Syntax, inference: Inference) =>
  fn.type === 'lambda' ? inference.typeOf(field(fn, 'body')) : inference.returnType(fn);

/** What `map(f, several, …)` gives one of. */
function mapped([first, ...several]: readonly Argument[], inference: Inference): Type | undefined {
  return join(
    ...alternatives(first && inference.typeOf(first.value)).map((one): Type | undefined => {
      if (one.kind === 'layer' || one.kind === 'instance') return TENSOR;
      if (one.kind !== 'callable' || one.entity.kind === 'class') return UNKNOWN;
      if (one.entity.kind === 'external') return inference.project.table!.row(one.entity.name)?.returns === 'tensor' ? TENSOR : UNKNOWN;
      const fn = one.entity.node;
      const names = parametersOf(fn).slice(ownerOf(fn) && !isStatic(fn, inference.text) ? 1 : 0);
      const record = several.flatMap(({ value }, at): CallRecord => {
        const name = names[at]?.name;
        return name ? [[inference.text(name), elementOf(inference.typeOf(value))]] : [];
      });
      inference.record(fn, record, first!.node);
      return resultOfFunction(fn, inference);
    }),
  );
}
