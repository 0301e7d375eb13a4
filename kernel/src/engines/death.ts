/** Why an engine ended, in words a user can act on. */
import { constants } from 'node:os';
import { isSlurm, placeName } from '../chips/places.ts';
import type { ErrorData } from '../records/errors.ts';
import type { Exit } from './process.ts';
import { type EngineSpec, engineName, shortPath } from './spec.ts';

/** What a signal usually means when it ends a Python process. */
const SIGNALS: Partial<Record<NodeJS.Signals, string>> = {
  SIGSEGV: 'a segmentation fault: compiled code (an operator, a driver, an extension module) went wrong',
  SIGBUS: 'a bus error: a memory-mapped file was cut short, or shared memory ran out',
  SIGABRT: 'compiled code gave up (an assertion failed)',
  SIGFPE: 'an arithmetic fault in compiled code',
  SIGILL: 'an instruction that this processor does not have: a package built for another machine',
  SIGKILL: 'it was killed from outside; when memory is short, the system does that',
  SIGTERM: 'it was asked to end',
};

const SHOWN_LINES = 15;

/** The end of what it wrote to stderr; where Python itself told of a crash, from there on. */
function lastWords(lines: readonly string[]): string | undefined {
  if (lines.length === 0) return undefined;
  const crash = lines.findLastIndex((line) => line.startsWith('Fatal Python error'));
  return (crash < 0 ? lines.slice(-SHOWN_LINES) : lines.slice(crash, crash + SHOWN_LINES)).join('\n');
}

/** The error that a cell gets whose engine ended under it, or before it. */
export function obituary(spec: EngineSpec, pid: number | undefined, exit: Exit): ErrorData {
  const name = engineName(spec);
  const details = lastWords(exit.stderr);
  const { place } = spec;
  const restart = 'Its variables are gone. The next cell starts it again.';
  if (place === 'local' && exit.failure) {
    return {
      code: 'absent',
      message: `The engine ${name} could not be started: ${shortPath(spec.python)} (${exit.failure})`,
      remedy: exit.remedy ?? 'npm start sets up the Python environment; %doctor says what is missing.',
    };
  }
  if (place !== 'local' && (exit.failure || !isSlurm(place))) {
    return {
      code: 'process',
      message: `The engine ${name} ${placeName(place)} is gone: ${exit.failure ?? 'it ended'}`,
      details,
      remedy: exit.remedy ?? restart,
    };
  }
  const where = place === 'local' ? `process ${pid}` : 'in Slurm';
  if (exit.outOfMemory) {
    return {
      code: 'process',
      message: `The engine ${name} (${where}) ran out of memory and was killed by the system.`,
      details,
      remedy: `${restart} Make the model, the batch or the array smaller.`,
    };
  }
  const how = exit.signal
    ? `was ended by ${exit.signal} (signal ${constants.signals[exit.signal]})${SIGNALS[exit.signal] ? `: ${SIGNALS[exit.signal]}` : ''}`
    : `ended by itself with exit code ${exit.code}`;
  return { code: 'process', message: `The engine ${name} (${where}) ${how}.`, details, remedy: restart };
}
