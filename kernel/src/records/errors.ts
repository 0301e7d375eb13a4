/** Errors as data: what is at fault, where, and the remedy. The sentence is made at the edge, by `describe`. */

export type ErrorCode =
  | 'usage' // the words of a command are wrong
  | 'input' // a file or store is missing, unreadable or not what it should be
  | 'absent' // a chip, tool or package is not here
  | 'refused' // it would be unsafe or wrong, so it is not done
  | 'process' // a child process failed
  | 'interrupted' // the user stopped it
  | 'internal'; // a fault of Tradewind's own

export interface ErrorData {
  code: ErrorCode;
  /** One sentence that names the thing at fault. */
  message: string;
  /** `file:line`, a cell line, a variable … */
  where?: string;
  /** What the user can do. */
  remedy?: string;
  /** Longer evidence: last lines of a log, a traceback. */
  details?: string;
}

/** The one error type that rooms throw on purpose; anything else that escapes is a fault of ours. */
export class TradewindError extends Error {
  readonly data: ErrorData;

  constructor(data: ErrorData) {
    super(data.message);
    this.name = 'TradewindError';
    this.data = data;
  }
}

/** The error as the user reads it: place and fault, then the remedy on a line of its own. */
export function describe(error: unknown): string {
  if (!(error instanceof TradewindError)) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  const { message, where, remedy, details } = error.data;
  const lines = [where ? `${where}: ${message}` : message];
  if (details) lines.push(details);
  if (remedy) lines.push(`→ ${remedy}`);
  return lines.join('\n');
}

/** The shell's exit code for an error: 2 for what the user can mend in the command or its input, 1 for the rest. */
export function exitCodeOf(error: unknown): 1 | 2 {
  if (!(error instanceof TradewindError)) return 1;
  return error.data.code === 'process' || error.data.code === 'internal' || error.data.code === 'interrupted' ? 1 : 2;
}
