// Scripts below the root import what lies beside them, before and after: names lead to the project's modules, and the migrated script runs in its folder.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { python } from '../../setup/places.mjs';
import { migrateFiles, migrateFolder, temporaryFolder } from './migration.ts';

const FILES = {
  'experiments/darcy/train.py': `import json
import sys

import torch

import settings
from blocks import Net
from utils.losses import relative

if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.arange(6.0).reshape(2, 3)
    loss = relative(Net()(x).permute(1, 0), settings.SCALE * torch.ones(2, 2))
    print(json.dumps([loss.item(), "torch" in sys.modules]))
`,
  'experiments/darcy/settings.py': 'SCALE = 2.0\n',
  'experiments/darcy/blocks.py': `import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 2)
        nn.init.constant_(self.linear.weight, 0.5)
        nn.init.zeros_(self.linear.bias)

    def forward(self, x):
        return self.linear(x)
`,
  'experiments/darcy/utils/losses.py': `def relative(a, b):
    return (a - b).pow(2).sum().div(b.pow(2).sum()).sqrt()
`,
  'library/__init__.py': '',
  'library/logging_tools.py': 'import logging\nimport torch\n\nLOG = logging.getLogger("x")\nZERO = torch.zeros(1)\n',
};

test('a script in a folder of its own', async () => {
  const migrated = await migrateFiles(FILES);
  assert.equal(migrated.summary.unsupported + migrated.summary.maybe, 0);
  assert.ok(!migrated.read('experiments/darcy/train.py').includes('optional'));
  // What the call in the script says of the function's arguments is known in the neighbour.
  assert.match(migrated.read('experiments/darcy/utils/losses.py'), /^import tradewind_compat as compat$/m);
  assert.deepEqual(
    migrated.files.filter((file) => file.endsWith('tradewind_compat.py')),
    ['experiments/darcy/tradewind_compat.py', 'tradewind_compat.py'],
  );
  const elsewhere = temporaryFolder();
  mkdirSync(elsewhere, { recursive: true });
  const output = execFileSync(python, [join(migrated.root, 'experiments', 'darcy', 'train.py')], { cwd: elsewhere, encoding: 'utf8' });
  const [loss, torch] = JSON.parse(output.trim().split('\n').at(-1)!) as [number, boolean];
  // Rows sum to 3 and 12: 1.5 and 6 against 2.
  assert.ok(Math.abs(loss - Math.sqrt((2 * 0.25 + 2 * 16) / 16)) < 1e-6, String(loss));
  assert.equal(torch, false);
});

test('a script that names no torch, and imports a neighbour that does', async () => {
  const migrated = await migrateFiles({
    'experiments/run.py': 'import blocks\n\n\ndef run(x):\n    return blocks.Net().forward(x)\n',
    'experiments/blocks.py': FILES['experiments/darcy/blocks.py'],
  });
  assert.match(migrated.read('experiments/run.py'), /blocks\.Net\(\)\.construct\(x\)/);
});

test('migrating the outcome again changes nothing', async () => {
  const once = await migrateFiles(FILES);
  const twice = await migrateFolder(once.root);
  for (const file of once.files.filter((one) => one !== 'tradewind_compat.py'))
    assert.equal(twice.read(file), readFileSync(join(once.root, file), 'utf8'), file);
});
