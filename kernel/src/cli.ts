/** `tradewind COMMAND …`: the shell's way to the same commands as the notebook's. Results to standard output, all else to standard error. */
import { enableCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import type { CommandContext } from './commands/command.ts';
import { COMMANDS, findCommand } from './commands/index.ts';
import { terminalProgress } from './display/terminal.ts';
import { columns, printable } from './display/text.ts';
import { describe, exitCodeOf } from './records/errors.ts';
import { TRADEWIND_VERSION } from './records/version.ts';

const GENERAL = `usage: tradewind COMMAND [WORDS] [--json FILE]

Moves atmospheric and oceanic AI models from PyTorch to MindSpore and from chip
to chip, and proves that the science survived. The same commands work in a
notebook on the Tradewind kernel, as %COMMAND.

Commands
`;

const AFTER = `
tradewind COMMAND --help     what it takes, with examples
tradewind completion bash    a completion script (or zsh)
tradewind --version

Exit codes: 0 done and all well; 1 done, and the answer is no; 2 bad input or
usage; 3 done in part; 130 interrupted.
`;

function generalHelp(): string {
  const rows = COMMANDS.map((entry): [string, string] => [
    `  ${entry.name}`,
    entry.summary + (entry.needsSession ? ' (notebook only)' : ''),
  ]);
  return `${GENERAL}${columns(rows, 80)}\n${AFTER}`;
}

/** Writes all of it, however slow the reader; a reader that went away ends the program quietly. */
function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => stream.write(text, () => resolve()));
}

/** Commands of a few seconds over much code: the engine's last compiler costs them more than it saves (a third of `migrate`'s time). */
const WITHOUT_LAST_COMPILER: ReadonlySet<string> = new Set(['migrate']);

async function run(name: string, words: string[]): Promise<number> {
  if (WITHOUT_LAST_COMPILER.has(name)) setFlagsFromString('--no-opt');
  const progress = terminalProgress(process.stderr);
  const controller = new AbortController();
  let stopped: 'SIGINT' | 'SIGTERM' | undefined;
  const stop = (signal: 'SIGINT' | 'SIGTERM') => {
    // The second time nothing is waited for.
    if (stopped) process.exit(CODES[signal]);
    stopped = signal;
    controller.abort();
    progress.line(`stopping … (${signal === 'SIGINT' ? 'ctrl-C again' : 'again'} to leave at once)`);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const context: CommandContext = {
    cwd: process.cwd(),
    environment: process.env,
    signal: controller.signal,
    progress: progress.update,
    note: progress.line,
    // In a shell a result is printed once, at the end; `progress` tells how it goes until then.
    show: () => ({ update() {} }),
  };
  const { runWords } = await import('./commands/run.ts');
  const outcome = await runWords(name, words, context);
  progress.end();
  if (outcome.kind === 'error') {
    await write(process.stderr, `tradewind ${name}: ${describe(outcome.error).split('\n').map(printable).join('\n')}\n`);
    return stopped ? CODES[stopped] : outcome.exitCode;
  }
  const text =
    outcome.kind === 'record' && outcome.jsonToOutput ? JSON.stringify(outcome.record, null, 1) : String(outcome.bundle['text/plain']);
  await write(process.stdout, text.endsWith('\n') ? text : `${text}\n`);
  return outcome.exitCode;
}

const CODES = { SIGINT: 130, SIGTERM: 143 } as const;

async function main(words: string[]): Promise<number> {
  const [first, ...rest] = words;
  switch (first) {
    case undefined:
    case '--help':
    case '-h':
    case 'help':
      if (rest[0] !== undefined && findCommand(rest[0])) return run(rest[0], ['--help']);
      await write(process.stdout, generalHelp());
      return 0;
    case '--version':
    case '-V':
      await write(process.stdout, `tradewind ${TRADEWIND_VERSION}\n`);
      return 0;
    case 'completion': {
      const { completionScript } = await import('./commands/shells.ts');
      await write(process.stdout, completionScript(rest[0]));
      return 0;
    }
    case '--complete': {
      const { completeForShell } = await import('./commands/shells.ts');
      await write(process.stdout, await completeForShell(rest[0] ?? '', Number(rest[1] ?? '0'), process.cwd(), process.env));
      return 0;
    }
    default:
      return run(first, rest);
  }
}

enableCompileCache();
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // `tradewind chips | head -1`: the reader has what it wanted.
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
}
try {
  const code = await main(process.argv.slice(2));
  process.exit(code);
} catch (error) {
  await write(process.stderr, `tradewind: ${describe(error)}\n`);
  process.exit(exitCodeOf(error));
}
