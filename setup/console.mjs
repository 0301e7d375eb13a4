// How set-up and tests speak to a person: one line a step, a moving bar in a terminal, a plain line now and then elsewhere.

const terminal = process.stderr.isTTY === true && !process.env.CI;
const PLAIN_INTERVAL = 15_000;

/** "1 min 27 s" */
export function duration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  if (milliseconds < 950) return `${Math.round(milliseconds)} ms`;
  return seconds < 60 ? `${(milliseconds / 1000).toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function bar(share) {
  const full = Math.round(share * 24);
  return `${'█'.repeat(full)}${'░'.repeat(24 - full)}`;
}

/**
 * Runs one step and shows it: `work(update)` may call `update(done, total, label)`. Returns what the work returns.
 * A step that has nothing to do returns the string 'up to date'.
 */
export async function step(title, work) {
  const started = Date.now();
  let printed = started;
  const update = (done, total, label = '') => {
    const elapsed = Date.now() - started;
    const share = total ? Math.min(done / total, 1) : 0;
    const left = share > 0.05 ? `, about ${duration((elapsed * (1 - share)) / share)} left` : '';
    if (terminal) {
      const line = `  ${title}  ${total ? `${bar(share)} ${done}/${total}` : ''} ${label}  ${duration(elapsed)}${left}`;
      process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    } else if (Date.now() - printed > PLAIN_INTERVAL) {
      printed = Date.now();
      process.stderr.write(`  ${title}: ${total ? `${done} of ${total} ` : ''}${label} (${duration(elapsed)}${left})\n`);
    }
  };
  const tick = setInterval(() => last && update(...last), 1000);
  let last;
  const remember = (...state) => {
    last = state;
    update(...state);
  };
  if (terminal) remember(0, 0);
  try {
    const outcome = await work(remember);
    if (terminal) process.stderr.write('\r\x1b[2K');
    const how = outcome === 'up to date' ? 'up to date' : duration(Date.now() - started);
    process.stderr.write(`✓ ${title}  ${how}\n`);
    return outcome;
  } catch (error) {
    if (terminal) process.stderr.write('\r\x1b[2K');
    process.stderr.write(`✗ ${title}\n`);
    throw error;
  } finally {
    clearInterval(tick);
  }
}

/** Ends the process with the fault's line and remedy. */
export function fail(error) {
  process.stderr.write(`\n${error.message}\n`);
  if (error.remedy) process.stderr.write(`→ ${error.remedy}\n`);
  else if (error.stack && error.name !== 'Fault') process.stderr.write(`${error.stack}\n`);
  process.exit(error.exitCode ?? 1);
}
