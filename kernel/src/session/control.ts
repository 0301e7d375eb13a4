/** What the kernel answers on the control channel: interrupts, subshells, usage, shutdown; the debugger's requests go to the active engine. */
import { hostname } from 'node:os';
import type { Engine } from '../engines/engine.ts';
import { TRADEWIND_VERSION } from '../records/version.ts';
import { type Json, PROTOCOL_VERSION } from '../wire/message.ts';
import type { PooledEngine } from './pool.ts';
import type { SessionState } from './state.ts';
import type { Subshells } from './subshells.ts';

/** `kernel_info_reply`, with the active engine's language when it is up. */
export function kernelInfo(state: SessionState, pooled: PooledEngine | undefined): Json {
  const hello = pooled?.hello;
  return {
    status: 'ok',
    protocol_version: PROTOCOL_VERSION,
    implementation: 'tradewind',
    implementation_version: TRADEWIND_VERSION,
    language_info: hello?.languageInfo ?? {
      name: 'python',
      version: '3',
      mimetype: 'text/x-python',
      codemirror_mode: { name: 'ipython', version: 3 },
      pygments_lexer: 'ipython3',
      nbconvert_exporter: 'python',
      file_extension: '.py',
    },
    banner: `Tradewind ${TRADEWIND_VERSION} · ${state.active.title}\n${hello?.banner ?? ''}`,
    help_links: hello?.helpLinks ?? [],
    supported_features: hello?.features ?? [],
  };
}

/** ctrl-C: what runs is stopped, wherever it runs; cells in the background go on (`chip --stop` ends them). */
export function interrupt(state: SessionState): Json {
  for (const activity of state.activities) activity.abort.abort();
  for (const { engine, spec } of state.pool.engines) if (!state.jobs.running(spec)) interruptEngine(state, engine);
  return { status: 'ok' };
}

/** Interrupts the engine where it works. */
export function interruptEngine(state: SessionState, engine: Engine): void {
  if (!state.switchboard.busy(engine)) return;
  engine.interrupt();
  // A cell that awaits sleeps in the event loop, where ipykernel notices the signal only when something else arrives: this does.
  setTimeout(() => state.switchboard.ask(engine, 'shell', 'comm_info_request', {}).catch(() => {}), 20);
}

const PATIENCE = 2000;

/** The processor and memory use of the kernel and all its engines. An engine that doesn't answer in time is left out. */
export async function usage(state: SessionState): Promise<Json> {
  const running = state.pool.engines.filter((pooled) => pooled.state === 'running');
  const parts = await Promise.all(
    running.map((pooled) =>
      Promise.race([
        state.switchboard.ask(pooled.engine, 'control', 'usage_request', {}),
        new Promise<Json>((resolve) => setTimeout(resolve, PATIENCE, {})),
      ]).catch((): Json => ({})),
    ),
  );
  const sum = (name: string) => parts.reduce((total, part) => total + (Number(part[name]) || 0), 0);
  return {
    ...parts[0],
    hostname: hostname(),
    pid: process.pid,
    kernel_cpu: sum('kernel_cpu'),
    kernel_memory: sum('kernel_memory') + process.memoryUsage().rss,
  };
}

/** Subshell requests are the kernel's: a subshell's name holds in every engine. */
export const SUBSHELL_HANDLERS: Record<string, (subshells: Subshells, content: Json) => Json> = {
  create_subshell_request: (subshells) => ({ status: 'ok', subshell_id: subshells.create() }),
  list_subshell_request: (subshells) => ({ status: 'ok', subshell_id: subshells.list() }),
  delete_subshell_request: (subshells, content) =>
    subshells.delete(String(content.subshell_id))
      ? { status: 'ok' }
      : { status: 'error', ename: 'UnknownSubshellError', evalue: `Unknown subshell_id '${content.subshell_id}'`, traceback: [] },
};

/** Asks every engine to end (their `atexit` functions run), ends those that don't within the time, and resolves when all are gone. */
export async function stopEngines(state: SessionState, restart: boolean, patience = 1500): Promise<void> {
  await Promise.all(
    state.pool.engines.map(async ({ engine, state: engineState }) => {
      if (engineState === 'dead') return;
      if (engineState === 'starting') engine.kill();
      else {
        if (state.switchboard.busy(engine)) engine.interrupt();
        state.switchboard.ask(engine, 'control', 'shutdown_request', { restart }).catch(() => {});
      }
      const timer = setTimeout(() => engine.kill(), patience);
      await engine.exited;
      clearTimeout(timer);
    }),
  );
}
