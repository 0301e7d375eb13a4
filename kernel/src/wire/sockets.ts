/**
 * The sockets of a kernel (bound, libzmq) and of an engine's client (connected, `zmtp.ts`), as plain send and receive functions.
 *
 * No high-water marks: output is never dropped. `sendTimeout` 0 makes every send happen at once, so that sends need no queue.
 */
import { Reply, Router, type Socket, XPublisher } from 'zeromq';
import { type ChannelName, type ConnectionInfo, endpoint } from './connection.ts';
import { connectZmtp } from './zmtp.ts';

export type Frames = Buffer[];

export interface KernelSockets {
  send(channel: 'shell' | 'control' | 'stdin' | 'iopub', frames: readonly Buffer[]): void;
  close(): void;
}

export interface KernelReceivers {
  shell(frames: Frames): void;
  control(frames: Frames): void;
  stdin(frames: Frames): void;
  /** A client subscribed to the topic on iopub. */
  subscribed(topic: Buffer): void;
}

const SEND = { sendHighWaterMark: 0, sendTimeout: 0, linger: 1000 };
const RECEIVE = { receiveHighWaterMark: 0 };

/** Binds the five sockets of a kernel and starts to receive. */
export async function bindKernel(info: ConnectionInfo, receivers: KernelReceivers): Promise<KernelSockets> {
  const curve =
    info.curve_secretkey && info.curve_publickey
      ? { curveServer: true, curvePublicKey: info.curve_publickey, curveSecretKey: info.curve_secretkey }
      : {};
  const router = () => new Router({ ...SEND, ...RECEIVE, ...curve, handover: true });
  const sockets = {
    shell: router(),
    control: router(),
    stdin: router(),
    iopub: new XPublisher({ ...SEND, ...curve, verbosity: 'allSubs' }),
  };
  const heartbeat = new Reply({ linger: 0, ...curve });
  await Promise.all([
    ...(['shell', 'control', 'stdin', 'iopub'] as const).map((channel) => sockets[channel].bind(endpoint(info, channel))),
    heartbeat.bind(endpoint(info, 'hb')),
  ]);
  listen(sockets.shell, receivers.shell);
  listen(sockets.control, receivers.control);
  listen(sockets.stdin, receivers.stdin);
  listen(sockets.iopub, ([event]) => {
    if (event?.[0] === 1) receivers.subscribed(event.subarray(1));
  });
  listen(heartbeat, (frames) => post(heartbeat, frames));
  return {
    send: (channel, frames) => post(sockets[channel], frames),
    close() {
      for (const socket of [...Object.values(sockets), heartbeat]) socket.close();
    },
  };
}

export interface EngineSockets {
  send(channel: 'shell' | 'control' | 'stdin', frames: readonly Buffer[]): void;
  close(): void;
}

/** Connects to an engine's sockets. `identity` is the same on shell, control and stdin, so that the engine's input requests find us. */
export function connectEngine(
  info: ConnectionInfo,
  identity: string,
  receive: (channel: Exclude<ChannelName, 'hb'>, frames: Frames) => void,
): EngineSockets {
  const open = (channel: 'shell' | 'control' | 'stdin' | 'iopub') =>
    connectZmtp(
      endpoint(info, channel).replace('ipc://', ''),
      channel === 'iopub' ? 'SUB' : 'DEALER',
      channel === 'iopub' ? '' : identity,
      (frames) => receive(channel, frames),
      (error) => console.error(`tradewind: the ${channel} channel of an engine: ${error.message}`),
    );
  const sockets = { shell: open('shell'), control: open('control'), stdin: open('stdin'), iopub: open('iopub') };
  return {
    send: (channel, frames) => sockets[channel].send(frames),
    close() {
      for (const socket of Object.values(sockets)) socket.close();
    },
  };
}

interface Receiving extends Socket {
  receive(): Promise<Buffer[]>;
}

/** Hands every message to `receive` until the socket is closed. */
async function listen(socket: Receiving, receive: (frames: Frames) => void): Promise<void> {
  while (!socket.closed) {
    let frames: Frames;
    try {
      frames = await socket.receive();
    } catch (error) {
      if (socket.closed) return;
      throw error;
    }
    receive(frames);
  }
}

function post(socket: { send(frames: Buffer[]): Promise<void>; closed: boolean }, frames: readonly Buffer[]): void {
  if (socket.closed) return;
  socket.send(frames as Buffer[]).catch((error: Error) => {
    if (!socket.closed) console.error(`tradewind: a message of ${frames.length} frames was not sent: ${error.message}`);
  });
}
