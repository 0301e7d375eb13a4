/** An error as a notebook shows it: what, where and the remedy, as the content of a Jupyter `error` message. */
import { TradewindError } from '../records/errors.ts';
import { printable } from './text.ts';

export interface ErrorContent {
  ename: string;
  evalue: string;
  traceback: string[];
}

const RED = '\u001b[31;1m';
const BOLD = '\u001b[1m';
const GREEN = '\u001b[32m';
const RESET = '\u001b[0m';

/** `command` is the line that failed, as it stands in the cell. A fault that was not foreseen keeps its stack, so that it can be reported. */
export function errorContent(error: unknown, command?: string): ErrorContent {
  if (!(error instanceof TradewindError)) {
    const name = error instanceof Error ? error.name : 'Error';
    const message = error instanceof Error ? error.message : String(error);
    const stack = error instanceof Error && error.stack ? error.stack.split('\n').slice(1) : [];
    return {
      ename: name,
      evalue: message,
      traceback: [
        `${RED}${name}${RESET}: ${message}`,
        ...stack,
        'This is a fault of Tradewind’s own: please report it with the lines above.',
      ],
    };
  }
  const { code, message, where, remedy, details } = error.data;
  if (code === 'interrupted') return { ename: 'KeyboardInterrupt', evalue: message, traceback: [`${RED}Interrupted${RESET}: ${message}`] };
  return {
    ename: 'TradewindError',
    evalue: where ? `${where}: ${message}` : message,
    traceback: [
      `${RED}${TITLES[code]}${RESET}${command ? ` in ${BOLD}${printable(command)}${RESET}` : ''}`,
      `  ${message}`,
      ...(where ? [`  ${BOLD}at${RESET} ${where}`] : []),
      ...(details ? details.split('\n').map((line) => `  │ ${line}`) : []),
      ...(remedy ? [`  ${GREEN}→${RESET} ${remedy}`] : []),
    ],
  };
}

const TITLES = {
  usage: 'Wrong call',
  input: 'Bad input',
  absent: 'Not here',
  refused: 'Refused',
  process: 'A process failed',
  interrupted: 'Interrupted',
  internal: 'A fault of Tradewind’s own',
} as const;
