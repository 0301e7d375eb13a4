/** What the parts of a session share: who speaks, which engines there are, which one is active, how far the count is. */
import type { CommContext } from '../commands/comm.ts';
import type { CommandContext } from '../commands/command.ts';
import type { EngineSpec } from '../engines/spec.ts';
import type { Framework } from '../records/chips.ts';
import type { TradewindRecord } from '../records/index.ts';
import type { Header, Json } from '../wire/message.ts';
import type { Comms } from './comms.ts';
import type { Job, Jobs } from './jobs.ts';
import type { Pool, PooledEngine } from './pool.ts';
import type { Queue } from './queue.ts';
import type { Request, Switchboard } from './switchboard.ts';
import type { Voice } from './voice.ts';

/** What came of a command line: the shape of the commands room's own outcome. */
export type Outcome =
  | { kind: 'record'; record: TradewindRecord; bundle: Json; jsonToOutput: boolean }
  | { kind: 'help'; bundle: Json }
  | { kind: 'error'; error: unknown };

/** The commands room, as a session uses it; everything behind the names is loaded when it is first used. */
export interface CommandRoom {
  readonly names: ReadonlySet<string>;
  /** Runs `migrate src -o out` (no `%`). Never throws. */
  run(line: string, context: CommandContext, body?: string): Promise<Outcome>;
  /** What may stand at `cursor` of a command line (no `%`): the text from `start` to `end` can be replaced by each match. */
  complete(
    line: string,
    cursor: number,
    context: Pick<CommandContext, 'cwd' | 'environment' | 'session'> & { variables(): Promise<string[]> },
  ): Promise<{ start: number; end: number; matches: string[] }>;
  /** The help of a command, for `%name?` and the inspector. */
  help(name: string): Promise<Json>;
  bundleOf(record: TradewindRecord): Promise<Json>;
  errorContent(error: unknown, command?: string): Promise<Failure>;
  /** Draws progress through `draw`, not too often. */
  progress(
    draw: (bundle: Json) => void,
  ): Promise<{ update(progress: { label: string; done: number; total?: number; unit?: string }): void; end(): void }>;
}

/** A magic inside a cell, waiting for the kernel. */
export interface Conversation {
  /** Has the engine do something (`tradewind.engine.transfer.ACTIONS`) and gives its answer. */
  ask(action: string, argument: string): Promise<string>;
}

/** One cell (or a magic inside one) at work: what an interrupt stops. */
export interface Activity {
  abort: AbortController;
  /** Of the cell. */
  header: Header;
}

/** Where one cell runs, as its `%%chip` says. */
export interface CellPlace {
  /** `%%chip NAME`: the engine of the rest of the cell. */
  spec?: EngineSpec;
  /** `%%chip A,B --together`, `%%chip NAME --background`. */
  spread?: { specs: EngineSpec[]; background: boolean };
  /** False where it can't be spread over engines or go on in the background: such a `%%chip` stands at the top of a cell. */
  spreads?: boolean;
  /** It runs beside others: it does not choose for the notebook. */
  beside?: boolean;
}

/** One cell on its way: its request, what stops it, and what its parts share. */
export interface CellRun {
  request: Request;
  signal: AbortSignal;
  /** Its number. */
  count: number;
  place: CellPlace;
  /** What the replies of its parts ask of the front end. */
  payload: unknown[];
  /** Runs once the cell has been answered. */
  afterwards: (() => void)[];
  /** Called when its engine is ready and takes the code. */
  ready?(): void;
  /** The background cell that it is. */
  job?: Job;
}

/** What made a cell, or a part of it, fail. */
export interface Failure {
  ename: string;
  evalue: string;
  traceback: string[];
}

export interface SessionState {
  cwd: string;
  environment: NodeJS.ProcessEnv;
  voice: Voice;
  switchboard: Switchboard;
  pool: Pool;
  comms: Comms;
  /** Cells that run while the notebook goes on. */
  jobs: Jobs;
  commands: CommandRoom;
  /** The spec that cells run on. */
  active: EngineSpec;
  /** The next cell's number. */
  count: number;
  activities: Set<Activity>;
  /** One a shell: the main one is `''`. */
  queues: Map<string, Queue>;
  /**
   * The spec of a (chip, framework); without a framework the preferred one where that runs there.
   * Throws a TradewindError when it isn't here; never answers with another.
   */
  resolve(chip: string, framework: Framework | undefined, preferred: Framework, signal: AbortSignal): Promise<EngineSpec>;
  /** The active engine or the state of one has changed: the observers are told. */
  changed(): void;
  observers: Set<() => void>;
  /** Magics at work inside a cell, by their engine's id: such an engine takes no requests, but does what it is asked in its magic. */
  conversations: Map<string, Conversation>;
  /** The kernel is ending: engines end on purpose now. */
  stopping: boolean;
}

export type { CommandContext, CommContext, PooledEngine, Request };
