/**
 * What MindSpore's graph compiler refuses, or compiles into something else than Python means: one entry a rule. Each has an example that does go wrong under
 * `ms.jit`, and a like one that does not; test/migrate/graph.test.ts runs both on the MindSpore that is installed.
 */
import { argumentsOf } from '../calls.ts';
import type { Inference } from '../infer.ts';
import { descendants, field, fields, parts, type Syntax } from '../parse.ts';
import { alternatives, mayBeComplex } from '../types.ts';
import { always, calledName, callsPartial, changesTheCallers, comparesWithObject, holdsTensors, isMethod, surelyTensor } from './asked.ts';
import { readsKeptState } from './kept-state.ts';
import { OBJECT_RULES } from './object-rules.ts';

/** `refused`: the compiler says no. `wrong`: it compiles, and gives other values or gradients than Python. */
export type Effect = 'refused' | 'wrong';

export interface Example {
  /** Statements of `forward(self, x)`, of `__init__`, and of the module. */
  forward: string;
  init?: string;
  module?: string;
}

export interface Rule {
  name: string;
  effect: Effect;
  /** Syntax that it looks at. */
  at: readonly string[];
  when(node: Syntax, inference: Inference): boolean;
  why: string;
  remedy: string;
  bad: Example;
  good: Example;
}

export const RULES: readonly Rule[] = [
  ...OBJECT_RULES,
  {
    name: 'try',
    effect: 'refused',
    at: ['try_statement'],
    when: always,
    why: 'The compiler has no try.',
    remedy: 'Test the condition before, or move what may fail out of forward.',
    bad: { forward: 'try:\n    y = x * 2\nexcept ValueError:\n    y = x\nreturn y * self.w' },
    good: { forward: 'y = x * 2 if x.shape[0] > 1 else x\nreturn y * self.w' },
  },
  {
    name: 'generator',
    effect: 'refused',
    at: ['yield'],
    when: always,
    why: 'The compiler has no generators: a function with yield cannot be called.',
    remedy: 'Return a list.',
    bad: {
      module: 'def doubled(x):\n    for i in range(2):\n        yield x * i',
      forward: 'y = x\nfor z in doubled(x):\n    y = y + z\nreturn y * self.w',
    },
    good: {
      module: 'def doubled(x):\n    return [x * i for i in range(2)]',
      forward: 'y = x\nfor z in doubled(x):\n    y = y + z\nreturn y * self.w',
    },
  },
  {
    name: 'complex number',
    effect: 'refused',
    at: ['integer', 'float'],
    when: (node, inference) => mayBeComplex(inference.typeOf(node)),
    why: 'The compiler has no complex constants.',
    remedy: 'Make the tensor with torch.complex(real, imaginary), or keep the number as a buffer.',
    bad: { forward: 'return (x + 1j).imag * self.w' },
    good: { forward: 'return (x * 1j).imag * self.w' },
  },
  {
    name: 'delete an element',
    effect: 'refused',
    at: ['delete_statement'],
    when: (node) => [...descendants(node)].some((one) => one.type === 'subscript' || one.type === 'attribute'),
    why: 'The compiler has no del.',
    remedy: 'Build a list or dictionary without the element.',
    bad: { forward: 'parts = [x, x * 2]\ndel parts[0]\nreturn parts[0] * self.w' },
    good: { forward: 'parts = [x, x * 2]\nparts = parts[1:]\nreturn parts[0] * self.w' },
  },
  {
    name: 'two loops in one comprehension',
    effect: 'refused',
    at: ['list_comprehension', 'generator_expression', 'dictionary_comprehension'],
    when: (node) => parts(node).filter((one) => one.type === 'for_in_clause').length > 1,
    why: 'The compiler takes one for in a comprehension.',
    remedy: 'Write the loops as statements that append to a list.',
    bad: { forward: 'parts = {(i, j): x * i * j for i in range(1, 3) for j in range(1, 3)}\nreturn parts[(1, 2)] * self.w' },
    good: { forward: 'parts = [x * i * j for i in range(1, 3) for j in range(1, 3)]\nreturn torch.stack(parts) * self.w' },
  },
  {
    name: 'set',
    effect: 'refused',
    at: ['set', 'set_comprehension'],
    when: (node) => !(node.type === 'set' && node.parent?.type === 'comparison_operator'),
    why: 'The compiler has no sets.',
    remedy: 'Use a tuple or a list, or make the set in __init__.',
    bad: { forward: 'kept = {1, 2}\nreturn x * len(kept) * self.w' },
    good: { forward: 'kept = (1, 2)\nreturn x * len(kept) * self.w' },
  },
  {
    name: 'nonlocal',
    effect: 'refused',
    at: ['nonlocal_statement'],
    when: always,
    why: 'The compiler has no nonlocal.',
    remedy: 'Return the value from the inner function.',
    bad: { forward: 'n = 1\ndef twice(t):\n    nonlocal n\n    n = 2\n    return t * n\nreturn twice(x) * self.w' },
    good: { forward: 'def twice(t):\n    return t * 2\nreturn twice(x) * self.w' },
  },
  {
    name: 'import in forward',
    effect: 'refused',
    at: ['import_statement', 'import_from_statement'],
    when: always,
    why: 'The compiler has no import.',
    remedy: "Import at the module's top.",
    bad: { forward: 'import math\nreturn x * math.pi * self.w' },
    good: { module: 'import math', forward: 'return x * math.pi * self.w' },
  },
  {
    name: 'named expression',
    effect: 'refused',
    at: ['named_expression'],
    when: always,
    why: 'The compiler has no :=.',
    remedy: 'Assign in a statement before.',
    bad: { forward: 'return x * n * self.w if x.ndim == 2 and (n := x.shape[0]) > 1 else x' },
    good: { forward: 'n = x.shape[0]\nreturn x * n * self.w if x.ndim == 2 and n > 1 else x' },
  },
  {
    name: 'match',
    effect: 'refused',
    at: ['match_statement'],
    when: always,
    why: 'The compiler has no match.',
    remedy: 'Write if and elif.',
    bad: { forward: 'match x.shape[0]:\n    case 2:\n        y = x * 2\n    case _:\n        y = x\nreturn y * self.w' },
    good: { forward: 'if x.shape[0] == 2:\n    y = x * 2\nelse:\n    y = x\nreturn y * self.w' },
  },
  {
    name: 'is with an object',
    effect: 'refused',
    at: ['comparison_operator'],
    when: comparesWithObject,
    why: "The compiler's `is` knows None, numbers, texts and types alone.",
    remedy: 'Compare with ==.',
    bad: {
      module: 'import enum\nclass Mode(enum.Enum):\n    FAST = 1\n    SLOW = 2',
      init: 'self.mode = Mode.FAST',
      forward: 'return x * self.w if self.mode is Mode.FAST else x',
    },
    good: {
      module: 'import enum\nclass Mode(enum.Enum):\n    FAST = 1\n    SLOW = 2',
      init: 'self.mode = Mode.FAST',
      forward: 'return x * self.w if self.mode == Mode.FAST else x',
    },
  },
  {
    name: 'filter(None, …)',
    effect: 'refused',
    at: ['call'],
    when: (node, inference) => calledName(node, inference) === 'filter' && argumentsOf(node, inference.text)[0]?.value.type === 'none',
    why: "The compiler's filter calls its first argument.",
    remedy: 'Write a comprehension with an if.',
    bad: { forward: 'sizes = list(filter(None, [0, 1, 2]))\nreturn x * sizes[0] * self.w' },
    good: { forward: 'sizes = [one for one in [0, 1, 2] if one]\nreturn x * sizes[0] * self.w' },
  },
  {
    name: 'list of tensors changed in place',
    effect: 'wrong',
    at: ['call'],
    when: (node, inference) => isMethod(node, /^(extend|insert|reverse|remove)$/, ['sequence'], inference) && holdsTensors(node, inference),
    why: 'The compiler changes a list of its own beside the graph, and gradients through it are lost.',
    remedy: 'Make a new list: parts = parts + [x].',
    bad: { forward: 'parts = [x]\nsame = parts\nsame.extend([x * self.w])\nreturn same[1]' },
    good: { forward: 'parts = [x]\nparts = parts + [x * self.w]\nreturn parts[1]' },
  },
  {
    name: "caller's list or dictionary changed",
    effect: 'wrong',
    at: ['call', 'assignment'],
    when: changesTheCallers,
    why: 'The compiler hands over a copy: the caller does not see what is put into it.',
    remedy: 'Return it, and assign what is returned.',
    bad: {
      module: 'def add(parts, x):\n    parts.append(x * 2)',
      forward: 'parts = [x]\nadd(parts, x)\nreturn parts[-1] * self.w',
    },
    good: {
      module: 'def add(parts, x):\n    parts.append(x * 2)\n    return parts',
      forward: 'parts = add([x], x)\nreturn parts[-1] * self.w',
    },
  },
  {
    name: 'module chosen by a tensor',
    effect: 'refused',
    at: ['subscript'],
    when: (node, inference) =>
      alternatives(inference.typeOf(field(node, 'value'))).some((one) => one.kind === 'layer' && /List$/.test(one.name)) &&
      fields(node, 'subscript').some((one) => surelyTensor(one, inference)),
    why: 'Which module runs has to be known when the graph is compiled.',
    remedy: 'Choose by numbers of Python.',
    bad: {
      init: "self.parts = nn.ModuleList([nn.Tanh(), nn.Sigmoid()])\nself.register_buffer('order', torch.tensor([1, 0]))",
      forward: 'return self.parts[self.order[0]](x) * self.w',
    },
    good: {
      init: 'self.parts = nn.ModuleList([nn.Tanh(), nn.Sigmoid()])\nself.order = [1, 0]',
      forward: 'return self.parts[self.order[0]](x) * self.w',
    },
  },
  {
    name: 'pop from a dictionary',
    effect: 'wrong',
    at: ['call'],
    when: (node, inference) => isMethod(node, /^pop$/, ['mapping'], inference),
    why: 'Under the compiler it gives something else than the value.',
    remedy: 'Read the value by its key.',
    bad: { forward: "parts = {'a': x, 'b': x * 2}\ny = parts.pop('a')\nreturn y * self.w" },
    good: { forward: "parts = {'a': x, 'b': x * 2}\ny = parts['a']\nreturn y * self.w" },
  },
  {
    name: 'random number of Python or NumPy',
    effect: 'wrong',
    at: ['call'],
    when: (node, inference) => /^(random|numpy\.random)\.\w+$/.test(calledName(node, inference) ?? ''),
    why: 'It is drawn once, when the graph is compiled, and stays.',
    remedy: 'Draw with torch (torch.rand), which is migrated to a draw of the graph.',
    bad: { module: 'import random', init: 'random.seed(0)', forward: 'return x * random.random() * self.w' },
    good: { forward: 'return x * 0.5 * self.w' },
  },
  {
    name: 'values taken out of a tensor',
    effect: 'wrong',
    at: ['call'],
    when: (node, inference) => isMethod(node, /^(tolist|numpy)$/, ['tensor'], inference),
    why: 'What is computed from them runs as Python beside the graph, and gradients through it are lost.',
    remedy: 'Compute with tensors.',
    bad: { forward: 'first = x.tolist()[0][0]\nreturn x * first * self.w' },
    good: { forward: 'first = x[0, 0]\nreturn x * first * self.w' },
  },
  {
    name: 'math on a tensor',
    effect: 'wrong',
    at: ['call'],
    when: (node, inference) =>
      /^math\.\w+$/.test(calledName(node, inference) ?? '') &&
      argumentsOf(node, inference.text).some((one) => surelyTensor(one.value, inference)),
    why: 'It runs as Python beside the graph, and gradients through what it gives are lost.',
    remedy: "Use torch's function of the name.",
    bad: { module: 'import math', forward: 'return x * math.sqrt(x.sum()) * self.w' },
    good: { forward: 'return x * torch.sqrt(x.sum()) * self.w' },
  },
  {
    name: 'partial of a function',
    effect: 'wrong',
    at: ['call'],
    when: callsPartial,
    why: 'A functools.partial runs as Python beside the graph, and gradients through it are lost.',
    remedy: 'Call the function with all its arguments, or define one that does.',
    bad: {
      module: 'from functools import partial\ndef scaled(x, by):\n    return x * by',
      init: 'self.scaled = partial(scaled, by=2.0)',
      forward: 'return self.scaled(x) * self.w',
    },
    good: {
      module: 'def scaled(x, by):\n    return x * by',
      init: 'self.by = 2.0',
      forward: 'return scaled(x, self.by) * self.w',
    },
  },
  {
    name: 'deep copy',
    effect: 'wrong',
    at: ['call'],
    when: (node, inference) =>
      /^copy\.(deep)?copy$/.test(calledName(node, inference) ?? '') && surelyTensor(argumentsOf(node, inference.text)[0]?.value, inference),
    why: 'It runs as Python beside the graph, and gradients through the copy are lost.',
    remedy: 'Use clone().',
    bad: { module: 'import copy', forward: 'return copy.deepcopy(x) * self.w' },
    good: { forward: 'return x.clone() * self.w' },
  },
  {
    name: 'setdefault',
    effect: 'wrong',
    at: ['call'],
    when: (node, inference) => isMethod(node, /^setdefault$/, ['mapping'], inference),
    why: 'It runs as Python beside the graph, and gradients through what it gives are lost.',
    remedy: 'Test for the key, and assign.',
    bad: { forward: "parts = {'a': x}\ny = parts.setdefault('b', x)\nreturn y * self.w" },
    good: { forward: "parts = {'a': x}\ny = parts.get('b', x)\nreturn y * self.w" },
  },
  {
    name: 'state kept in an attribute',
    effect: 'wrong',
    at: ['attribute'],
    when: readsKeptState,
    why: 'The graph reads the value that was there when it was compiled, and gradients through the attribute are lost.',
    remedy: 'Hand it over as an argument and return it, or keep it in a buffer where no gradient goes through it.',
    bad: {
      init: 'self.state = torch.zeros(4)',
      forward: 'for step in range(2):\n    if step == 0:\n        self.state = x * self.w\n    y = self.state * 2\nreturn y',
    },
    good: {
      init: 'self.state = torch.zeros(4)',
      forward: 'state = x\nfor step in range(2):\n    if step == 0:\n        state = x * self.w\n    y = state * 2\nreturn y',
    },
  },
];
