/** What the kernel itself says to its clients: replies, output and status, signed with its key. */
import { createHeader, type Header, type Json, type Message } from '../wire/message.ts';
import { type Signer, seal } from '../wire/signature.ts';

export type ClientChannel = 'shell' | 'control' | 'stdin' | 'iopub';

/** Where frames go to: the kernel's sockets, or a test's list. */
export type SendToClients = (channel: ClientChannel, frames: readonly Buffer[]) => void;

export interface Extra {
  metadata?: Json;
  buffers?: readonly Buffer[];
  topic?: string;
}

export interface Voice {
  /** The session id of the kernel's own messages. */
  readonly session: string;
  /** Output on iopub; `parent` is the header of the request that caused it. */
  publish(type: string, content: object, parent: Partial<Header>, extra?: Extra): void;
  /** `busy`, `idle` or `starting`. */
  status(state: string, parent: Partial<Header>): void;
  /** The reply to a request: `execute_request` → `execute_reply`. */
  reply(channel: 'shell' | 'control', request: Message, content: object, metadata?: Json): void;
  /** The greeting of a new subscriber (JEP 65). */
  welcome(topic: Buffer): void;
}

export function createVoice(signer: Signer, session: string, send: SendToClients): Voice {
  const publish: Voice['publish'] = (type, content, parentHeader, { metadata = {}, buffers, topic } = {}) =>
    send(
      'iopub',
      seal(signer, {
        identities: [Buffer.from(topic ?? `kernel.${session}.${type}`)],
        header: createHeader(type, session),
        parentHeader,
        metadata,
        content: content as Json,
        buffers,
      }),
    );
  return {
    session,
    publish,
    status: (execution_state, parent) => publish('status', { execution_state }, parent),
    reply(channel, request, content, metadata = {}) {
      const type = request.header.msg_type.replace(/_request$/, '_reply');
      send(
        channel,
        seal(signer, {
          identities: request.identities,
          header: createHeader(type, session),
          parentHeader: request.header,
          metadata,
          content: content as Json,
        }),
      );
    },
    welcome(topic) {
      const frames = seal(signer, {
        identities: topic.length > 0 ? [topic] : [],
        header: createHeader('iopub_welcome', session),
        parentHeader: {},
        metadata: {},
        content: { subscription: topic.toString('utf8') },
      });
      send('iopub', frames);
    },
  };
}
