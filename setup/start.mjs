// npm start: sets everything up, executes the tour through the Tradewind kernel, and ends with what was measured in this run.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { duration, fail } from './console.mjs';
import { Fault } from './fault.mjs';
import { environmentFolder, python, root } from './places.mjs';
import { setUp } from './setup.mjs';
import { summaryTable } from './summary.mjs';

const notebooks = join(root, 'notebooks');
/** Everything that the tour makes lies here. */
const work = join(notebooks, 'work', 'tour');

function execute(notebook, output, page) {
  const script = join(root, 'setup', 'execute_notebook.py');
  const environment = { ...process.env, JUPYTER_PATH: join(environmentFolder, 'share', 'jupyter') };
  return new Promise((resolve, reject) => {
    const child = spawn(python, [script, notebook, output, page], { stdio: 'inherit', env: environment });
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else if (signal || code === 130)
        reject(Object.assign(new Fault('the tour was interrupted', 'npm start begins it anew.'), { exitCode: 130 }));
      else
        reject(
          new Fault(
            'the tour did not run to its end',
            `What was executed is in ${relative(root, output)}; npx tradewind doctor says what is missing here.`,
          ),
        );
    });
  });
}

try {
  const started = Date.now();
  await setUp();
  const executed = join(work, 'tour.ipynb');
  const page = join(work, 'tour.html');
  if (existsSync(work)) rmSync(work, { recursive: true });
  mkdirSync(work, { recursive: true });
  console.log('\nThe tour, notebooks/tour.ipynb, through the Tradewind kernel:');
  await execute(join(notebooks, 'tour.ipynb'), executed, page);
  console.log(`\n${summaryTable(join(work, 'records'))}`);
  console.log(`\nThe executed notebook  ${relative(root, executed)}`);
  console.log(`As a page              ${relative(root, page)}`);
  console.log('Open it in JupyterLab  npm run lab');
  console.log(`\nDone in ${duration(Date.now() - started)}.`);
} catch (error) {
  fail(error);
}
