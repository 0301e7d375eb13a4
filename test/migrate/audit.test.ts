// The audit of training code: each rule on code that it is about, and on code that is right.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RULES } from '../../kernel/src/migrate/audit/audit.ts';
import { dedent, migrateFiles } from './migration.ts';

/** A training script around what differs. */
const script = ({ set = 'torch.manual_seed(0)', inside = '', after = '', epoch = '', total = '', zero = 'optimizer.zero_grad()' }) =>
  dedent(`
import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR
from torch.utils.data import DataLoader, DistributedSampler

def train(model, loader, val_loader, epochs):
    ${set}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    ${total}
    for epoch in range(epochs):
        model.train()
        for x, y in loader:
            ${zero}
            loss = ((model(x) - y) ** 2).mean()
            loss.backward()
            ${inside}
            optimizer.step()
            ${after}
        ${epoch}
`);

const COSINE = 'optimizer = torch.optim.SGD(model.parameters(), lr=0.1); scheduler = CosineAnnealingLR(optimizer, T_max=epochs)';
const CYCLE = 'scheduler = OneCycleLR(optimizer, 0.1, epochs=epochs, steps_per_epoch=len(loader))';

const validate = (name: string, body: string, decorator = '') =>
  `import torch\n\n\n${decorator}def ${name}(model, loader):\n${body}    total = 0\n    for x, y in loader:\n        total += (model(x) - y).abs().mean().item()\n    return total / len(loader)\n`;

/** Rule → code that it speaks about, and code that it is silent about. */
const CASES: Record<string, { wrong: string[]; right: string[] }> = {
  'zero-grad-missing': { wrong: [script({ zero: 'pass' })], right: [script({}), script({ zero: 'pass', after: 'model.zero_grad()' })] },
  'clip-before-unscale': {
    wrong: [
      'import torch\n\n\ndef step(model, loss, scaler, optimizer):\n    scaler.scale(loss).backward()\n    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n    scaler.step(optimizer)\n',
    ],
    right: [
      'import torch\n\n\ndef step(model, loss, scaler, optimizer):\n    scaler.scale(loss).backward()\n    scaler.unscale_(optimizer)\n    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n    scaler.step(optimizer)\n',
      script({ inside: 'nn.utils.clip_grad_norm_(model.parameters(), 1.0)' }),
    ],
  },
  'schedule-never-stepped': {
    wrong: [script({ total: COSINE })],
    right: [script({ total: COSINE, epoch: 'scheduler.step()' }), script({ total: `${COSINE}; run(scheduler)` })],
  },
  'schedule-before-optimizer': {
    wrong: [script({ total: CYCLE, inside: 'scheduler.step()' })],
    right: [script({ total: CYCLE, after: 'scheduler.step()' })],
  },
  'schedule-per-epoch-stepped-per-batch': {
    wrong: [script({ total: COSINE, after: 'scheduler.step()' })],
    right: [script({ total: COSINE, epoch: 'scheduler.step()' })],
  },
  'schedule-per-batch-stepped-per-epoch': {
    wrong: [script({ total: CYCLE, epoch: 'scheduler.step()' })],
    right: [script({ total: CYCLE, after: 'scheduler.step()' })],
  },
  'schedule-as-number': {
    wrong: ['import torch\n\n\ndef f(model, lr_scheduler):\n    return torch.optim.Adam(model.parameters(), lr=lr_scheduler)\n'],
    right: ['import torch\n\n\ndef f(model, lr):\n    return torch.optim.Adam(model.parameters(), lr=lr)\n'],
  },
  'loss-graph-accumulated': {
    wrong: [script({ total: 'total = 0', after: 'total += loss' }), script({ total: 'losses = []', after: 'losses.append(loss)' })],
    right: [script({ total: 'total = 0', after: 'total += loss.item()', epoch: 'print(total / len(loader))' })],
  },
  'running-loss-not-divided': {
    wrong: [script({ total: 'running_loss = 0', after: 'running_loss += loss.item()', epoch: 'print("loss", running_loss)' })],
    right: [
      script({ total: 'running_loss = 0', after: 'running_loss += loss.item()', epoch: 'print("loss", running_loss / len(loader))' }),
    ],
  },
  'mean-over-unequal-batches': {
    wrong: [
      script({ total: 'running_loss = 0', after: 'running_loss += loss.item()', epoch: 'print(running_loss / len(loader.dataset))' }),
    ],
    right: [
      script({
        total: 'running_loss = 0',
        after: 'running_loss += loss.item() * len(x)',
        epoch: 'print(running_loss / len(loader.dataset))',
      }),
    ],
  },
  'last-batch-loss-logged': {
    wrong: [script({ epoch: 'print(epoch, loss.item())' })],
    right: [
      script({ after: 'print(loss.item())' }),
      script({ total: 'total_loss = 0', after: 'total_loss += loss.item()', epoch: 'print(total_loss / len(loader), loss.item())' }),
    ],
  },
  'eval-mode-missing': {
    wrong: [validate('validate', '', '@torch.no_grad()\n')],
    right: [validate('validate', '    model.eval()\n', '@torch.no_grad()\n'), validate('measure', '', '@torch.no_grad()\n')],
  },
  'train-mode-not-restored': {
    wrong: [script({ epoch: 'model.eval()' }).replace('        model.train()\n', '')],
    right: [script({ epoch: 'model.eval()' })],
  },
  'no-grad-missing': {
    wrong: [validate('validate', '    model.eval()\n')],
    right: [validate('validate', '    model.eval()\n', '@torch.inference_mode()\n')],
  },
  'validation-shuffled': {
    wrong: [
      'from torch.utils.data import DataLoader\n\n\ndef f(data, val_set):\n    val_loader = DataLoader(val_set, batch_size=4, shuffle=True)\n    return val_loader\n',
    ],
    right: [
      'from torch.utils.data import DataLoader\n\n\ndef f(train_set, val_set):\n    train_loader = DataLoader(train_set, shuffle=True)\n    return train_loader, DataLoader(val_set, shuffle=False)\n',
    ],
  },
  'validation-augmented': {
    wrong: ['import torch\nfrom torchvision import transforms\nval_transform = transforms.Compose([transforms.RandomCrop(8)])\n'],
    right: [
      'import torch\nfrom torchvision import transforms\ntrain_transform = transforms.Compose([transforms.RandomCrop(8)])\nval_transform = transforms.Compose([transforms.CenterCrop(8)])\n',
    ],
  },
  'best-by-training-loss': {
    wrong: [
      'import torch\n\n\ndef f(model, train_loss, val_loss, best):\n    if train_loss < best:\n        torch.save(model.state_dict(), "best.pt")\n',
    ],
    right: [
      'import torch\n\n\ndef f(model, train_loss, val_loss, best):\n    if val_loss < best:\n        torch.save(model.state_dict(), "best.pt")\n',
    ],
  },
  'option-never-read': {
    wrong: [
      'import argparse\nimport torch\nparser = argparse.ArgumentParser()\nparser.add_argument("--use-ema", action="store_true")\nargs = parser.parse_args()\n',
    ],
    right: [
      'import argparse\nimport torch\nparser = argparse.ArgumentParser()\nparser.add_argument("--use-ema", action="store_true")\nargs = parser.parse_args()\nprint(args.use_ema)\n',
      'import argparse\nimport torch\nparser = argparse.ArgumentParser()\nparser.add_argument("--seed")\nconfig = vars(parser.parse_args())\nprint(vars(args))\n',
    ],
  },
  'sampler-without-epoch': {
    wrong: ['from torch.utils.data import DistributedSampler\n\n\ndef f(train_set):\n    return DistributedSampler(train_set)\n'],
    right: [
      'from torch.utils.data import DistributedSampler\n\n\ndef f(train_set, epoch):\n    sampler = DistributedSampler(train_set)\n    sampler.set_epoch(epoch)\n    return sampler\n',
      'from torch.utils.data import DistributedSampler\n\n\ndef f(val_set):\n    return DistributedSampler(val_set, shuffle=False)\n',
    ],
  },
  'seed-too-late': {
    wrong: ['import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    pass\n\n\nmodel = Net()\ntorch.manual_seed(0)\n'],
    right: ['import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    pass\n\n\ntorch.manual_seed(0)\nmodel = Net()\n'],
  },
  'seed-missing': {
    wrong: [`${script({ set: 'pass' })}\n\nif __name__ == "__main__":\n    train(None, None, None, 1)\n`],
    right: [`${script({})}\n\nif __name__ == "__main__":\n    train(None, None, None, 1)\n`],
  },
  'decay-on-norms': {
    wrong: ['import torch\n\n\ndef f(model):\n    return torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)\n'],
    right: [
      'import torch\n\n\ndef f(model, groups):\n    return torch.optim.AdamW(groups, weight_decay=0.05), torch.optim.AdamW(model.parameters(), weight_decay=0)\n',
    ],
  },
  'statistics-of-all-data': {
    wrong: [
      'from torch.utils.data import random_split\n\n\ndef f(data):\n    data = (data - data.mean()) / data.std()\n    return random_split(data, [8, 2])\n',
    ],
    right: ['from torch.utils.data import random_split\n\n\ndef f(data):\n    train, val = random_split(data, [8, 2])\n    return train\n'],
  },
  'synchronous-left-on': {
    wrong: [
      'import mindspore as ms\nms.set_context(pynative_synchronize=True)\n',
      'import os\nimport torch\nos.environ["CUDA_LAUNCH_BLOCKING"] = "1"\n',
    ],
    right: ['import mindspore as ms\nms.set_context(pynative_synchronize=False)\n'],
  },
  'keep-probability': {
    wrong: [
      'from mindspore import nn\n\n\ndef f(drop_rate):\n    return nn.Dropout(keep_prob=drop_rate)\n',
      'import mindspore.nn as nn\nlayer = nn.Dropout(0.9)\n',
    ],
    right: [
      'from mindspore import nn\n\n\ndef f(drop_rate):\n    return nn.Dropout(p=drop_rate)\n',
      'from torch import nn\nlayer = nn.Dropout(0.9)\n',
    ],
  },
  'schedule-value-once': {
    wrong: [
      'from mindspore import nn\n\n\ndef f(net, cosine_decay):\n    return nn.Adam(net.trainable_params(), learning_rate=float(cosine_decay(0)))\n',
    ],
    right: [
      'from mindspore import nn\n\n\ndef f(net, cosine_decay):\n    return nn.Adam(net.trainable_params(), learning_rate=cosine_decay)\n',
    ],
  },
  'adam-without-correction': {
    wrong: ['from mindspore import nn\n\n\ndef f(net):\n    return nn.AdamWeightDecay(net.trainable_params())\n'],
    right: ['from mindspore.experimental import optim\n\n\ndef f(net):\n    return optim.AdamW(net.trainable_params())\n'],
  },
  'half-precision-without-scale': {
    wrong: ['from mindspore import Model\n\n\ndef f(net, loss):\n    return Model(net, loss, amp_level="O3")\n'],
    right: [
      'from mindspore import Model\n\n\ndef f(net, loss, manager):\n    return Model(net, loss, amp_level="O3", loss_scale_manager=manager)\n',
    ],
  },
  'training-flag-missing': {
    wrong: ['import mindspore as ms\n\n\ndef f(net, forward):\n    return ms.value_and_grad(forward, None, net.trainable_params())\n'],
    right: [
      'import mindspore as ms\n\n\ndef f(net, forward):\n    net.set_train()\n    return ms.value_and_grad(forward, None, net.trainable_params())\n',
    ],
  },
};

const spoken = async (rule: string, code: string) => (await migrateFiles({ 'script.py': code })).audit.filter((one) => one.rule === rule);

describe('the audit', () => {
  test('has a case for every rule', () => assert.deepEqual(Object.keys(CASES).sort(), RULES.map((rule) => rule.name).sort()));

  for (const [rule, { wrong, right }] of Object.entries(CASES)) {
    test(`${rule}: speaks where it must, and is silent elsewhere`, async () => {
      for (const code of wrong) {
        const found = await spoken(rule, code);
        assert.ok(found.length >= 1, `silent about\n${code}`);
        assert.ok(found.every((one) => one.line >= 1 && one.message.length > 20 && one.remedy.length > 10));
      }
      for (const code of right) assert.deepEqual(await spoken(rule, code), [], code);
    });
  }
});
