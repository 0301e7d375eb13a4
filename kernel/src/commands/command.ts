/** What a command is: one definition that serves the magic `%name`, the cell magic `%%name` and the shell's `tradewind name`. */
import type { AskElsewhere } from '../chips/index.ts';
import type { Progress } from '../display/progress.ts';
import type { Framework } from '../records/chips.ts';
import type { TradewindRecord } from '../records/index.ts';
import type { BackgroundCell } from '../records/jobs.ts';
import type { TransferRecord } from '../records/transfer.ts';

export type { Progress };

/** What a value is, for validation and completion. */
export type ValueKind = 'text' | 'file' | 'folder' | 'path' | 'integer' | 'number' | 'chip' | 'run' | 'engine' | 'variable';

export interface Positional {
  /** As in the usage line: `SOURCE`. */
  name: string;
  kind: ValueKind;
  description: string;
  optional?: boolean;
  /** Takes all the words that are left. */
  many?: boolean;
}

export interface Option {
  /** Without the dashes: `entry`. */
  name: string;
  short?: string;
  /** Absent for a flag. */
  value?: { name: string; kind: ValueKind; choices?: readonly string[]; default?: string };
  /** May be given more than once; its values come as an array. */
  many?: boolean;
  required?: boolean;
  description: string;
}

/** The words of a call, parsed and validated against the definition. Paths are absolute. */
export interface Arguments {
  positionals: Record<string, string | string[] | undefined>;
  options: Record<string, string | string[] | boolean | number | undefined>;
  /** The rest of the cell, for `%%name`. */
  body?: string;
}

/** A display that can be drawn again in place. */
export interface LiveDisplay {
  update(record: TradewindRecord): void;
}

/** Where a computation in an engine really ran. */
export interface DeviceProof {
  chip: string;
  framework: Framework;
  proved: boolean;
  /** `on cuda:0`; or why not. */
  detail: string;
}

/** What a command may ask of the notebook's session; absent in a shell. */
export interface SessionAccess {
  /** The (chip, framework) that cells run on now. */
  active(): { chip: string; framework: Framework };
  /** From here on cells run there (`forCell`: only the rest of this cell). Throws a TradewindError when it can't be. */
  switchTo(chip: string, framework: Framework | undefined, forCell?: boolean): Promise<void>;
  /** The rest of this cell runs on the engines of these names, beside each other; `background`: while the notebook goes on. */
  spread?(names: string[], background: boolean): Promise<void>;
  /** The cells that run, or ran, in the background. */
  jobs?(): BackgroundCell[];
  /** Stops one; resolves when it is over. */
  stopJob?(id: number): Promise<void>;
  /** Resolves when all are over. */
  waitForJobs?(): Promise<void>;
  /** Every engine that was started, with its state. */
  engines(): { chip: string; framework: Framework; state: 'starting' | 'idle' | 'busy' | 'dead'; reason?: string }[];
  /** Moves variables between engines; an engine is named `chip/framework`, or by either part where that is enough. */
  transfer(variables: string[], from: string, to: string): Promise<TransferRecord>;
  /** Has every idle engine compute and tell where; `chipOf` gives the catalogue's chip of an engine's name. */
  prove?(chipOf: (name: string) => string): Promise<DeviceProof[]>;
  /** What the meters of other machines say, by their engines. */
  meters?: AskElsewhere;
  /** Begins to count the active engine's memory; calling what comes back gives the most that its process has held (MiB), where its system tells. */
  peakMemory?(): Promise<() => Promise<number | undefined>>;
  /** Runs the body of a `%%command` cell now, on the active engine; false when it failed (the cell then fails as the body did). */
  runBody?(): Promise<boolean>;
}

export interface CommandContext {
  /** Paths are resolved against it. */
  cwd: string;
  environment: NodeJS.ProcessEnv;
  /** Aborted by ctrl-C or an interrupt: stop cleanly, leave nothing half-written. */
  signal: AbortSignal;
  progress(progress: Progress): void;
  /** Prints a line that is no result (a hint, a warning). */
  note(line: string): void;
  /** Shows a record before the command has ended, to be updated in place; the record returned at last replaces it. */
  show(record: TradewindRecord): LiveDisplay;
  session?: SessionAccess;
}

export interface Command<R extends TradewindRecord = TradewindRecord> {
  name: string;
  /** One line. */
  summary: string;
  /** Paragraphs for `--help` and `%name?`. */
  details?: string;
  examples?: readonly string[];
  positionals: readonly Positional[];
  options: readonly Option[];
  /** Set when `%%name` makes sense; says what the cell's body is. */
  body?: string;
  /** Only in a notebook: needs `context.session`. */
  needsSession?: boolean;
  run(input: Arguments, context: CommandContext): Promise<R>;
  /** 0 done and all well; 1 done, and the answer is no; 3 done in part. Default: 0. */
  exitCode?(record: R): 0 | 1 | 3;
}
