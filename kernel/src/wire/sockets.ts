/** The sockets of a kernel (bound) and of an engine's client (connected), as plain send and receive functions. Output is never dropped. */
import { type ChannelName, type ConnectionInfo, endpoint } from './connection.ts';
import { connectZmtp } from './zmtp-client.ts';
import { type Address, bindEcho, bindPublisher, bindRouter } from './zmtp-server.ts';

export type Frames = Buffer[];

export interface KernelSockets {
  send(channel: 'shell' | 'control' | 'stdin' | 'iopub', frames: readonly Buffer[]): void;
  /** Resolves when what was sent is out. */
  close(): Promise<void>;
}

export interface KernelReceivers {
  shell(frames: Frames): void;
  control(frames: Frames): void;
  stdin(frames: Frames): void;
  /** A client subscribed to the topic on iopub. */
  subscribed(topic: Buffer): void;
}

/** Binds the five sockets of a kernel and starts to receive. */
export async function bindKernel(info: ConnectionInfo, receivers: KernelReceivers): Promise<KernelSockets> {
  if (info.curve_secretkey && info.curve_publickey) return (await import('./libzmq.ts')).bindEncrypted(info, receivers);
  const address = (channel: ChannelName): Address =>
    info.transport === 'tcp'
      ? { host: info.ip.replace('*', '0.0.0.0'), port: info[`${channel}_port`] }
      : { path: endpoint(info, channel).replace('ipc://', '') };
  const [shell, control, stdin, iopub, heartbeat] = await Promise.all([
    bindRouter(address('shell'), receivers.shell),
    bindRouter(address('control'), receivers.control),
    bindRouter(address('stdin'), receivers.stdin),
    bindPublisher(address('iopub'), receivers.subscribed),
    bindEcho(address('hb')),
  ]);
  const sockets = { shell, control, stdin, iopub };
  return {
    send: (channel, frames) => sockets[channel].send(frames),
    async close() {
      await Promise.all([shell, control, stdin, iopub, heartbeat].map((socket) => socket.close()));
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
