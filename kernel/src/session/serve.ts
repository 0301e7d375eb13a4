/** Runs a session on real sockets and processes, until a client or the system ends it. */
import { attach, type Engine, type EngineReceiver } from '../engines/engine.ts';
import { type EngineProcess, removeSocketFolder, startProcess } from '../engines/process.ts';
import { startRemote } from '../engines/remote.ts';
import { startSlurm } from '../engines/slurm.ts';
import type { EngineSpec } from '../engines/spec.ts';
import { readConnection } from '../wire/connection.ts';
import { createSigner } from '../wire/signature.ts';
import { bindKernel } from '../wire/sockets.ts';
import { createCommandRoom, findCommTarget, resolveEngine } from './rooms.ts';
import { createSession, type Session } from './session.ts';

/** `process` is the first engine's, started already. Resolves when the sockets are bound. */
export async function serve(
  file: string,
  first: EngineSpec,
  firstProcess: EngineProcess,
  sessionId: string,
  commands: readonly string[],
): Promise<void> {
  const info = readConnection(file);
  const { key, signature_scheme: scheme } = info;
  const cwd = process.cwd();
  const log = (line: string) => console.error(`tradewind: ${line}`);
  const signer = createSigner(key, scheme);
  let ready: EngineProcess | undefined = firstProcess;
  const session: Session = createSession({
    signer,
    id: sessionId,
    send: (channel, frames) => sockets.send(channel, frames),
    cwd,
    environment: process.env,
    first,
    start(spec): Engine {
      const { place } = spec;
      const receive: EngineReceiver = (from, channel, frames) => session.fromEngine(from, channel, frames);
      const common = { key, scheme, session: sessionId, cwd, commands };
      if (place === 'local') {
        const engine = ready ?? startProcess(spec, common);
        ready = undefined;
        return attach(spec, engine, receive);
      }
      if ('slurm' in place) {
        const notice = (text: string) => session.notice(text);
        return startSlurm({ ...spec, place }, { ...common, environment: process.env, notice }, receive);
      }
      return startRemote({ ...spec, place }, { signer, session: sessionId, commands, environment: process.env }, receive);
    },
    resolve: (chip, framework, preferred, signal) => resolveEngine(chip, framework, preferred, { cwd, environment: process.env, signal }),
    commands: createCommandRoom(commands),
    commTarget: findCommTarget,
    ended: () => leave(0),
    log,
  });
  const sockets = await bindKernel(info, {
    shell: (frames) => session.fromClient('shell', frames),
    control: (frames) => session.fromClient('control', frames),
    stdin: (frames) => session.fromClient('stdin', frames),
    subscribed: (topic) => session.subscribed(topic),
  });
  session.begin();

  /** The sockets' last messages go out before the process ends. */
  function leave(code: number): void {
    removeSocketFolder();
    sockets.close().then(() => process.exit(code));
  }
  const stop = () => session.stop().then(() => leave(0));
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
  process.on('SIGINT', () => session.interrupt());
  process.on('exit', () => {
    session.kill();
    removeSocketFolder();
  });
  process.on('uncaughtException', (error) => log(error.stack ?? String(error)));
  process.on('unhandledRejection', (error) => log(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  watchParent(stop);
}

/** Whoever started the kernel may end without a word: then the kernel ends too. */
function watchParent(stop: () => void): void {
  const parent = process.ppid;
  if (!process.env.JPY_PARENT_PID || parent === 1) return;
  setInterval(() => {
    if (process.ppid !== parent) stop();
  }, 1000).unref();
}
