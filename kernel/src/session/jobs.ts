/** Cells that run in the background: their list, who waits for whom, and how one is stopped. The newest hundred are remembered. */
import { type EngineSpec, engineKey, engineName } from '../engines/spec.ts';
import { TradewindError } from '../records/errors.ts';
import { type BackgroundCell, isOver, type JobState } from '../records/jobs.ts';

const REMEMBERED = 100;
const LONGEST_LINE = 80;

export interface Job {
  readonly id: number;
  readonly specs: readonly EngineSpec[];
  readonly abort: AbortController;
  readonly over: Promise<void>;
  /** It runs from here on; before, it waits. */
  begin(): void;
  end(state: JobState, reason?: string): void;
}

export interface Jobs {
  add(code: string, cell: number, specs: readonly EngineSpec[]): Job;
  list(): BackgroundCell[];
  find(id: number): Job;
  /** What still has to end on the engine before the background cell `of` (or, without one, a cell of the foreground) may run there. */
  ahead(spec: EngineSpec, of?: Job): Job[];
  /** The background cell that runs on the engine now. */
  running(spec: EngineSpec): Job | undefined;
  /** Those that are not over. */
  readonly alive: readonly Job[];
}

interface Entry extends Job {
  cell: BackgroundCell;
  begun?: number;
}

/** `changed` is called whenever one begins or ends. */
export function createJobs(changed: () => void): Jobs {
  const entries: Entry[] = [];
  let last = 0;
  const alive = () => entries.filter(({ cell }) => !isOver(cell.state));
  const uses = (entry: Entry, spec: EngineSpec) => entry.specs.some((one) => engineKey(one) === engineKey(spec));

  return {
    add(code, number, specs) {
      const over = Promise.withResolvers<void>();
      const cell: BackgroundCell = {
        id: ++last,
        cell: number,
        engines: specs.map(engineName),
        code: headOf(code),
        state: 'waiting',
        startedAt: new Date().toISOString(),
        seconds: 0,
      };
      const entry: Entry = {
        id: last,
        specs,
        cell,
        abort: new AbortController(),
        over: over.promise,
        begin() {
          if (entry.begun !== undefined) return;
          entry.begun = performance.now();
          cell.state = 'running';
          cell.startedAt = new Date().toISOString();
          changed();
        },
        end(state, reason) {
          cell.seconds = secondsOf(entry);
          Object.assign(cell, { state, reason });
          over.resolve();
          changed();
        },
      };
      entries.push(entry);
      const finished = entries.filter(({ cell: one }) => isOver(one.state));
      for (const old of finished.slice(0, Math.max(0, entries.length - REMEMBERED))) entries.splice(entries.indexOf(old), 1);
      return entry;
    },
    list: () => entries.map((entry) => ({ ...entry.cell, seconds: isOver(entry.cell.state) ? entry.cell.seconds : secondsOf(entry) })),
    find(id) {
      const found = entries.find((one) => one.id === id);
      if (found) return found;
      throw new TradewindError({
        code: 'input',
        message: `there is no background cell ${id}`,
        remedy: entries.length ? '%chip --jobs lists them.' : '%%chip NAME --background runs one.',
      });
    },
    ahead: (spec, of) => alive().filter((one) => uses(one, spec) && (of === undefined || one.id < of.id)),
    running: (spec) => alive().find((one) => one.cell.state === 'running' && uses(one, spec)),
    get alive() {
      return alive();
    },
  };
}

const secondsOf = ({ begun }: Entry) => (begun === undefined ? 0 : (performance.now() - begun) / 1000);

function headOf(code: string): string {
  const line =
    code
      .split('\n')
      .find((one) => one.trim() !== '')
      ?.trim() ?? '';
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1)}…` : line;
}
