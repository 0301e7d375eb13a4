/**
 * Starts an engine's process. Imports nothing heavy: the kernel's first act is to start the default engine, before zeromq is loaded.
 *
 * The engine leads a process group of its own (an interrupt reaches what it started), dies with the kernel (`engine/__main__.py`
 * asks the system for that), tells on file descriptor 3 when its sockets are bound and when it is ready, and its stderr is kept for its obituary.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { modulesFailure, NO_MODULES, withModules } from '../processes/modules.ts';
import { pythonPackageFolder } from '../processes/places.ts';
import type { EngineSpec } from './spec.ts';

/** What an engine says of itself when it is ready. */
export interface EngineHello {
  python: string;
  ipython: string;
  ipykernel: string;
  /** `kernel subshells`, `debugger`. */
  features: string[];
  banner: string;
  languageInfo: Record<string, unknown>;
  helpLinks: { text: string; url: string }[];
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The process could not be started at all. */
  failure?: string;
  /** What would help against the failure. */
  remedy?: string;
  stderr: string[];
  /** The system ended processes for want of memory while this one lived. */
  outOfMemory: boolean;
}

export interface EngineProcess {
  id: string;
  child: ChildProcess;
  /** For readConnection: written before the process was started. */
  connectionFile: string;
  /** Resolves when its sockets can be connected to; never rejects, `exited` tells of failure. */
  bound: Promise<void>;
  ready: Promise<EngineHello>;
  exited: Promise<Exit>;
  /** Sends a signal to the engine and what it started. */
  signal(name: NodeJS.Signals): void;
}

export const KEPT_LINES = 60;
/** sockaddr_un holds 108 bytes: folder + engine id + channel must fit. */
const LONGEST_FOLDER = 60;

let folder: string | undefined;

/** A private folder for the sockets and connection files of this kernel's engines; removed when the kernel ends. */
export function socketFolder(): string {
  if (folder) return folder;
  const base = tmpdir().length <= LONGEST_FOLDER ? tmpdir() : '/tmp';
  mkdirSync(base, { recursive: true });
  folder = mkdtempSync(join(base, 'tradewind-'));
  chmodSync(folder, 0o700);
  return folder;
}

export function removeSocketFolder(): void {
  if (folder) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
}

let started = 0;

export interface ProcessOptions {
  /** The kernel's own key and signature scheme, so that frames need no new signature on their way through. */
  key: string;
  scheme: string;
  /** The session id of all that a kernel says, whoever says it: JupyterLab drops a comm that opens while a message of another session arrives. */
  session: string;
  cwd: string;
  /** The names that the engine registers as magics. */
  commands: readonly string[];
}

/** The variables by which an engine knows what it is. */
export function engineEnvironment(spec: EngineSpec, commands: readonly string[]): Record<string, string> {
  return {
    TRADEWIND_CHIP: spec.chip,
    TRADEWIND_FRAMEWORK: spec.framework,
    // Its warning about frozen modules would be the first output of every engine.
    PYDEVD_DISABLE_FILE_VALIDATION: '1',
    TRADEWIND_COMMANDS: commands.join(','),
  };
}

export function startProcess(spec: EngineSpec, { key, scheme, session, cwd, commands }: ProcessOptions): EngineProcess {
  const id = `e${++started}`;
  const connectionFile = join(socketFolder(), `${id}.json`);
  const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };
  writeFileSync(
    connectionFile,
    JSON.stringify({ transport: 'ipc', ip: join(socketFolder(), id), ...ports, key, signature_scheme: scheme }),
    {
      mode: 0o600,
    },
  );
  const killedBefore = processesKilledForMemory();
  const engine = join(pythonPackageFolder(), 'tradewind', 'engine', '__main__.py');
  const [program, ...words] = withModules(spec.modules, [spec.python, engine, '-f', connectionFile, `--Session.session=${session}`]);
  const child = spawn(program, words, {
    cwd,
    detached: true,
    env: {
      ...process.env,
      ...spec.environment,
      ...engineEnvironment(spec, commands),
      JPY_PARENT_PID: String(process.pid),
      TRADEWIND_ENGINE_FD: '3',
    },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const stderr: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => process.stderr.write(chunk));
  child.stderr?.on('data', (chunk: Buffer) => process.stderr.write(chunk));
  readLines(child.stderr as Readable, (line) => {
    if (line.trim() !== '') stderr.push(line);
    stderr.splice(0, Math.max(0, stderr.length - KEPT_LINES));
  });
  const bound = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<EngineHello>();
  readLines(child.stdio[3] as Readable, (line) => {
    const event = JSON.parse(line) as { event: 'bound' } | ({ event: 'ready' } & EngineHello);
    if (event.event === 'bound') bound.resolve();
    else ready.resolve(event);
  });
  const exited = Promise.withResolvers<Exit>();
  const end = (code: number | null, signal: NodeJS.Signals | null, failure = missingModules(spec, code, stderr)) =>
    exited.resolve({ code, signal, failure, stderr, outOfMemory: signal === 'SIGKILL' && processesKilledForMemory() > killedBefore });
  child.on('error', (error) => end(null, null, error.message));
  // Not 'close': what the engine started may hold its pipes open for long. A moment later its last words have been read.
  child.on('exit', (code, signal) => setTimeout(end, 20, code, signal));
  return {
    id: `${id}-${randomUUID().slice(0, 8)}`,
    child,
    connectionFile,
    bound: bound.promise,
    ready: ready.promise,
    exited: exited.promise,
    signal(name) {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      try {
        process.kill(-child.pid, name);
      } catch {
        child.kill(name);
      }
    },
  };
}

function missingModules(spec: EngineSpec, code: number | null, stderr: readonly string[]): string | undefined {
  return code === NO_MODULES && spec.modules.length > 0 ? modulesFailure(stderr) : undefined;
}

export function readLines(stream: Readable, each: (line: string) => void): void {
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) each(line);
  });
}

/** How many processes the system has ended for want of memory since it booted (Linux); 0 elsewhere. */
function processesKilledForMemory(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
