/** What the compiler keeps as an object of Python's beside the graph, or does not take: containers of Python's library, lists with None, records, instances. */
import { calledName, callsBuiltin, givesTensorsToObject, makesRecord, putsNone } from './asked.ts';
import type { Rule } from './rules.ts';

export const OBJECT_RULES: readonly Rule[] = [
  {
    name: 'next',
    effect: 'refused',
    at: ['call'],
    when: (node, inference) => callsBuiltin(node, 'next', inference),
    why: "The compiler's next() gives no item of a list.",
    remedy: 'Ask the list by number.',
    bad: { forward: 'parts = iter([x, x * 2])\nfor step in range(2):\n    x = x + next(parts) * self.w\nreturn x' },
    good: { forward: 'parts = iter([x, x * 2])\ny = next(parts)\nfor one in parts:\n    y = y * one\nreturn y * self.w' },
  },
  {
    name: 'deque',
    effect: 'wrong',
    at: ['call'],
    when: (node, inference) => /^collections\.deque$/.test(calledName(node, inference) ?? ''),
    why: 'It runs as Python beside the graph, and gradients through what it holds are lost.',
    remedy: 'Use a list.',
    bad: { module: 'import collections', forward: 'parts = collections.deque([x])\nreturn parts[0] * self.w' },
    good: { forward: 'parts = [x]\nreturn parts[0] * self.w' },
  },
  {
    name: 'None put into a list',
    effect: 'wrong',
    at: ['assignment'],
    when: putsNone,
    why: 'The list is kept by Python beside the graph, and gradients through what it holds are lost.',
    remedy: 'Make a new list: parts[:i] + [None] + parts[i + 1:].',
    bad: {
      forward: 'both = ([x, x * 2], 1)\nparts = both[0]\nparts[0] = None\nreturn parts[1] * parts[1].shape[-1] * self.w',
    },
    good: { forward: 'parts = [x, x * 2]\nparts = [None] + parts[1:]\nreturn parts[1] * parts[1].shape[-1] * self.w' },
  },
  {
    name: 'defaultdict',
    effect: 'refused',
    at: ['call'],
    when: (node, inference) => /^collections\.defaultdict$/.test(calledName(node, inference) ?? ''),
    why: 'The compiler has plain dictionaries alone, and finds no key that was not put in.',
    remedy: 'Use a dictionary, and test for the key.',
    bad: {
      module: 'import collections',
      forward: "parts = collections.defaultdict(list)\nparts['a'].append(x)\nreturn parts['a'][0] * self.w",
    },
    good: { forward: "parts = {'a': []}\nparts['a'].append(x)\nreturn parts['a'][0] * self.w" },
  },
  {
    name: 'distribution',
    effect: 'refused',
    at: ['call'],
    when: (node, inference) =>
      /^torch\.distributions\.(\w+\.)?(Normal|Uniform|Bernoulli|Categorical)$/.test(calledName(node, inference) ?? ''),
    why: 'The compiler makes objects of constants alone, no distribution of what the forward computes.',
    remedy: 'Draw with torch.randn_like and write the density out, or make a distribution of constants in __init__.',
    bad: { forward: 'return torch.distributions.Normal(x, self.w.exp()).rsample() * self.w' },
    good: {
      init: 'self.normal = torch.distributions.Normal(torch.zeros(4), torch.ones(4))',
      forward: 'return self.normal.log_prob(x) * self.w',
    },
  },
  {
    name: 'named tuple or data class',
    effect: 'wrong',
    at: ['call'],
    when: makesRecord,
    why: 'It is made by Python beside the graph, and gradients through what it holds are lost.',
    remedy: 'Use a tuple.',
    bad: {
      module: 'import dataclasses\n@dataclasses.dataclass\nclass Pair:\n    first: object\n    second: object',
      forward: 'both = Pair(first=x, second=x * 2)\nreturn both.first * self.w',
    },
    good: { forward: 'first, second = x, x * 2\nreturn first * self.w' },
  },
  {
    name: 'object given tensors',
    effect: 'wrong',
    at: ['call'],
    when: givesTensorsToObject,
    why: 'The object is made by Python beside the graph, and gradients through what it holds are lost.',
    remedy: 'Write what the class does as functions of tensors.',
    bad: {
      module: 'class Scaled:\n    def __init__(self, values, by):\n        self.values = values\n        self.by = by',
      forward: 'scaled = Scaled(x, 2)\nreturn scaled.values * scaled.by * self.w',
    },
    good: {
      module: 'class Scaled:\n    def __init__(self, shape, by):\n        self.values = torch.ones(shape)\n        self.by = by',
      forward: 'scaled = Scaled(x.shape, 2)\nreturn scaled.values * scaled.by * x * self.w',
    },
  },
];
