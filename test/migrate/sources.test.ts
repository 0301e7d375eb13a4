// Two real FourCastNet sources come across whole: Tradewind's own, and the AFNO of the package nvidia-physicsnemo (downloaded, never committed).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultPython, rootFolder } from '../../kernel/src/processes/places.ts';
import { migrateFolder, temporaryFolder } from './migration.ts';

const PHYSICSNEMO = '2.2.2';

/** Runs Python in OUT where only MindSpore, NumPy and what MindSpore brings can be imported. */
function inOutput(out: string, code: string): string {
  const alone =
    'import sys\nfor name in "torch einops timm warp jaxtyping fsspec requests s3fs tqdm h5py yaml pandas xarray".split(): sys.modules[name] = None\n';
  return execFileSync(defaultPython(), ['-c', alone + code], {
    cwd: out,
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1', GLOG_v: '3', PYTHONDONTWRITEBYTECODE: '1' },
  });
}

const FORWARD =
  'import mindspore as ms, numpy as np, case\nnet = case.build()\nx = ms.Tensor(np.random.randn(1, 3, 16, 32).astype(np.float32))\nprint(isinstance(net, ms.nn.Cell), net.set_train(False)(x).shape)\n';

/** The unpacked wheel in an ignored folder, downloaded once. */
function physicsnemo(): string {
  const corpus = join(rootFolder(), '.tradewind', 'corpus');
  const folder = join(corpus, `nvidia-physicsnemo-${PHYSICSNEMO}`);
  if (existsSync(folder)) return folder;
  // The verification test of test/python/verify uses the same folder: each downloads apart, and the first puts it in place.
  const partial = `${folder}.${process.pid}.part`;
  mkdirSync(partial, { recursive: true });
  execFileSync(
    defaultPython(),
    ['-m', 'pip', 'download', '-q', '--no-deps', '--disable-pip-version-check', '-d', partial, `nvidia-physicsnemo==${PHYSICSNEMO}`],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const unpacked = join(partial, 'unpacked');
  execFileSync(defaultPython(), ['-m', 'zipfile', '-e', join(partial, `nvidia_physicsnemo-${PHYSICSNEMO}-py3-none-any.whl`), unpacked]);
  try {
    renameSync(unpacked, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
  rmSync(partial, { recursive: true });
  return folder;
}

test("Tradewind's own FourCastNet: nothing is left, and OUT builds and runs without torch", async () => {
  const entry = join(temporaryFolder(), 'case.py');
  copyFileSync(join(rootFolder(), 'test', 'cases', 'fourcastnet', 'case.py'), entry);
  const { summary, uses, root, files } = await migrateFolder(
    join(rootFolder(), 'kernel', 'python', 'tradewind', 'models', 'fourcastnet.py'),
    { entry },
  );
  assert.deepEqual(
    uses.filter((use) => use.status !== 'migrated'),
    [],
  );
  assert.ok(summary.uses > 70 && summary.migrated === summary.uses);
  assert.deepEqual(files, ['case.py', 'fourcastnet.py', 'tradewind_compat.py']);
  const state = `${FORWARD.replace(/x = .*\n.*\n/, '')}import tradewind_compat as compat\nparameters = compat.torch_parameters(net)\nstate = {name: one.asnumpy() for name, one in parameters.items()}\nstate["no.such"] = state.popitem()[1]\nprint(compat.load_torch_state(net, state))\nprint("blocks.0.filter.w1" in parameters, "patch_embed.proj.weight" in parameters)\n`;
  const printed = inOutput(root, state);
  assert.match(printed, /'missing': \['[\w.]+'\], 'unexpected': \['no\.such'\]/);
  assert.match(printed, /True True/);
});

test("physicsnemo's AFNO: the reachable part of the package is migrated into OUT, which needs none of its dependencies", async () => {
  const folder = physicsnemo();
  const source = join(temporaryFolder(), 'case.py');
  copyFileSync(join(rootFolder(), 'test', 'corpus', 'cases', 'physicsnemo_afno.py'), source);
  const { uses, root, files, read } = await migrateFolder(source, { entry: source, searchPath: [folder] });
  assert.ok(files.includes('physicsnemo/models/afno/afno.py') && files.includes('physicsnemo/nn/module/afno_layers.py'));
  assert.ok(files.length < 30, 'only what is reached');
  assert.match(read('physicsnemo/models/afno/afno.py'), /class AFNO\(Module\):/);
  const model = uses.filter((use) => /afno|case\.py|meta\.py/.test(use.file));
  assert.ok(model.length > 60);
  assert.deepEqual(
    model.filter((use) => use.status !== 'migrated'),
    [],
  );
  assert.match(inOutput(root, FORWARD), /True \(1, 2, 16, 32\)/);
});
