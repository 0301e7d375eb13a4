// npm test: sets up, then runs every suite; the last line says how many tests passed and failed.
// Arguments choose suites by name (`npm test -- kernel browser`).
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { installChromium } from './chromium.mjs';
import { duration, fail, step } from './console.mjs';
import { environmentFolder, node, python, root, workFolder } from './places.mjs';
import { setUp } from './setup.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);
const resultFile = join(workFolder, 'test-counts.json');

/** Each suite: its name and how it is run. `node` suites are counted by count-reporter, `pytest` ones by their closing line, `check` is one test. */
const SUITES = [
  { name: 'types', check: [bin('tsc'), ['--noEmit', '-p', '.']] },
  { name: 'lint', check: [bin('biome'), ['check', '--error-on-warnings', '.']] },
  {
    name: 'python-lint',
    check: [join(environmentFolder, 'bin', 'ruff'), ['check', 'kernel', 'test', 'setup', 'notebooks/cases', 'bench']],
  },
  {
    name: 'python-format',
    check: [join(environmentFolder, 'bin', 'ruff'), ['format', '--check', 'kernel', 'test', 'setup', 'notebooks/cases', 'bench']],
  },
  { name: 'node', node: { folder: 'test', except: ['browser'] } },
  // Each file stays with one worker, as its tests share what its fixtures made; notebooks share no store and no run.
  { name: 'python', pytest: ['test/python'], workers: cpus().length },
  { name: 'kernel', pytest: ['test/conformance', 'test/ipython', 'test/engines'] },
  { name: 'browser', node: { folder: 'test/browser', concurrency: 1 }, chromium: true },
  { name: 'notebooks', pytest: ['test/notebooks'], workers: cpus().length },
  // A JupyterHub and an Enterprise Gateway in environments of their own, which take a minute to make: run when it is named.
  { name: 'gateways', pytest: ['test/gateways'], named: true },
];

function run(command, args, { capture } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'] });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      output += text;
      process.stdout.write(text);
    });
    child.on('error', (error) => resolve({ code: 127, output: `${error.message}` }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

async function runNode({ folder, except = [], concurrency = cpus().length }) {
  const files = readdirSync(join(root, folder), { recursive: true })
    .filter((file) => file.endsWith('.test.ts') && !except.some((other) => file.startsWith(other)))
    .map((file) => join(folder, file))
    .sort();
  if (files.length === 0) return { passed: 0, failed: 1, skipped: 0 };
  rmSync(resultFile, { force: true });
  const reporters = [
    '--test-reporter=dot',
    '--test-reporter-destination=stdout',
    `--test-reporter=${join(root, 'setup', 'count-reporter.mjs')}`,
    `--test-reporter-destination=${resultFile}`,
  ];
  const { code } = await run(node, ['--test', `--test-concurrency=${concurrency}`, ...reporters, ...files]);
  const counts = existsSync(resultFile) ? JSON.parse(readFileSync(resultFile, 'utf8') || 'null') : null;
  if (!counts) return { passed: 0, failed: 1, skipped: 0 };
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

async function runPytest({ pytest: folders, workers }) {
  const present = folders.filter((folder) => existsSync(join(root, folder)));
  const spread = workers > 1 ? ['-n', String(workers), '--dist', 'loadfile'] : [];
  const { code, output } = await run(python, ['-m', 'pytest', '--color=no', '--durations=5', ...spread, ...present], { capture: true });
  const closing = output.trim().split('\n').at(-1) ?? '';
  const number = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(closing)?.[1] ?? 0);
  const counts = { passed: number('passed'), failed: number('failed') + number('errors?'), skipped: number('skipped') };
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

async function runCheck([command, args]) {
  const { code } = await run(command, args);
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

async function main() {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown.length)
    throw Object.assign(new Error(`no such suite: ${unknown.join(', ')} (there are ${SUITES.map((suite) => suite.name).join(', ')})`), {
      name: 'Fault',
      exitCode: 2,
    });
  const suites = SUITES.filter((suite) => (wanted.length ? wanted.includes(suite.name) : !suite.named));

  await setUp();
  if (suites.some((suite) => suite.chromium)) await step('Chromium', installChromium);
  mkdirSync(workFolder, { recursive: true });

  const rows = [];
  for (const suite of suites) {
    const started = Date.now();
    console.log(`\n── ${suite.name} ${'─'.repeat(Math.max(0, 70 - suite.name.length))}`);
    const counts = suite.check ? await runCheck(suite.check) : suite.node ? await runNode(suite.node) : await runPytest(suite);
    rows.push({ name: suite.name, ...counts, took: duration(Date.now() - started) });
  }

  console.log(`\n${'suite'.padEnd(16)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'skipped'.padStart(9)}  time`);
  for (const row of rows)
    console.log(
      `${row.name.padEnd(16)}${String(row.passed).padStart(8)}${String(row.failed).padStart(8)}${String(row.skipped).padStart(9)}  ${row.took}`,
    );
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  const skipped = sum('skipped') ? `, ${sum('skipped')} skipped` : '';
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped}`);
  process.exitCode = sum('failed') === 0 ? 0 : 1;
}

await main().catch(fail);
