/** A kernel's sockets by libzmq: for connections that are encrypted (CurveZMQ), which `zmtp-server.ts` does not speak. Loaded only then. */
import { Reply, Router, type Socket, XPublisher } from 'zeromq';
import { type ConnectionInfo, endpoint } from './connection.ts';
import type { Frames, KernelReceivers, KernelSockets } from './sockets.ts';

/** No high-water marks: output is never dropped. `sendTimeout` 0 makes every send happen at once, so that sends need no queue. */
const SEND = { sendHighWaterMark: 0, sendTimeout: 0, linger: 1000 };
const RECEIVE = { receiveHighWaterMark: 0 };

/** Binds the five sockets of a kernel, encrypted with the connection's keys. */
export async function bindEncrypted(info: ConnectionInfo, receivers: KernelReceivers): Promise<KernelSockets> {
  const curve = { curveServer: true, curvePublicKey: info.curve_publickey!, curveSecretKey: info.curve_secretkey! };
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
    async close() {
      for (const socket of [...Object.values(sockets), heartbeat]) socket.close();
      // libzmq's own thread sends what is left; it tells nobody when it has.
      await new Promise((resolve) => setTimeout(resolve, 50));
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
