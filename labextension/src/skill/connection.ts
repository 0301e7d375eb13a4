/** Questions to the kernel about a score, and their answers: one comm for all that the widget asks. */
import type { Channel, WidgetServices } from '../widget.ts';

export interface Asker {
  /** May be called several times: sums come lead by lead. */
  answered(data: Record<string, unknown>, buffers: DataView[]): void;
  failed(message: string): void;
  /** The kernel is gone: there will be no answer. */
  lost(): void;
}

export interface Connection {
  /** Is there a kernel that answers now? */
  readonly live: boolean;
  /** `answers`: how many are expected; the last ends the question. */
  ask(question: { type: string } & Record<string, unknown>, asker: Asker, answers?: number): void;
  dispose(): void;
}

/** `changed` is called when the kernel has come or gone. */
export function connection(services: WidgetServices, changed: () => void): Connection {
  const waiting = new Map<number, { asker: Asker; left: number }>();
  let request = 0;
  let disposed = false;
  let channel: Channel | undefined;
  channel = services.connect('tradewind.skill', {
    opened: () => changed(),
    message(data, buffers) {
      const number = data.request as number;
      const one = waiting.get(number);
      if (!one || disposed) return;
      if (data.type === 'error') {
        waiting.delete(number);
        one.asker.failed(String(data.message));
        return;
      }
      one.left--;
      if (one.left <= 0) waiting.delete(number);
      one.asker.answered(data, buffers);
    },
    lost() {
      const all = [...waiting.values()];
      waiting.clear();
      for (const { asker } of all) asker.lost();
      if (!disposed) changed();
    },
  });
  return {
    get live() {
      return channel?.connected === true;
    },
    ask(question, asker, answers = 1) {
      if (!channel?.connected) return;
      waiting.set(++request, { asker, left: answers });
      channel.send({ ...question, request });
    },
    dispose() {
      disposed = true;
      waiting.clear();
      channel?.dispose();
      channel = undefined;
    },
  };
}
