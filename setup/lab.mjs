// npm run lab: opens JupyterLab of the environment on the notebooks (arguments are passed on).
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fail } from './console.mjs';
import { environmentFolder, root } from './places.mjs';
import { setUp } from './setup.mjs';

try {
  await setUp();
  const child = spawn(
    join(environmentFolder, 'bin', 'jupyter'),
    ['lab', '--notebook-dir', join(root, 'notebooks'), ...process.argv.slice(2)],
    { stdio: 'inherit' },
  );
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 0));
} catch (error) {
  fail(error);
}
