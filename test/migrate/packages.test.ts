// What is brought along of packages outside SOURCE: what is reached by import, by a name in a string (the trace knows), and nothing else.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { loadParser } from '../../kernel/src/migrate/parse.ts';
import { migrateFiles, migrateFolder, writeFiles } from './migration.ts';

const CASE = 'import torch\nimport zoo\n\n\ndef build():\n    return zoo.create("small")\n\n\ndef inputs():\n    return (torch.ones(1),)\n';

const ZOO = {
  'zoo/__init__.py': 'from .factory import create\nfrom .plots import draw\nfrom .layers import *\n',
  'zoo/plots.py': 'import no_such_plotter\nimport torch\n\n\ndef draw():\n    pass\n',
  'zoo/factory.py':
    'import importlib\nfrom .layers import twice\n\n\ndef create(name):\n    return importlib.import_module(f"zoo.models.{name}").Model()\n',
  'zoo/models/__init__.py': 'from .small import *\nfrom .large import *\n',
  'zoo/models/small.py':
    'from torch import nn\nimport plain\n\n\nclass Model(nn.Module):\n    def forward(self, x):\n        return plain.same(x)\n',
  'zoo/models/large.py': 'from torch import nn\n\n\nclass Large(nn.Module):\n    pass\n',
  'zoo/layers/__init__.py': 'from .twice import twice\nfrom .thrice import Thrice\n',
  'zoo/layers/twice.py': 'import torch\n\n\ndef twice(x):\n    return torch.add(x, x)\n',
  'zoo/layers/thrice.py': 'import torch\n\n\nclass Thrice(torch.nn.Module):\n    pass\n',
  'plain.py': 'def same(x):\n    return x\n',
};

async function migrated(packages: Record<string, string>, executed: (root: string) => string[]) {
  const root = writeFiles({ 'case.py': CASE });
  const packagesRoot = writeFiles(packages);
  const entry = join(root, 'case.py');
  return migrateFolder(entry, {
    entry,
    searchPath: [packagesRoot],
    trace: async () => ({ calls: [], modules: [], executed: executed(packagesRoot) }),
  });
}

describe('packages outside SOURCE', () => {
  test('what only a string leads to is brought along where the run went through it, with libraries without PyTorch that it calls', async () => {
    const { files, read } = await migrated(ZOO, (root) => [join(root, 'zoo', 'models', 'small.py'), join(root, 'plain.py')]);
    assert.ok(files.includes('zoo/models/small.py') && files.includes('plain.py'));
    assert.ok(!files.includes('zoo/models/large.py') && !files.includes('zoo/plots.py'), files.join(' '));
    assert.match(read('zoo/models/small.py'), /^import plain$/m);
    const without = await migrated(ZOO, () => []);
    assert.ok(!without.files.includes('zoo/models/small.py'));
  });

  test('what the run went through is imported when its package is, as it may register itself there', async () => {
    const run = await migrated(ZOO, (root) => [join(root, 'zoo', 'factory.py')]);
    assert.match(run.read('zoo/__init__.py'), /^from \.factory import create$/m);
    const still = await migrated(ZOO, () => []);
    assert.match(still.read('zoo/__init__.py'), /"create": \("zoo\.factory", "create"\)/);
  });

  test('a function that has its module’s name is imported at once: later the module would stand in its place', async () => {
    const { read } = await migrated(ZOO, () => []);
    assert.match(read('zoo/layers/__init__.py'), /^from \.twice import twice$/m);
  });

  test('what a package with a __getattr__ of its own re-exports and nothing reaches goes, too', async () => {
    const own = { ...ZOO, 'zoo/__init__.py': `${ZOO['zoo/__init__.py']}\n\ndef __getattr__(name):\n    raise AttributeError(name)\n` };
    const { read } = await migrated(own, () => []);
    assert.match(read('zoo/__init__.py'), /from \.factory import create/);
    assert.doesNotMatch(read('zoo/__init__.py'), /plots/);
  });

  test('of modules that are imported from the package itself only those that came along stay', async () => {
    const own = {
      ...ZOO,
      'zoo/__init__.py': 'from zoo import factory, layers, plots\nfrom .factory import create\n__all__ = ["create"]\n',
    };
    const { read } = await migrated(own, () => []);
    assert.doesNotMatch(read('zoo/__init__.py'), /plots/);
  });

  test('a module that a package imports from itself is brought along for whoever asks the package for it', async () => {
    const own = {
      ...ZOO,
      'zoo/__init__.py': 'from . import helpers\nfrom .factory import create\n',
      'zoo/helpers.py': 'def half(x):\n    return x / 2\n',
      'zoo/factory.py': 'from zoo import helpers\nimport torch\n\n\ndef create(name):\n    return helpers.half(torch.ones(1))\n',
    };
    const { files, read } = await migrated(own, () => []);
    assert.ok(files.includes('zoo/helpers.py'), files.join(' '));
    assert.match(read('zoo/factory.py'), /^from zoo import helpers$/m);
  });

  test('the imports that new code needs stand before it, though PyTorch is imported later', async () => {
    const { read } = await migrateFiles({
      'model.py': '"""Text."""\nimport no_such_store as store\nimport torch\n\nx = torch.einsum("i->", torch.ones(2))\n',
    });
    const text = read('model.py');
    assert.ok(text.indexOf('import tradewind_compat as compat') < text.indexOf('store = compat.optional'), text);
    assert.equal((await loadParser())(text).firstError, undefined);
  });
});
