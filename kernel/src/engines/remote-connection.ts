/**
 * The connection to a remote kernel that outlives its WebSockets: lost ones are opened again with back-off, under the same session, for
 * which the server keeps what was said meanwhile. A kernel that is busy answers on its control channel; one that is gone, the server names.
 */
import { TradewindError } from '../records/errors.ts';
import { packWebSocket, unpackWebSocket } from '../wire/websocket-frames.ts';
import type { JupyterServer } from './jupyter-server.ts';
import { createOutage } from './outage.ts';
import { Unreachable } from './rest.ts';

export interface RemoteEvents {
  receive(channel: string, parts: Buffer[]): void;
  /** The connection is lost: the reason, and the seconds until the next try. */
  lost(reason: string, seconds: number): void;
  /** It is there again, after so many seconds; what waited is sent afterwards. */
  back(seconds: number): void;
  /** The kernel is gone for good. */
  gone(reason: string): void;
  /** A message that the kernel answers even when busy: sent when nothing has been heard for long. */
  probe(): Buffer[];
}

export interface RemoteConnection {
  /** Waits for the connection when there is none. */
  send(channel: string, parts: readonly Buffer[]): void;
  readonly connected: boolean;
  close(): void;
}

const GONE = 'the server has no such kernel any more: it was shut down there, or culled';
const OPEN_PATIENCE = 60_000;
/** After so long without a word a question is asked; after as long again without an answer the connection counts as lost. */
const SILENCE = 20_000;

export function connectRemote(server: JupyterServer, kernel: string, session: string, events: RemoteEvents): RemoteConnection {
  let socket: WebSocket | undefined;
  let connected = false;
  let closed = false;
  const outage = createOutage();
  let heardAt = Date.now();
  let asked = false;
  /** Gives the open WebSocket up. */
  let expire = () => {};
  const waiting: Buffer<ArrayBuffer>[] = [];

  function open(): void {
    if (closed) return;
    let mine: WebSocket;
    try {
      mine = server.open(kernel, session);
    } catch (error) {
      lose(error as Error);
      return;
    }
    socket = mine;
    const overdue = setTimeout(() => end('it does not open'), OPEN_PATIENCE);
    let ended = false;
    const end = (reason: string) => {
      if (ended) return;
      ended = true;
      clearTimeout(overdue);
      mine.close();
      if (socket === mine) lose(new Unreachable(reason));
    };
    mine.onopen = () => {
      clearTimeout(overdue);
      connected = true;
      heardAt = Date.now();
      asked = false;
      const seconds = outage.over();
      if (seconds !== undefined) events.back(seconds);
      for (const message of waiting.splice(0)) mine.send(message);
    };
    mine.onmessage = ({ data }) => {
      heardAt = Date.now();
      asked = false;
      if (!(data instanceof ArrayBuffer)) return;
      try {
        const { channel, parts } = unpackWebSocket(Buffer.from(data));
        events.receive(channel, parts);
      } catch (error) {
        console.error(`tradewind: a message of a remote engine was dropped: ${(error as Error).message}`);
      }
    };
    mine.onclose = ({ code }) => end(`the connection was closed (${code})`);
    mine.onerror = () => end('the connection was lost');
    expire = () => end('nothing was heard for too long');
  }

  async function lose(error: Error): Promise<void> {
    connected = false;
    socket = undefined;
    if (closed) return;
    outage.begin();
    let reason = error.message;
    try {
      if (!(await server.find(kernel))) {
        end(GONE);
        return;
      }
    } catch (fault) {
      // The server's own no is final; a server that can't be reached may come back.
      if (!(fault instanceof Unreachable)) {
        end(fault instanceof TradewindError ? fault.data.message : String(fault));
        return;
      }
      reason = fault.message;
    }
    if (closed) return;
    events.lost(reason, outage.retry(open));
  }

  function end(reason: string): void {
    if (closed) return;
    close();
    events.gone(reason);
  }

  function close(): void {
    closed = true;
    connected = false;
    outage.stop();
    clearInterval(watch);
    socket?.close();
  }

  const watch = setInterval(() => {
    if (!connected || Date.now() - heardAt < SILENCE / 4) return;
    // A server that ends a kernel may leave its WebSocket open.
    server.find(kernel).then(
      (model) => model ?? end(GONE),
      () => {},
    );
    if (Date.now() - heardAt < SILENCE) return;
    if (asked) {
      expire();
      return;
    }
    asked = true;
    heardAt = Date.now();
    socket?.send(packWebSocket('control', events.probe()));
  }, SILENCE / 4);
  watch.unref();
  open();
  return {
    get connected() {
      return connected;
    },
    send(channel, parts) {
      const message = packWebSocket(channel, parts);
      if (connected && socket) socket.send(message);
      else waiting.push(message);
    },
    close,
  };
}
