/**
 * An engine in a Slurm allocation: `srun` starts its host on a node (`tradewind/host/host.py`), which starts the engine there.
 *
 * The host's task, with the kernel's key in it, goes over srun's stdin; what it tells comes over srun's stdout. Messages go through an ssh
 * tunnel to the host's Unix socket, or over srun's own connection where a site lets nobody onto its nodes. When srun's stdin ends, however
 * that happens, the engine ends, and with it the allocation that srun made.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { SlurmPlace } from '../chips/places.ts';
import { modulesFailure } from '../processes/modules.ts';
import { defaultPython, pythonPackageFolder } from '../processes/places.ts';
import { NO_COMMAND, tethered } from '../processes/tethered.ts';
import type { Engine, EngineReceiver } from './engine.ts';
import { ACKNOWLEDGE_MS, createLink } from './link.ts';
import { outageNotices } from './outage.ts';
import { type EngineHello, type Exit, engineEnvironment, KEPT_LINES, type ProcessOptions, readLines } from './process.ts';
import { watchQueue } from './queue.ts';
import { type EngineSpec, engineName } from './spec.ts';
import { createProgress } from './starting.ts';
import { openTunnel, type Tunnel } from './tunnel.ts';

/** What the host tells, a JSON line each. */
type HostEvent =
  | { event: 'host'; node: string; socket: string; job: string }
  | { event: 'bound' }
  | ({ event: 'ready' } & EngineHello)
  | { event: 'packet'; packet: string }
  | { event: 'exit'; code: number | null; signal: NodeJS.Signals | null; modules: boolean };

export interface SlurmOptions extends ProcessOptions {
  environment: NodeJS.ProcessEnv;
  /** A line for the cell that runs. */
  notice(text: string): void;
}

/** srun's own lines; all others are the engine's. */
const OF_SRUN = /^(srun|slurmstepd|salloc): /;
const QUEUED = /^srun: job (\d+) queued/;
const ALLOCATED = /^srun: job (\d+) has been allocated/;
const OUT_OF_MEMORY = /oom[-_ ]?kill|Out Of Memory/i;

let started = 0;

/** srun's arguments. Throws nothing: a job's variable that is not set is told by srun itself. */
function srunArguments(spec: EngineSpec & { place: SlurmPlace }, cwd: string, environment: NodeJS.ProcessEnv): string[] {
  const { options, job } = spec.place.slurm;
  const number = job && ('number' in job ? job.number : (environment[job.env] ?? ''));
  return [
    '--nodes=1',
    '--ntasks=1',
    `--job-name=tradewind-${engineName(spec).replace('/', '-')}`,
    `--chdir=${cwd}`,
    // A step beside others in an allocation that is there: it waits for nobody's end.
    ...(number === undefined ? [] : [`--jobid=${number}`, '--overlap']),
    ...options,
    defaultPython(),
    join(pythonPackageFolder(), 'tradewind', 'host', '__main__.py'),
  ];
}

export function startSlurm(spec: EngineSpec & { place: SlurmPlace }, options: SlurmOptions, receive: EngineReceiver): Engine {
  const { key, scheme, session, cwd, commands, environment } = options;
  const { reach } = spec.place.slurm;
  const id = `s${++started}-${randomUUID().slice(0, 8)}`;
  const stderr: string[] = [];
  const ofSrun: string[] = [];
  const hello = Promise.withResolvers<EngineHello>();
  const heard = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<Exit>();
  const starting = createProgress();
  let job: string | undefined;
  let ownJob = false;
  let queue: { stop(): void } | undefined;
  let tunnel: Tunnel | undefined;
  let ending: Pick<Exit, 'failure' | 'remedy'> | undefined;
  let told: Extract<HostEvent, { event: 'exit' }> | undefined;
  let over = false;
  /** The host runs: from here on it is the one to tell. */
  let hosted = false;

  const link = createLink((channel, frames) => {
    if (channel === 'iopub') heard.resolve();
    receive(engine, channel, frames);
  });
  const ticking = setInterval(() => link.tick(), ACKNOWLEDGE_MS);
  ticking.unref();

  const [program, ...words] = tethered(['srun', ...srunArguments(spec, cwd, environment)]);
  const child = spawn(program, words, {
    cwd,
    detached: true,
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const tell = (line: object) => {
    if (!over && child.stdin.writable) child.stdin.write(`${JSON.stringify(line)}\n`);
  };
  child.stdin.on('error', () => {}); // its end is told by srun's
  tell({
    id,
    key,
    scheme,
    session,
    cwd,
    reach,
    python: spec.python,
    modules: spec.modules,
    environment: { ...spec.environment, ...engineEnvironment(spec, commands) },
  });

  function finish(code: number | null, signal: NodeJS.Signals | null): void {
    if (over) return;
    over = true;
    queue?.stop();
    clearInterval(ticking);
    tunnel?.close();
    const outOfMemory = ofSrun.some((line) => OUT_OF_MEMORY.test(line));
    const why = ending ?? (told?.modules ? { failure: modulesFailure(stderr) } : undefined);
    // Without a word of the host, srun's own is the reason: its error, which lines of advice may follow.
    const said = ofSrun.findLast((line) => line.startsWith('srun: error: ')) ?? ofSrun.at(-1);
    const refused = told || why ? undefined : said?.replace(/^srun: (error: )?/, '');
    exited.resolve({
      code: told ? told.code : code,
      signal: told ? told.signal : signal,
      stderr: [...stderr, ...ofSrun].slice(-KEPT_LINES),
      outOfMemory,
      ...(why ?? (told ? {} : { failure: refused ?? `srun ended with exit code ${code}` })),
    });
  }

  function take(event: HostEvent): void {
    if (event.event === 'host') {
      hosted = true;
      queue?.stop();
      job ??= event.job;
      starting.tell(`starting on ${event.node}`);
      if (reach === 'srun') link.opened((chunk) => tell({ packet: chunk.toString('base64') }));
      else tunnel = reachNode(event.node, event.socket);
    } else if (event.event === 'packet') link.took(Buffer.from(event.packet, 'base64'));
    else if (event.event === 'ready') hello.resolve(event);
    else if (event.event === 'exit') {
      told = event;
      tunnel?.close();
    }
  }

  function reachNode(node: string, path: string): Tunnel {
    const events = {
      ...outageNotices(`${spec.title} on ${node}`, options.notice),
      unreachable(reason: string) {
        end(`its node ${node} cannot be reached by ssh: ${reason}`, {
          remedy: `ssh ${node} true has to work without a question (keys, known_hosts); where nobody may log in to nodes: reach: srun in engines.yaml.`,
        });
      },
    };
    return openTunnel(node, path, link, events, environment);
  }

  child.on('error', (error) => {
    ending ??= { failure: error.message };
    finish(null, null);
  });
  child.on('close', (code, signal) => {
    if (code === NO_COMMAND && !hosted)
      ending ??= {
        failure: 'srun is not on the PATH: this machine starts nothing in Slurm',
        remedy: 'Run Jupyter where srun is, on a login node of the cluster.',
      };
    finish(code, signal);
  });
  readLines(child.stdout, (line) => {
    let event: HostEvent;
    try {
      event = JSON.parse(line);
    } catch {
      console.error(line); // a site's own prolog may print
      return;
    }
    take(event);
  });
  readLines(child.stderr, (line) => {
    if (!OF_SRUN.test(line)) console.error(line);
    const kept = OF_SRUN.test(line) ? ofSrun : stderr;
    if (line.trim() !== '') kept.push(line);
    kept.splice(0, Math.max(0, kept.length - KEPT_LINES));
    const queued = QUEUED.exec(line);
    if (queued || ALLOCATED.test(line)) {
      job = (queued ?? ALLOCATED.exec(line))![1];
      ownJob = true;
      queue?.stop();
      if (queued) queue = watchQueue(job!, environment, starting.tell);
      else starting.tell(`job ${job} has its node`);
    }
  });

  /** Ends the engine, its step and the allocation that was made for it. */
  function end(failure: string, more: Pick<Exit, 'remedy'> = {}): void {
    if (over) return;
    ending ??= { failure, ...more };
    child.stdin.end();
    if (ownJob && job) spawn('scancel', [job], { env: environment, detached: true, stdio: 'ignore' }).on('error', () => {});
    child.kill('SIGTERM');
    setTimeout(() => {
      if (!over) child.kill('SIGKILL');
    }, 3000).unref();
  }

  const dead = exited.promise.then((exit): never => {
    throw exit;
  });
  const engine: Engine = {
    id,
    spec,
    pid: undefined,
    ready: Promise.race([Promise.all([hello.promise, heard.promise]).then(([one]) => one), dead]),
    exited: exited.promise,
    starting: starting.watch,
    send: (channel, frames) => link.send(channel, frames),
    interrupt() {
      if (hosted) tell({ signal: 'SIGINT' });
      else end('its start was interrupted, and its job given up');
    },
    kill: () => end('it was ended'),
    dispose: () => tunnel?.close(),
  };
  engine.ready.catch(() => {});
  return engine;
}
