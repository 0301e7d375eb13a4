/**
 * The order of execution on one (sub)shell: one cell at a time, so that a switch of chips in one holds for the next;
 * when a cell fails, the cells that wait behind it are aborted, as IPython's kernel does.
 */

/** What came of a cell, as far as the next ones are concerned. */
export type Verdict = 'go on' | 'abort the rest';

export interface QueuedRequest {
  /** Cells wait for each other; other requests only keep their place. */
  cell: boolean;
  run(): Promise<Verdict>;
  /** Answers a cell that will not run. */
  abort(): void;
}

export interface Queue {
  add(request: QueuedRequest): void;
  /**
   * To be awaited before a failed cell is answered: only what was sent before that answer is aborted,
   * never the cell that a client sends because of it.
   */
  doom(): Promise<void>;
  /** Is a cell running? */
  readonly running: boolean;
}

/** Requests that a client has sent already may still be in the socket: give them two turns of the event loop to arrive. */
async function arrivals(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate);
}

export function createQueue(): Queue {
  const waiting: QueuedRequest[] = [];
  let doomed = new Set<QueuedRequest>();
  let running = false;

  async function work(): Promise<void> {
    running = true;
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const verdict = await next.run();
      const condemned = doomed;
      doomed = new Set();
      if (verdict === 'go on') continue;
      for (const request of waiting.splice(0)) {
        if (condemned.has(request)) request.abort();
        else waiting.push(request);
      }
    }
    running = false;
  }

  return {
    add(request) {
      // What is no cell need not wait for the running one: the engine keeps its own order.
      if (!request.cell && waiting.length === 0) {
        request.run();
        return;
      }
      waiting.push(request);
      if (!running) work();
    },
    async doom() {
      await arrivals();
      doomed = new Set(waiting.filter((request) => request.cell));
    },
    get running() {
      return running;
    },
  };
}
