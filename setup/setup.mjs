// Sets everything up: npm packages, Python environment, the built kernel and extension, and their registration. Repeating it takes seconds.
import { fileURLToPath } from 'node:url';
import { fail, step } from './console.mjs';
import { installNodePackages } from './node-packages.mjs';
import { checkDisk, checkNode, findPython } from './prerequisites.mjs';
import { environmentIsWhole, installPythonEnvironment } from './python-environment.mjs';
import { register } from './register.mjs';

export async function setUp() {
  checkNode();
  if (!environmentIsWhole()) {
    findPython();
    checkDisk();
  }
  await step('npm packages', installNodePackages);
  await step('Python environment', installPythonEnvironment);
  await step('kernel and command line', async () => (await import('./build.mjs')).buildKernel());
  await step('JupyterLab extension', async () => (await import('./build-extension.mjs')).buildExtension());
  await step('registration', async () => register());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setUp().catch(fail);
