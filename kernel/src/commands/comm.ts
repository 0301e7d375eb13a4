/** Comms between the extension's widgets and the kernel itself (not an engine): targets `tradewind.chips`, `tradewind.loss`, `tradewind.monitor`, `tradewind.skill`. */
import type { SessionAccess } from './command.ts';

/** One open comm, seen from the kernel. */
export interface CommChannel {
  readonly id: string;
  send(data: object, buffers?: ArrayBufferView[]): void;
  close(): void;
}

export interface CommContext {
  cwd: string;
  environment: NodeJS.ProcessEnv;
  session: SessionAccess;
  /** Calls back whenever the active engine, or the state of one, has changed; what it returns ends that. */
  onChange(observer: () => void): () => void;
}

/** What answers the messages of an open comm. */
export interface CommHandler {
  message(data: Record<string, unknown>, buffers: Uint8Array[]): void | Promise<void>;
  /** The other side closed it, or the kernel stops. */
  closed(): void;
}

/** A comm target: the extension opens a comm of this name, `open` gives what answers it. */
export interface CommTarget {
  name: `tradewind.${string}`;
  open(channel: CommChannel, data: Record<string, unknown>, context: CommContext): CommHandler;
}
