/** What a call returns, and what it says about the parameters of the function that it calls. */
import { builtinResult, resultOfFunction } from './builtin-results.ts';
import { isStatic, ownerOf } from './classes.ts';
import { doubleOf } from './double-results.ts';
import type { Inference } from './infer.ts';
import { namedResult } from './named-results.ts';
import { parametersOf, resolve } from './names.ts';
import { field, parts, type Syntax } from './parse.ts';
import {
  alternatives,
  type CallableEntity,
  COMPLEX,
  elementOf,
  join,
  mayBeComplex,
  NONE,
  NUMBER,
  OTHER,
  SHAPE,
  TENSOR,
  TEXT,
  type Type,
  tensorOf,
  UNKNOWN,
} from './types.ts';

/** Parameter name → the type of what was given for it. */
export type CallRecord = [name: string, type: Type | undefined][];

export interface Argument {
  /** Of a keyword argument. */
  name?: string;
  value: Syntax;
  star?: '*' | '**';
  node: Syntax;
}

/** The arguments of a call as written. A lone generator expression is one argument. */
export function argumentsOf(call: Syntax, text: (node: Syntax) => string): Argument[] {
  const list = field(call, 'arguments');
  if (!list) return [];
  if (list.type === 'generator_expression') return [{ value: list, node: list }];
  return parts(list).map((one): Argument => {
    if (one.type === 'keyword_argument') return { name: text(field(one, 'name')!), value: field(one, 'value')!, node: one };
    if (one.type === 'list_splat') return { value: parts(one)[0]!, star: '*', node: one };
    if (one.type === 'dictionary_splat') return { value: parts(one)[0]!, star: '**', node: one };
    return { value: one, node: one };
  });
}

const COMPLEX_RESULTS =
  /^(torch\.fft\.(fft|ifft|rfft|fft2|ifft2|rfft2|fftn|ifftn|rfftn|ihfft)|torch\.(complex|view_as_complex|polar|Tensor\.(cfloat|cdouble)))$/;
const REAL_RESULTS = /(^|\.)(irfft\w*|hfft|real|imag|abs|absolute|angle|view_as_real|size|dim|numel|stride|rand\w*|relu|softshrink|gelu)$/;

export function callType(node: Syntax, inference: Inference): Type | undefined {
  const { typeOf, text } = inference;
  const given = argumentsOf(node, text);
  for (const one of given) typeOf(one.value);
  const callee = field(node, 'function')!;
  const module = inference.classes.moduleOf(node);
  const named = resolve(callee, module, inference.project)?.entity;
  if (named && (named.kind === 'external' || named.kind === 'class' || named.kind === 'function'))
    return resultOf(named, given, inference, node);
  if (callee.type === 'call' && text(field(callee, 'function')!) === 'super') return UNKNOWN;
  if (callee.type === 'attribute') {
    const object = field(callee, 'object')!;
    const name = text(field(callee, 'attribute')!);
    if (object.type === 'call' && text(field(object, 'function')!) === 'super') return superCall(node, name, given, inference);
    return join(...alternatives(typeOf(object)).map((one) => methodResult(one, name, given, inference, node)));
  }
  return join(...alternatives(typeOf(callee)).map((one) => applied(one, given, inference, node)));
}

/** The result of calling a value. */
function applied(type: Type, given: Argument[], inference: Inference, node: Syntax): Type | undefined {
  switch (type.kind) {
    case 'callable':
      return resultOf(type.entity, given, inference, node);
    case 'instance': {
      const method = inference.classes.method(type.of, 'forward') ?? inference.classes.method(type.of, '__call__');
      if (method) return callFunction(method, given, inference, true);
      return inference.classes.isModule(type.of) ? TENSOR : UNKNOWN;
    }
    case 'layer':
      return layerResult(type, given, inference);
    case 'none':
      return undefined;
    default:
      return UNKNOWN;
  }
}

function layerResult(layer: Type & { kind: 'layer' }, given: Argument[], inference: Inference): Type {
  if (/\.(LSTM|GRU|RNN|MultiheadAttention|LSTMCell|AdaptiveLogSoftmaxWithLoss)$/.test(layer.name))
    return { kind: 'tuple', items: [TENSOR, layer.name.endsWith('LSTM') ? { kind: 'tuple', items: [TENSOR, TENSOR] } : TENSOR] };
  if (layer.name === 'torch.nn.Module' || layer.of) {
    const first = given[0] && inference.typeOf(given[0].value);
    return layer.of?.kind === 'instance'
      ? (applied(layer.of, given.slice(0, 1), inference, given[0]?.node as Syntax) ?? UNKNOWN)
      : mayBeComplex(first)
        ? COMPLEX
        : TENSOR;
  }
  return TENSOR;
}

function superCall(node: Syntax, name: string, given: Argument[], inference: Inference): Type | undefined {
  const owner = enclosingOwner(node);
  if (!owner) return UNKNOWN;
  for (const one of inference.classes.ancestry(owner).slice(1)) {
    const method = one.methods.get(name);
    if (method) return callFunction(method, given, inference, true);
  }
  return name === '__init__' ? NONE : UNKNOWN;
}

function enclosingOwner(node: Syntax): Syntax | undefined {
  for (let at = node.parent; at; at = at.parent) if (at.type === 'class_definition') return at;
  return undefined;
}

function resultOf(entity: CallableEntity, given: Argument[], inference: Inference, node: Syntax): Type | undefined {
  if (entity.kind === 'class') {
    const init = inference.classes.method(entity.node, '__init__');
    if (init) callFunction(init, given, inference, true);
    return { kind: 'instance', of: entity.node };
  }
  if (entity.kind === 'function') return callFunction(entity.node, given, inference, isMethod(entity.node, inference));
  const { name } = entity as CallableEntity & { kind: 'external' };
  if (name === 'builtins.getattr' && given.length === 2) return memberByName(given[0]!.value, inference);
  if (name === 'functools.partial') return given[0] ? inference.typeOf(given[0].value) : UNKNOWN;
  const { table } = inference.project;
  if (table!.covers(name)) return tableResult(name, given, inference);
  return builtinResult(name, given, inference) ?? (node.type === 'call' ? UNKNOWN : UNKNOWN);
}

/** `getattr(F, name)`, `getattr(nn, name)`: whichever it is, one of these functions or modules. */
function memberByName(object: Syntax, inference: Inference): Type {
  const entity = resolve(object, inference.classes.moduleOf(object), inference.project)?.entity;
  if (entity?.kind !== 'external' || !/^torch\.nn(\.functional)?$/.test(entity.name)) return UNKNOWN;
  return {
    kind: 'callable',
    entity: { kind: 'external', name: entity.name === 'torch.nn' ? 'torch.nn.Identity' : 'torch.nn.functional.relu' },
  };
}

function isMethod(fn: Syntax, inference: Inference): boolean {
  return ownerOf(fn) !== undefined && !isStatic(fn, inference.text);
}

function tableResult(name: string, given: Argument[], inference: Inference): Type {
  if (/\.(ModuleList|Sequential|ModuleDict)$/.test(name))
    return {
      kind: 'layer',
      name,
      of: join(
        ...given.map((one) =>
          name.endsWith('Sequential') && !one.star ? inference.typeOf(one.value) : elementOf(inference.typeOf(one.value)),
        ),
      ),
    };
  const last = name.split('.').at(-1)!;
  if (/^(torch\.nn\.Parameter|torch\.nn\.parameter\.Parameter|torch\.nn\.Buffer|torch\.Tensor|torch\.\w+Tensor)$/.test(name)) return TENSOR;
  if (/^torch\.(device|Generator|dtype|Size)$/.test(name)) return name.endsWith('Size') ? SHAPE : OTHER;
  if (/^[A-Z]/.test(last) && !name.startsWith('torch.Tensor.')) return { kind: 'layer', name };
  const complex =
    COMPLEX_RESULTS.test(name) ||
    (!REAL_RESULTS.test(name) &&
      given.some((one) => mayBeComplex(inference.typeOf(one.value)) || mayBeComplex(elementOf(inference.typeOf(one.value)))));
  const tensor = tensorOf(complex, doubleOf(name, undefined, given, inference));
  const named = namedResult(name, given, inference.typeOf);
  if (named) return named;
  switch (inference.project.table!.row(name)?.returns) {
    case 'tensors':
      return { kind: 'sequence', of: tensor };
    case 'number':
      return NUMBER;
    case 'shape':
      return SHAPE;
    case 'dtype':
      return { kind: 'dtype' };
    case 'none':
      return NONE;
    case 'unknown':
    case undefined:
      return UNKNOWN;
    default:
      return tensor;
  }
}

/** A project's function: its parameters hear what was given, its own returns answer. */
function callFunction(fn: Syntax, given: Argument[], inference: Inference, bound: boolean): Type | undefined {
  const { text, typeOf } = inference;
  const parameters = parametersOf(fn).slice(bound ? 1 : 0);
  const record: CallRecord = [];
  let at = 0;
  for (const one of given) {
    if (one.star) {
      at = Number.POSITIVE_INFINITY;
      continue;
    }
    const parameter =
      one.name === undefined ? parameters[at++] : parameters.find((other) => other.name && text(other.name) === one.name && !other.star);
    if (!parameter?.name) continue;
    if (parameter.star === '*') {
      record.push([text(parameter.name), { kind: 'sequence', of: typeOf(one.value) }]);
      at--;
    } else record.push([text(parameter.name), typeOf(one.value)]);
  }
  inference.record(fn, record, given[0]?.node);
  return resultOfFunction(fn, inference);
}

const TENSOR_NUMBERS =
  /^(dim|ndimension|numel|nelement|item|stride|is_floating_point|is_complex|element_size|data_ptr|is_contiguous|get_device|storage_offset|tolist|__len__)$/;

function methodResult(type: Type, name: string, given: Argument[], inference: Inference, node: Syntax): Type | undefined {
  switch (type.kind) {
    case 'tensor': {
      if (name === 'size') return given.length ? NUMBER : SHAPE;
      if (TENSOR_NUMBERS.test(name)) return NUMBER;
      if (name === 'numpy') return { kind: 'array' };
      const complex =
        COMPLEX_RESULTS.test(`torch.Tensor.${name}`) ||
        (!REAL_RESULTS.test(name) && (type.complex || given.some((one) => mayBeComplex(inference.typeOf(one.value)))));
      const tensor = tensorOf(complex ?? false, doubleOf(`torch.Tensor.${name}`, type, given, inference));
      const returns = inference.project.table!.row(`torch.Tensor.${name}`)?.returns;
      const parts = namedResult(`torch.Tensor.${name}`, given, inference.typeOf);
      if (parts) return parts;
      return returns === 'tensors'
        ? { kind: 'sequence', of: tensor }
        : returns === 'number'
          ? NUMBER
          : returns === 'shape'
            ? SHAPE
            : tensor;
    }
    case 'instance': {
      const method = inference.classes.method(type.of, name);
      if (method) return callFunction(method, given, inference, !isStatic(method, inference.text));
      const attribute = inference.attributeType(type.of, name);
      if (attribute && attribute.kind !== 'unknown')
        return join(...alternatives(attribute).map((one) => applied(one, given, inference, node)));
      return inference.classes.isModule(type.of) ? moduleMethod(name, type) : UNKNOWN;
    }
    case 'layer':
      return moduleMethod(name, type);
    case 'sequence':
    case 'tuple':
      return name === 'pop' || name === 'popleft'
        ? elementOf(type)
        : /^(index|count|numel)$/.test(name)
          ? NUMBER
          : name === 'copy'
            ? type
            : OTHER;
    case 'mapping':
      if (name === 'items') return { kind: 'sequence', of: { kind: 'tuple', items: [TEXT, type.of] } };
      if (name === 'values') return { kind: 'sequence', of: type.of };
      if (name === 'keys') return { kind: 'sequence', of: TEXT };
      return name === 'get' || name === 'pop' || name === 'setdefault'
        ? join(type.of, given[1] && inference.typeOf(given[1].value))
        : name === 'copy'
          ? type
          : OTHER;
    case 'text':
      return name === 'split' ? { kind: 'sequence', of: TEXT } : TEXT;
    case 'array':
      return type;
    case 'none':
      return undefined;
    default:
      return UNKNOWN;
  }
}

/** Methods that every nn.Module has. */
function moduleMethod(name: string, self: Type): Type {
  switch (name) {
    case 'parameters':
    case 'buffers':
      return { kind: 'sequence', of: TENSOR };
    case 'named_parameters':
    case 'named_buffers':
      return { kind: 'sequence', of: { kind: 'tuple', items: [TEXT, TENSOR] } };
    case 'modules':
    case 'children':
      return { kind: 'sequence', of: { kind: 'layer', name: 'torch.nn.Module' } };
    case 'named_modules':
    case 'named_children':
      return { kind: 'sequence', of: { kind: 'tuple', items: [TEXT, { kind: 'layer', name: 'torch.nn.Module' }] } };
    case 'state_dict':
      return { kind: 'mapping', of: TENSOR };
    case 'eval':
    case 'train':
    case 'to':
    case 'cuda':
    case 'cpu':
    case 'float':
    case 'double':
    case 'half':
    case 'apply':
    case 'requires_grad_':
      return self;
    case 'values':
      return { kind: 'sequence', of: self.kind === 'layer' ? self.of : UNKNOWN };
    case 'items':
      return { kind: 'sequence', of: { kind: 'tuple', items: [TEXT, self.kind === 'layer' ? self.of : UNKNOWN] } };
    default:
      return UNKNOWN;
  }
}
