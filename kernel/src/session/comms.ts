/** Comms: which engine (or the kernel itself) each one belongs to, so that widgets of several engines live side by side. */
import type { CommChannel, CommContext, CommHandler, CommTarget } from '../commands/comm.ts';
import type { Engine } from '../engines/engine.ts';
import { describe } from '../records/errors.ts';
import { type Envelope, type Header, type Message, parse } from '../wire/message.ts';
import type { Voice } from './voice.ts';

interface OpenComm {
  target: string;
  /** Absent for a comm that the kernel answers itself. */
  engine?: Engine;
  handler?: CommHandler;
}

export interface Comms {
  /** The engine that a client's comm message is for; undefined when the kernel has to answer it. */
  ownerOf(message: Message, active: Engine | undefined): Engine | undefined | 'kernel';
  /** A client's comm message for the kernel. */
  answer(message: Message): Promise<void>;
  /** An engine's comm message on its way out. */
  heard(engine: Engine, id: string, envelope: Envelope): void;
  /** `comm_info_reply`'s comms, of one target or all. */
  list(target: string | undefined): Record<string, { target_name: string }>;
  /** The engine has ended, and its comms with it: clients are told. */
  engineEnded(engine: Engine): void;
  /** Every comm of the kernel's own is closed. */
  close(): void;
}

/** `targets` are the comm targets that the kernel answers, by name; they are loaded when first opened. */
export function createComms(voice: Voice, context: CommContext, target: (name: string) => Promise<CommTarget | undefined>): Comms {
  const comms = new Map<string, OpenComm>();
  /** Messages to a comm of ours wait until its handler is there. */
  let order: Promise<void> = Promise.resolve();

  function channel(id: string, parent: Partial<Header>): CommChannel {
    const send = (type: string, content: object, buffers: ArrayBufferView[] = []) =>
      voice.publish(type, content, parent, {
        topic: `comm-${id}`,
        buffers: buffers.map((view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength)),
      });
    return {
      id,
      send(data, buffers) {
        if (comms.has(id)) send('comm_msg', { comm_id: id, data }, buffers);
      },
      close() {
        if (comms.delete(id)) send('comm_close', { comm_id: id, data: {} });
      },
    };
  }

  async function handle({ header, content, buffers }: Message): Promise<void> {
    const id = String(content.comm_id);
    const data = (content.data ?? {}) as Record<string, unknown>;
    if (header.msg_type === 'comm_open') {
      const name = String(content.target_name);
      const line = channel(id, header);
      const found = await target(name);
      if (!found) {
        line.send({ type: 'error', message: `there is no comm target ${name}` });
        line.close();
        return;
      }
      comms.set(id, { target: name, handler: found.open(line, data, context) });
      return;
    }
    const handler = comms.get(id)?.handler;
    if (header.msg_type === 'comm_close') {
      comms.delete(id);
      handler?.closed();
    } else {
      await handler?.message(data, buffers);
    }
  }

  return {
    ownerOf({ header, content }, active) {
      const id = String(content.comm_id);
      if (header.msg_type === 'comm_open') {
        const name = String(content.target_name);
        if (name.startsWith('tradewind.')) {
          // At once: the next message may follow before the target is loaded.
          comms.set(id, { target: name });
          return 'kernel';
        }
        if (active) comms.set(id, { target: name, engine: active });
        return active;
      }
      const known = comms.get(id);
      if (!known) return active;
      if (header.msg_type === 'comm_close' && known.engine) comms.delete(id);
      return known.engine ?? 'kernel';
    },
    answer(message) {
      const done = order
        .then(() => handle(message))
        .catch((error) => console.error(`tradewind: ${message.header.msg_type}: ${describe(error)}`));
      order = done;
      return done;
    },
    heard(engine, id, envelope) {
      if (envelope.header.includes('"comm_open"')) {
        comms.set(id, { target: String(parse(envelope).content.target_name), engine });
      } else if (envelope.header.includes('"comm_close"')) {
        comms.delete(id);
      }
    },
    list(name) {
      const found = [...comms].filter(([, comm]) => name === undefined || comm.target === name);
      return Object.fromEntries(found.map(([id, comm]) => [id, { target_name: comm.target }]));
    },
    engineEnded(engine) {
      for (const [id, comm] of comms) {
        if (comm.engine !== engine) continue;
        comms.delete(id);
        voice.publish('comm_close', { comm_id: id, data: {} }, {}, { topic: `comm-${id}` });
      }
    },
    close() {
      for (const [id, comm] of comms) {
        comms.delete(id);
        comm.handler?.closed();
      }
    },
  };
}
