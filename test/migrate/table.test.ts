// The operator table: its schema with line numbers, binding and templates, and that every row leads somewhere.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readCompat } from '../../kernel/src/migrate/compat.ts';
import { documentedFor } from '../../kernel/src/migrate/documented.ts';
import { loadParser } from '../../kernel/src/migrate/parse.ts';
import { parseRows, parseSignature } from '../../kernel/src/migrate/rows.ts';
import { indexRows, loadTable } from '../../kernel/src/migrate/table.ts';
import { bindArguments, fillTemplate, wrapperOf } from '../../kernel/src/migrate/template.ts';
import { whyUnmeasured } from '../../kernel/src/migrate/unmeasured.ts';
import { operatorsFolder } from '../../kernel/src/processes/places.ts';
import { TradewindError } from '../../kernel/src/records/errors.ts';

const FAULTS: [title: string, text: string, where: string, message: RegExp][] = [
  ['an unknown key', '- torch: torch.a\n  strategy: custom\n  to: compat.a\n  colour: red\n', 'x.yaml:4', /unknown key "colour"/],
  ['a wrong strategy', '- torch: torch.a\n  strategy: magic\n  to: compat.a\n', 'x.yaml:2', /strategy "magic" is none of equivalent/],
  ['no name', '# head\n- strategy: custom\n  to: compat.a\n', 'x.yaml:2', /needs `torch`/],
  ['no target', '- torch: torch.a\n  strategy: custom\n', 'x.yaml:1', /needs `to`/],
  ['unsupported without a remedy', '- torch: torch.a\n  strategy: unsupported\n  reason: none\n', 'x.yaml:1', /needs reason and remedy/],
  [
    'a placeholder outside the signature',
    '- torch: torch.a\n  strategy: custom\n  signature: (x)\n  to: "{y}.b()"\n',
    'x.yaml:4',
    /names \{y\}/,
  ],
  [
    'a signature that is none',
    '- torch: torch.a\n  strategy: custom\n  signature: x, y\n  to: compat.a\n',
    'x.yaml:3',
    /signature is not of the form/,
  ],
  ['a target that is no name', '- torch: torch.a\n  strategy: custom\n  to: .a.b().c\n', 'x.yaml:3', /no name, literal or template/],
  [
    'targets without portable',
    '- torch: torch.a\n  strategy: custom\n  to: {ascend: mindspore.mint.a}\n',
    'x.yaml:3',
    /a mapping with portable/,
  ],
  ['broken YAML', '- torch: [torch.a\n  strategy: custom\n', 'x.yaml:2', /no valid YAML/],
  ['a file that is no list', 'torch: torch.a\n', 'x.yaml:1', /a list of rows/],
];

describe('schema', () => {
  for (const [title, text, where, message] of FAULTS) {
    test(`${title} is named with its line`, () => {
      assert.throws(
        () => parseRows(text, 'x.yaml'),
        (error) => {
          assert.ok(error instanceof TradewindError);
          assert.equal(error.data.where, where);
          assert.match(error.data.message, message);
          return true;
        },
      );
    });
  }

  test('a name in two rows is a fault that names both places', () => {
    const rows = parseRows(
      '- {torch: torch.a, strategy: custom, to: compat.a}\n- {torch: [torch.b, torch.a], strategy: custom, to: compat.a}\n',
      'x.yaml',
    );
    assert.throws(() => indexRows(rows), /torch\.a has a row already, at x\.yaml:1/);
  });
});

describe('templates', () => {
  const signature = parseSignature('(input, dim=None, *, keepdim=False)')!;
  test('positional and keyword arguments are bound', () => {
    const bound = bindArguments(signature, [{ text: 'x' }, { name: 'keepdim', text: 'True' }])!;
    assert.equal(fillTemplate('ops.f({input}, axis={dim}, keep_dims={keepdim})', signature, bound), 'ops.f(x, keep_dims=True)');
    assert.equal(fillTemplate('ops.f({input}, {dim})', signature, bound), 'ops.f(x, None)');
  });
  test('beside an operator an expression gets brackets', () => {
    const two = parseSignature('(input, other)')!;
    assert.equal(
      fillTemplate(
        '({input} - {other})',
        two,
        new Map([
          ['input', 'a'],
          ['other', 'b - c'],
        ]),
      ),
      '(a - (b - c))',
    );
    assert.equal(fillTemplate('{input}.sum()', two, new Map([['input', 'a + b']])), '(a + b).sum()');
  });
  test('what cannot be bound before it runs is left to a function with PyTorch’s signature', () => {
    assert.equal(bindArguments(signature, [{ text: 'args', star: '*' }]), undefined);
    assert.equal(bindArguments(signature, [{ name: 'axis', text: '1' }]), undefined);
    const [row] = parseRows(
      '- {torch: torch.f, strategy: equivalent, signature: "(input, dim=None, *, keepdim=False)", to: "ops.f({input}, axis={dim})"}',
      'x.yaml',
    );
    assert.equal(
      wrapperOf(row!, row!.to!.portable, 'torch_f'),
      'def torch_f(input, dim=None, *, keepdim=False):\n    """torch.f"""\n    return ops.f(input, axis=dim)',
    );
  });
});

describe('the table', async () => {
  const table = await loadTable(operatorsFolder());
  test('every compat name in it is defined in the library', async () => {
    const library = await readCompat(join(operatorsFolder(), 'compat'), await loadParser());
    const missing = table.rows.flatMap((row) =>
      Object.values(row.to ?? {}).flatMap((to) =>
        [...to.matchAll(/\bcompat\.(\w+)/g)]
          .filter(([, name]) => !library.definitions.has(name!))
          .map(([, name]) => `${row.file}:${row.line} ${name}`),
      ),
    );
    assert.deepEqual(missing, []);
  });
  test('most rows have the platforms that MindSpore documents, and no other word than its own', () => {
    const { documented, row } = table;
    assert.deepEqual(documented(row('torch.fft.rfft2')!, 'torch.fft.rfft2', 'portable'), ['Ascend', 'CPU']);
    assert.deepEqual(documented(row('torch.Tensor.sqrt')!, 'torch.Tensor.sqrt', 'portable'), ['Ascend', 'CPU', 'GPU']);
    assert.ok(documented(row('torch.nn.functional.gelu')!, 'torch.nn.functional.gelu', 'portable')?.includes('CPU'));
    const all = table.rows.filter((one) => one.to).map((one) => documented(one, one.names[0]!, 'portable'));
    assert.ok(all.filter(Boolean).length > 0.5 * all.length);
    assert.ok(all.flatMap((one) => one ?? []).every((one) => ['Ascend', 'CPU', 'GPU'].includes(one)));
  });
  test('a row that leads to several functions has the platforms of all of them, or none where one is silent', () => {
    const platforms = new Map([
      ['mindspore.ops.a', ['Ascend', 'CPU']],
      ['compat.b', ['CPU', 'GPU']],
      ['mindspore.Tensor.view', ['GPU']],
    ]);
    const of = (to: string, api = 'torch.f') =>
      documentedFor(
        parseRows(`- {torch: ${api}, strategy: custom, signature: "(x)", to: "${to}"}`, 'x.yaml')[0]!,
        api,
        'portable',
        platforms,
      );
    assert.deepEqual(of('mindspore.ops.a(compat.b({x}))'), ['CPU']);
    assert.equal(of('mindspore.ops.a(compat.c({x}))'), undefined);
    assert.deepEqual(of('same', 'torch.Tensor.view'), ['GPU']);
    assert.equal(of('None'), undefined);
  });
  test('what is no function of tensors says why it has no measurement', () => {
    const why = (name: string) => whyUnmeasured(table.row(name), name, table.row(name)!.strategy);
    assert.equal(why('torch.nn.Module'), 'the code around it is restructured; verify runs it');
    assert.equal(why('torch.Tensor.shape'), 'an attribute, not a function');
    assert.match(why('torch.randn')!, /random/);
    assert.match(why('torch.nn.init.trunc_normal_')!, /random/);
    assert.match(why('torch.no_grad')!, /not a function of tensors/);
    assert.equal(why('torch.fft.rfft2'), undefined);
  });
  test('it holds the names that models of the atmosphere and ocean are written with', () => {
    for (const name of [
      'torch.einsum',
      'torch.fft.rfft2',
      'torch.nn.Conv2d',
      'torch.nn.functional.gelu',
      'torch.Tensor.permute',
      'torch.roll',
      'torch.nn.init.trunc_normal_',
      'torch.view_as_complex',
    ])
      assert.ok(table.has(name), name);
    assert.ok(table.rows.length > 400);
  });
  test('namespaces are told from names', () => {
    assert.ok(table.isNamespace('torch.nn') && table.isNamespace('torch') && !table.isNamespace('torch.nn.Linear'));
    assert.ok(table.covers('torch.anything.else') && !table.covers('numpy.zeros'));
  });
});
