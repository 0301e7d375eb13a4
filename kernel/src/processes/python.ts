/**
 * Runs a Python module of Tradewind's in a child process and listens to its events.
 *
 * The child writes one JSON object a line to file descriptor 3 (`tradewind/events.py`), so that whatever user code prints
 * to stdout cannot be mistaken for one. Events: `progress`, `result`, `error`, and any other that the caller handles.
 */
import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type ErrorData, TradewindError } from '../records/errors.ts';
import { modulesFailure, NO_MODULES, withModules } from './modules.ts';
import { pythonPackageFolder } from './places.ts';

export interface PythonCall {
  /** The Python to run it with. */
  python: string;
  /** `tradewind.verify`, … */
  module: string;
  arguments: string[];
  cwd: string;
  signal: AbortSignal;
  environment?: NodeJS.ProcessEnv;
  /** Environment modules to load first. */
  modules?: readonly string[];
  /** Every event that is neither result nor error. */
  onEvent?: (event: { event: string; [key: string]: unknown }) => void;
  /** What the child prints; kept for the error's details either way. */
  onOutput?: (text: string) => void;
}

const KEPT_LINES = 20;

/** Resolves to the child's `result`; a child's `error` event, a crash or an interrupt throws a TradewindError. */
export function runPython<Result>(call: PythonCall): Promise<Result> {
  return new Promise((resolve, reject) => {
    const [program, ...words] = withModules(call.modules ?? [], [call.python, '-u', '-m', call.module, ...call.arguments]);
    const child = spawn(program, words, {
      cwd: call.cwd,
      env: {
        ...(call.environment ?? process.env),
        PYTHONPATH: [pythonPackageFolder(), (call.environment ?? process.env).PYTHONPATH].filter(Boolean).join(delimiter),
        TRADEWIND_EVENTS_FD: '3',
      },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    let result: { value: Result } | undefined;
    let failure: ErrorData | undefined;
    const tail: string[] = [];
    const keep = (chunk: Buffer) => {
      const text = chunk.toString('utf8');
      call.onOutput?.(text);
      tail.push(...text.split('\n').filter((line) => line.trim() !== ''));
      tail.splice(0, Math.max(0, tail.length - KEPT_LINES));
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => {
      const event = JSON.parse(line);
      if (event.event === 'result') result = { value: event.value };
      else if (event.event === 'error') failure = event.error;
      else call.onEvent?.(event);
    });
    // SIGINT first, so that Python can put things in order; SIGKILL when it does not.
    let kill: NodeJS.Timeout | undefined;
    const interrupt = () => {
      child.kill('SIGINT');
      kill = setTimeout(() => child.kill('SIGKILL'), 5000);
    };
    if (call.signal.aborted) interrupt();
    call.signal.addEventListener('abort', interrupt, { once: true });

    child.on('error', (error) => {
      reject(
        new TradewindError({
          code: 'absent',
          message: `Python could not be started: ${call.python} (${error.message})`,
          remedy: 'npm start sets up the Python environment; tradewind doctor says what is missing.',
        }),
      );
    });
    child.on('close', (code, signal) => {
      clearTimeout(kill);
      call.signal.removeEventListener('abort', interrupt);
      if (call.signal.aborted) {
        reject(new TradewindError({ code: 'interrupted', message: `${call.module} was interrupted` }));
      } else if (failure) {
        reject(new TradewindError(failure));
      } else if (result) {
        resolve(result.value);
      } else if (code === NO_MODULES && call.modules?.length) {
        reject(
          new TradewindError({
            code: 'absent',
            message: modulesFailure(tail),
            remedy: 'Mend modules in engines.yaml; module avail lists what is here.',
          }),
        );
      } else {
        reject(
          new TradewindError({
            code: 'process',
            message: `${call.module} ended ${signal ? `by ${signal}` : `with exit code ${code}`} before it gave a result`,
            details: tail.join('\n'),
            remedy: signal === 'SIGKILL' ? 'The system may have run out of memory: make the model or the batch smaller.' : undefined,
          }),
        );
      }
    });
  });
}
