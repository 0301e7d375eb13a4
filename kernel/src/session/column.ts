/** Collects what one engine puts out for a cell, as a notebook's output area would hold it. */
import type { CollectedOutput } from '../records/together.ts';
import type { Json, Message } from '../wire/message.ts';

export interface Collector {
  readonly outputs: CollectedOutput[];
  /** Roughly how many characters it holds. */
  readonly size: number;
  /** Takes a message of output; false for what is none, and for the update of a display that is not here. */
  hear(message: Message): boolean;
}

/** `changed` is called after each message that was taken. */
export function createCollector(changed: () => void): Collector {
  let outputs: CollectedOutput[] = [];
  /** The displays of an id. */
  const displays = new Map<string, (CollectedOutput & { type: 'display' })[]>();
  let clearBeforeNext = false;
  let size = 0;

  function clear(): void {
    outputs = [];
    displays.clear();
    size = 0;
    clearBeforeNext = false;
  }

  function add(output: CollectedOutput): void {
    if (clearBeforeNext) clear();
    outputs.push(output);
    size += JSON.stringify(output).length;
  }

  function show(content: Json, count?: number): void {
    const output = {
      type: 'display' as const,
      data: content.data as Record<string, unknown>,
      metadata: (content.metadata ?? {}) as Record<string, unknown>,
      count,
    };
    add(output);
    const id = (content.transient as Json | undefined)?.display_id;
    if (typeof id === 'string') displays.set(id, [...(displays.get(id) ?? []), output]);
  }

  const handlers: Record<string, (content: Json) => boolean> = {
    stream(content) {
      if (clearBeforeNext) clear();
      const [name, text] = [String(content.name), String(content.text)];
      const last = outputs.at(-1);
      size += text.length;
      if (last?.type === 'stream' && last.name === name) last.text = written(last.text, text);
      else outputs.push({ type: 'stream', name, text: written('', text) });
      return true;
    },
    display_data(content) {
      show(content);
      return true;
    },
    execute_result(content) {
      show(content, Number(content.execution_count));
      return true;
    },
    error({ ename, evalue, traceback }) {
      add({ type: 'error', ename: String(ename), evalue: String(evalue), traceback: (traceback as string[] | undefined) ?? [] });
      return true;
    },
    clear_output({ wait }) {
      if (wait) clearBeforeNext = true;
      else clear();
      return true;
    },
    update_display_data(content) {
      const shown = displays.get(String((content.transient as Json | undefined)?.display_id));
      for (const output of shown ?? []) {
        output.data = content.data as Record<string, unknown>;
        output.metadata = (content.metadata ?? {}) as Record<string, unknown>;
      }
      return shown !== undefined;
    },
  };

  return {
    get outputs() {
      return outputs;
    },
    get size() {
      return size;
    },
    hear({ header, content }) {
      const handle = Object.hasOwn(handlers, header.msg_type) ? handlers[header.msg_type] : undefined;
      if (!handle?.(content)) return false;
      changed();
      return true;
    },
  };
}

/** What stands after `more` is written behind `text`, where a carriage return goes back to the line's beginning and a backspace one character. */
export function written(text: string, more: string): string {
  if (!/[\r\b]/.test(more) && !text.endsWith('\r')) return text + more;
  const begin = text.lastIndexOf('\n') + 1;
  const lines = (text.slice(begin) + more).replace(/\r+\n/g, '\n').split('\n');
  const last = lines.length - 1;
  return text.slice(0, begin) + lines.map((line, at) => overwritten(line, at === last)).join('\n');
}

function overwritten(line: string, open: boolean): string {
  // A return at the very end waits for what comes: a progress bar is not to vanish between two of its pictures.
  const waits = open && line.endsWith('\r') ? '\r' : '';
  const whole = line
    .split('\r')
    .filter((part, at) => at === 0 || part !== '')
    .reduce((below, above) => above + below.slice(above.length));
  let plain = whole;
  while (/[^\b][\b]/.test(plain)) plain = plain.replace(/[^\b][\b]/g, '');
  return plain + waits;
}
