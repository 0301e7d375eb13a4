// The closing table of `npm start`, drawn from the records that the tour wrote: every figure was measured in this run.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const scientific = (value) => (value === null || value === undefined ? '–' : value.toExponential(1));

/** What each record has to say: file name → [what, result]. */
const ROWS = [
  [
    'report.json',
    'migrated',
    ({ summary }) =>
      `${summary.migrated} of ${summary.uses} PyTorch uses in ${summary.files} files, ${summary.unsupported} unsupported, ${summary.maybe} maybe (${summary.seconds.toFixed(1)} s)`,
  ],
  [
    'verification.json',
    'verified',
    ({ passed, rungs }) => {
      const worst = Math.max(...rungs.map((rung) => rung.maxAbs ?? 0));
      return `${passed ? 'passed' : 'NOT passed'}: ${rungs.filter((rung) => rung.passed).length} of ${rungs.length} rungs, largest relative difference ${scientific(worst)}`;
    },
  ],
  ['train-pytorch.json', 'trained, PyTorch', trained],
  ['train-mindspore.json', 'trained, MindSpore', trained],
  ['skill.json', 'scored', scored],
  [
    'comparison.json',
    'compared',
    ({ withinClaim, claimPct, deviation }) =>
      `largest RMSE deviation ${largest(deviation).toFixed(2)} % (the paper's claim: below ${claimPct} %): ${withinClaim ? 'holds' : 'does not hold'}`,
  ],
];

function trained({ run, series }) {
  const loss = series.find(({ name }) => /train.*loss|^loss$/.test(name));
  const change = loss ? `, loss ${loss.value[0].toPrecision(3)} → ${loss.value.at(-1).toPrecision(3)}` : '';
  return `${run.status.step} of ${run.status.steps} steps on ${run.chip}${change} (${run.status.state})`;
}

function scored({ forecasts, leadTimes, initialTimes }) {
  const last = leadTimes.length - 1;
  const lines = forecasts.map(({ name, variables }) => {
    const scores = Object.entries(variables).map(
      ([variable, { rmse, acc }]) => `${variable} RMSE ${rmse[last]?.toPrecision(3)} ACC ${acc[last]?.toFixed(3)}`,
    );
    return `${name}: ${scores.join('; ')}`;
  });
  return [`${forecasts.length} forecasts, ${initialTimes} initial times; at ${leadTimes[last] / 24} days:`, ...lines].join('\n');
}

function largest(deviation) {
  const values = Object.values(deviation)
    .flatMap(({ rmse }) => rmse)
    .filter((value) => value !== null);
  return Math.max(...values.map(Math.abs));
}

/** The table as text; a record that is not there has no row. */
export function summaryTable(folder) {
  const lines = [];
  for (const [file, what, say] of ROWS) {
    const path = join(folder, file);
    if (!existsSync(path)) continue;
    const [first, ...rest] = say(JSON.parse(readFileSync(path, 'utf8'))).split('\n');
    lines.push(`${what.padEnd(20)} ${first}`, ...rest.map((line) => `${''.padEnd(20)} ${line}`));
  }
  return lines.join('\n');
}
