// Writes in place: programs of views, parts and other names of tensors that are written into give in MindSpore what they give in PyTorch,
// those in views/programs.py and some that chance has written.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertSame, outcomes } from './both.ts';
import { assertMigrated } from './migration.ts';

const folder = join(import.meta.dirname, 'views');

test('programs as people write them', async () => {
  const { found } = await outcomes(readFileSync(join(folder, 'programs.py'), 'utf8'));
  assert.equal(Object.keys(found).length, 14);
  assertSame(found, () => '');
});

test('programs that chance has written', async () => {
  const tapes = fc.sample(fc.array(fc.nat(9999), { minLength: 80, maxLength: 80 }), { numRuns: 60, seed: 20260 });
  const programs = tapes.map((tape, at) => program(`program_${String(at).padStart(2, '0')}`, tape));
  const { found, migrated } = await outcomes(`import torch\nimport torch.nn.functional as F\n\n\n${programs.join('\n\n')}`);
  assert.equal(Object.keys(found).length, programs.length);
  const source = (name: string) => programs.find((one) => one.startsWith(`def ${name}(`))!;
  assertSame(found, (name) => `${source(name)}\n${migrated.split('\n\n\n').find((one) => one.includes(`def ${name}(`))}`);
});

test('what is nobody’s is left alone: a view that is bound anew, a copy, a tensor that nobody reads again', () =>
  assertMigrated(
    `
    import torch

    def f(x: torch.Tensor):
        y = x[:, 0]
        y = y + 1
        q, k = x.chunk(2)
        q *= 2
        z = x.t().reshape(-1)
        z += 1
        return y, q, z
    `,
    `
    import mindspore as ms
    import tradewind_compat as compat

    def f(x: ms.Tensor):
        y = x[:, 0]
        y = y + 1
        q, k = compat.chunk(x, 2)
        q = q * 2
        x = compat.put_back(x, compat.chunk(compat.places(x), 2)[0], q)
        z = compat.transposed(x).reshape(-1)
        z = z + 1
        return y, q, z
    `,
  ));

/** A function of a 3 × 4 tensor, built by what a tape of numbers chooses; shapes are followed, so that every line runs. */
function program(name: string, tape: readonly number[]): string {
  let at = 0;
  const below = (count: number) => tape[at++ % tape.length]! % count;
  const shapes = new Map([['x', [3, 4]]]);
  // `view` refuses tensors whose memory does not go on in one piece.
  const whole = new Set(['x']);
  const lines: string[] = [];
  const names = () => [...shapes.keys()];
  for (let step = 0; step < 9; step++) {
    const from = names()[below(shapes.size)]!;
    const shape = shapes.get(from)!;
    const fresh = `v${step}`;
    const made = (text: string, size: number[], isWhole: boolean) => {
      lines.push(`${fresh} = ${text}`);
      shapes.set(fresh, size);
      if (isWhole) whole.add(fresh);
    };
    const number = 1 + below(3);
    switch (below(14)) {
      case 0:
        if (shape.length > 1) made(`${from}[${below(shape[0]!)}]`, shape.slice(1), whole.has(from));
        break;
      case 1:
        if (shape[0]! > 1) made(`${from}[1:]`, [shape[0]! - 1, ...shape.slice(1)], whole.has(from));
        break;
      case 2:
        if (shape.length > 1) made(`${from}[:, ${below(shape[1]!)}]`, [shape[0]!], false);
        break;
      case 3:
        if (shape.length > 1) made(`${from}.transpose(0, 1)`, [shape[1]!, shape[0]!], false);
        break;
      case 4:
        if (whole.has(from)) made(`${from}.${below(2) ? 'view' : 'reshape'}(-1)`, [shape.reduce((a, b) => a * b)], true);
        break;
      case 5:
        made(`${from}.reshape(-1).clone()`, [shape.reduce((a, b) => a * b)], true);
        break;
      case 6:
        made(`${from} + ${number}`, shape, true);
        break;
      case 7:
        lines.push(`${from} ${['+=', '*=', '-='][below(3)]} ${number}`);
        break;
      case 8:
        lines.push(`${from}.${['add_', 'mul_', 'sub_'][below(3)]}(${number})`);
        break;
      case 9:
        lines.push(`${from}[${below(shape[0]!)}] = ${number}`);
        break;
      case 10:
        lines.push(`${from}[:1] ${['+=', '*='][below(2)]} ${number}`);
        break;
      case 11:
        lines.push(below(2) ? `F.relu(${from}, inplace=True)` : `torch.mul(${from}, ${number}, out=${from})`);
        break;
      case 12:
        made(from, shape, whole.has(from));
        break;
      default:
        if (shape.length > 1 && shape[0]! > 1) {
          lines.push(`${fresh}, ${fresh}b = ${from}.tensor_split(2, dim=0)`);
          shapes.set(fresh, [Math.ceil(shape[0]! / 2), ...shape.slice(1)]);
        }
    }
  }
  return `def ${name}(x: torch.Tensor):\n    x = x - 1.0\n${lines.map((line) => `    ${line}\n`).join('')}    return (${names().join(', ')},)\n`;
}
