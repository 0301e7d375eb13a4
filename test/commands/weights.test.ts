// `tradewind weights` from the shell's side: a checkpoint goes into a migrated model and into one of MindSpore's own layers, and both compute what PyTorch does.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runLine } from '../../kernel/src/commands/run.ts';
import { defaultPython } from '../../kernel/src/processes/places.ts';
import type { WeightsRecord } from '../../kernel/src/records/weights.ts';
import { pretendedContext } from './pretend.ts';

const MODEL = `import torch
from torch import nn


class Spectral(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.filter = nn.Parameter(torch.randn(width // 2 + 1, dtype=torch.complex64))

    def forward(self, x):
        return torch.fft.irfft(torch.fft.rfft(x, dim=-1) * self.filter, n=x.shape[-1], dim=-1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(11, 8)
        self.conv = nn.Conv1d(8, 8, 3, padding=1)
        self.batch = nn.BatchNorm1d(8)
        self.norm = nn.LayerNorm(8)
        self.spectral = Spectral(8)
        self.head = nn.Linear(8, 11, bias=False)
        self.head.weight = self.tokens.weight
        self.register_buffer('offset', torch.arange(8.0))

    def forward(self, x):
        x = self.batch(self.conv(self.tokens(x).transpose(1, 2))).transpose(1, 2)
        return self.head(self.spectral(self.norm(x)) + self.offset)
`;
const CASE = `import torch
from net import Net


def build():
    return Net()


def inputs():
    return (torch.arange(20).reshape(2, 10) % 11,)
`;
/** What one would write by hand, with MindSpore's own layers. */
const BY_HAND = `import mindspore as ms
import numpy as np
from mindspore import nn


class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(11, 8)
        self.conv = nn.Conv1d(8, 8, 3, pad_mode='pad', padding=1, has_bias=True)
        self.batch = nn.BatchNorm1d(8)
        self.norm = nn.LayerNorm((8,))

    def construct(self, x):
        x = self.batch(self.conv(self.tokens(x).transpose(0, 2, 1)).transpose(0, 2, 1).reshape(-1, 8)).reshape(2, 10, 8)
        return self.norm(x)


def build():
    return Net()


def inputs():
    return (ms.Tensor(np.arange(20).reshape(2, 10) % 11, ms.int32),)
`;

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradewind-weights-'));
  mkdirSync(join(folder, 'source'));
  mkdirSync(join(folder, 'hand'));
  writeFileSync(join(folder, 'source', 'net.py'), MODEL);
  writeFileSync(join(folder, 'source', 'case.py'), CASE);
  writeFileSync(join(folder, 'hand', 'case.py'), BY_HAND);
  python(
    'source',
    `import case, torch
torch.manual_seed(0)
net = case.build()
for one in (*net.parameters(), net.batch.running_mean, net.batch.running_var): one.data = torch.rand_like(one.data) + 0.1
net.eval()
torch.save({'state_dict': net.state_dict(), 'epoch': 3}, '../net.pt')
import numpy as np
x = case.inputs()[0]
y = net.batch(net.conv(net.tokens(x).transpose(1, 2))).transpose(1, 2)
np.savez('../expected.npz', whole=net(x).detach().numpy(), part=net.norm(y).detach().numpy())`,
  );
});
after(() => rmSync(folder, { recursive: true, force: true }));

function python(where: string, code: string): string {
  return execFileSync(defaultPython(), ['-c', code], {
    cwd: join(folder, where),
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1', GLOG_v: '4', PYTHONDONTWRITEBYTECODE: '1' },
  });
}

async function weights(words: string): Promise<{ record: WeightsRecord; exitCode: number }> {
  const outcome = await runLine(`weights ${words}`, pretendedContext({ cwd: folder }));
  if (outcome.kind === 'error') throw outcome.error;
  assert.ok(outcome.kind === 'record' && outcome.record.kind === 'weights');
  return { record: outcome.record, exitCode: outcome.exitCode };
}

describe('with the migrated model', () => {
  test('every tensor finds its place, and the outputs are those of PyTorch', async () => {
    const migrated = await runLine('migrate source -o out --entry source/case.py --no-trace', pretendedContext({ cwd: folder }));
    assert.ok(migrated.kind === 'record', JSON.stringify(migrated));
    const { record, exitCode } = await weights('net.pt net.ckpt --model out/case.py');
    assert.equal(exitCode, 0, JSON.stringify(record.tensors.filter((one) => one.status !== 'converted')));
    assert.equal(record.summary.converted, record.summary.tensors);
    assert.deepEqual(record.beside, [{ name: 'epoch', tensors: 0, values: 1 }]);
    const printed = python(
      'out',
      `import case, numpy as np, mindspore as ms, tradewind_compat as compat
net = case.build().set_train(False)
loaded = ms.load_param_into_net(net, {name: one for name, one in ms.load_checkpoint('../net.ckpt').items()})
print([name for name in loaded[0] if name != 'spectral.filter'])
net = case.build().set_train(False)
from compat_load import load
print(net.load_state_dict(load('../net.ckpt')))
print(float(np.abs(net(ms.Tensor((np.arange(20).reshape(2, 10) % 11).astype(np.int64))).asnumpy() - np.load('../expected.npz')['whole']).max()))`.replace(
        'from compat_load import load',
        `import sys; sys.path.append(${JSON.stringify(join(import.meta.dirname, '../../kernel/operators'))}); from compat.checkpoints import load`,
      ),
    );
    const [left, keys, difference] = printed.trim().split('\n').slice(-3);
    assert.equal(left, '[]');
    assert.match(keys!, /All keys matched|missing_keys=\[\], unexpected_keys=\[\]/);
    assert.ok(Number(difference) < 1e-5, difference);
  });

  test('and back: the same bits, tied weights one tensor again', async () => {
    const { exitCode } = await weights('net.ckpt back.pt --model out/case.py');
    assert.equal(exitCode, 0);
    const printed = python(
      '.',
      `import torch
a, b = torch.load('net.pt')['state_dict'], torch.load('back.pt')
print(sorted(a) == sorted(b), all(torch.equal(a[name], b[name]) and a[name].dtype == b[name].dtype for name in a))
print(b['head.weight'].data_ptr() == b['tokens.weight'].data_ptr())`,
    );
    assert.equal(printed.trim(), 'True True\nTrue');
  });
});

test("for MindSpore's own layers: gamma, moving_mean, embedding_table and the kernel's axis; what the model lacks is exit code 3", async () => {
  const { record, exitCode } = await weights('net.pt hand.ckpt --model hand/case.py');
  assert.equal(exitCode, 3);
  const became = Object.fromEntries(record.tensors.map((one) => [one.source ?? one.target, one]));
  assert.equal(became['norm.weight']!.target, 'norm.gamma');
  assert.equal(became['batch.running_var']!.target, 'batch.moving_variance');
  assert.equal(became['tokens.weight']!.target, 'tokens.embedding_table');
  assert.deepEqual(became['conv.weight']!.targetShape, [8, 8, 1, 3]);
  assert.equal(became['batch.num_batches_tracked']!.status, 'left out');
  assert.deepEqual(
    record.tensors.filter((one) => one.status === 'unexpected').map((one) => one.source),
    ['offset', 'spectral.filter', 'head.weight'],
  );
  const printed = python(
    'hand',
    `import case, numpy as np, mindspore as ms
net = case.build().set_train(False)
print(ms.load_param_into_net(net, ms.load_checkpoint('../hand.ckpt')))
print(float(np.abs(net(*case.inputs()).asnumpy() - np.load('../expected.npz')['part']).max()))`,
  );
  const [left, difference] = printed.trim().split('\n').slice(-2);
  assert.equal(left, '([], [])');
  assert.ok(Number(difference) < 1e-5, difference);
});

test('a file in the way, two files of one framework, an unknown option: refused, exit code 2', async () => {
  writeFileSync(join(folder, 'there.ckpt'), 'mine');
  for (const [words, message] of [
    ['net.pt there.ckpt', /exists already/],
    ['net.pt other.pt', /both PyTorch/],
    ['net.pt other.ckpt --layers none', /--layers/],
  ] as const) {
    const outcome = await runLine(`weights ${words}`, pretendedContext({ cwd: folder }));
    assert.ok(outcome.kind === 'error' && outcome.exitCode === 2);
    assert.match(String((outcome.error as Error).message), message);
  }
  assert.equal(readFileSync(join(folder, 'there.ckpt'), 'utf8'), 'mine');
});
