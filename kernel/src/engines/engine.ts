/** A running engine: its process and its sockets, seen as channels that frames go into and come out of. */
import { rmSync } from 'node:fs';
import { readConnection } from '../wire/connection.ts';
import { connectEngine, type EngineSockets } from '../wire/sockets.ts';
import type { EngineHello, EngineProcess, Exit } from './process.ts';
import type { EngineSpec } from './spec.ts';
import type { Watch } from './starting.ts';

export type EngineChannel = 'shell' | 'control' | 'stdin';

export interface Engine {
  readonly id: string;
  readonly spec: EngineSpec;
  readonly pid: number | undefined;
  /** Resolves when it takes requests; rejects with its Exit when it ended before. */
  readonly ready: Promise<EngineHello>;
  readonly exited: Promise<Exit>;
  /** Tells what it waits for while it starts; absent where that takes no time worth telling. */
  readonly starting?: Watch;
  /** Frames may be sent as soon as `ready` resolved; before that they wait in the socket. */
  send(channel: EngineChannel, frames: readonly Buffer[]): void;
  /** ctrl-C. */
  interrupt(): void;
  /** Ends the process and what it started at once. */
  kill(): void;
  /** Closes the sockets and removes the files; the process has ended. */
  dispose(): void;
}

/** What an engine sends: frames for the kernel to relay. */
export type EngineReceiver = (engine: Engine, channel: EngineChannel | 'iopub', frames: Buffer[]) => void;

/** Makes an engine of a process: connects when its sockets are bound, is ready when output can be heard (its welcome has arrived). */
export function attach(spec: EngineSpec, process: EngineProcess, receive: EngineReceiver): Engine {
  let sockets: EngineSockets | undefined;
  const waiting: [EngineChannel, readonly Buffer[]][] = [];
  const heard = Promise.withResolvers<void>();
  const dead = process.exited.then((exit): never => {
    throw exit;
  });
  const engine: Engine = {
    id: process.id,
    spec,
    pid: process.child.pid,
    ready: Promise.race([Promise.all([process.ready, heard.promise]).then(([hello]) => hello), dead]),
    exited: process.exited,
    send(channel, frames) {
      if (sockets) sockets.send(channel, frames);
      else waiting.push([channel, frames]);
    },
    interrupt: () => process.signal('SIGINT'),
    kill: () => process.signal('SIGKILL'),
    dispose() {
      sockets?.close();
      rmSync(process.connectionFile, { force: true });
    },
  };
  engine.ready.catch(() => {});
  process.bound.then(() => {
    sockets = connectEngine(readConnection(process.connectionFile), engine.id, (channel, frames) => {
      if (channel === 'iopub') heard.resolve();
      receive(engine, channel, frames);
    });
    for (const [channel, frames] of waiting) sockets.send(channel, frames);
    waiting.length = 0;
  });
  return engine;
}
