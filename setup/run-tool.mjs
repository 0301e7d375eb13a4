// Runs an outside tool (npm, pip, python …) with its output in a log file; a failure becomes a Fault that names the cause.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { faultOf } from './fault.mjs';
import { logFile, root } from './places.mjs';

const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of running) child.kill(signal);
    if (running.size === 0) process.exit(130);
  });
}

/** @returns {Promise<string>} what the tool printed */
export function runTool(what, command, args, { onLine, environment = process.env, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    mkdirSync(dirname(logFile), { recursive: true });
    const log = createWriteStream(logFile, { flags: 'a' });
    log.write(`\n$ ${command} ${args.join(' ')}\n`);
    const child = spawn(command, args, { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    let rest = '';
    const take = (chunk) => {
      log.write(chunk);
      output += chunk;
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      for (const line of lines) onLine?.(line);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', (error) => {
      running.delete(child);
      reject(faultOf(what, `${error.message}`, logFile));
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      log.end();
      if (code === 0) resolve(output);
      else if (signal === 'SIGINT' || code === 130)
        reject(
          Object.assign(new Error(`${what} was interrupted`), {
            name: 'Fault',
            remedy: 'Run the command again: it goes on where it stopped.',
            exitCode: 130,
          }),
        );
      else reject(faultOf(what, output || `${command} ended by ${signal ?? `exit code ${code}`}`, logFile));
    });
  });
}
