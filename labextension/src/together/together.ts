/** One cell on several engines: their outputs side by side, each under the name of its engine; under each other where it is narrow. */
import type { CollectedOutput, Column, ColumnState, TogetherRecord } from '../../../kernel/src/records/together.ts';
import { element, fill } from '../element.ts';
import { duration } from '../format.ts';
import type { DrawnOutput } from '../outputs.ts';
import type { DrawnWidget, WidgetServices } from '../widget.ts';

const SIGNS: Record<ColumnState, string> = { waiting: '○', running: '◉', done: '✓', failed: '✕' };
const CLASSES: Record<ColumnState, string> = {
  waiting: 'tw-muted',
  running: 'tw-muted',
  done: 'tw-good',
  failed: 'tw-bad',
};

export function drawTogether(host: HTMLElement, first: TogetherRecord, services: WidgetServices): DrawnWidget<TogetherRecord> {
  const frame = element('div', { class: 'tw-together-columns' });
  const columns = new Map<string, DrawnColumn>();
  fill(host, frame);

  const show = (record: TogetherRecord) => {
    for (const column of record.columns) {
      let drawn = columns.get(column.engine);
      if (!drawn) {
        drawn = drawColumn(column.engine, services);
        columns.set(column.engine, drawn);
        frame.append(drawn.node);
      }
      drawn.update(column);
    }
  };
  show(first);
  return {
    update: show,
    dispose() {
      for (const column of columns.values()) column.dispose();
      columns.clear();
    },
  };
}

interface DrawnColumn {
  node: HTMLElement;
  update(column: Column): void;
  dispose(): void;
}

interface Slot {
  /** What it shows, to tell whether that has changed. */
  mark: string;
  frame: HTMLElement;
  drawn?: DrawnOutput;
}

function drawColumn(engine: string, services: WidgetServices): DrawnColumn {
  const head = element('header', { class: 'tw-together-head' });
  const body = element('div', {
    class: 'tw-together-body',
    attributes: { tabindex: 0, role: 'group', 'aria-label': `Output of ${engine}` },
  });
  const node = element('section', { class: 'tw-together-column', attributes: { 'aria-label': engine, 'data-engine': engine } }, head, body);
  const slots: Slot[] = [];

  const forget = (slot: Slot | undefined) => {
    slot?.drawn?.dispose();
    slot?.frame.remove();
  };
  /** Draws the output in a slot; the old picture stays until the new one is there, so that nothing jumps. */
  const draw = (output: CollectedOutput, slot: Slot) => {
    const old = slot.drawn;
    const { data, metadata } = bundleOf(output);
    slot.frame.className = `tw-together-output${output.type === 'stream' && output.name === 'stderr' ? ' tw-together-stderr' : ''}`;
    slot.drawn = services.drawOutput(data, metadata, slot.frame);
    old?.dispose();
    if (!slot.drawn) fill(slot.frame, element('pre', { text: plainText(output) }));
  };

  return {
    node,
    update(column) {
      const { state, seconds, title, outputs } = column;
      node.dataset.state = state;
      fill(
        head,
        element('strong', { text: engine }),
        element('span', { class: 'tw-muted', text: title }),
        element(
          'span',
          { class: `tw-together-state ${CLASSES[state] ?? ''}` },
          element('span', { attributes: { 'aria-hidden': 'true' }, text: `${SIGNS[state] ?? ''} ` }),
          state === 'done' || state === 'failed' ? `${state} in ${duration(seconds)}` : state,
        ),
      );
      for (const [at, output] of outputs.entries()) {
        const mark = JSON.stringify(output);
        if (slots[at]?.mark === mark) continue;
        const slot = slots[at] ?? { mark, frame: element('div') };
        slot.mark = mark;
        if (slots[at] === undefined) {
          slots.push(slot);
          body.append(slot.frame);
        }
        draw(output, slot);
      }
      for (const slot of slots.splice(outputs.length)) forget(slot);
    },
    dispose() {
      for (const slot of slots.splice(0)) forget(slot);
    },
  };
}

/** The output as JupyterLab's renderers take it. */
function bundleOf(output: CollectedOutput): { data: Record<string, unknown>; metadata: Record<string, unknown> } {
  if (output.type === 'display') return output;
  if (output.type === 'stream') return { data: { [`application/vnd.jupyter.${output.name}`]: output.text }, metadata: {} };
  return { data: { 'application/vnd.jupyter.stderr': tracebackOf(output) }, metadata: {} };
}

function tracebackOf({ ename, evalue, traceback }: CollectedOutput & { type: 'error' }): string {
  return traceback.join('\n') || `${ename}: ${evalue}`;
}

/** Where no renderer of JupyterLab's may draw it. */
function plainText(output: CollectedOutput): string {
  if (output.type === 'stream') return output.text;
  if (output.type === 'error') return tracebackOf(output);
  const text = output.data['text/plain'];
  return typeof text === 'string' ? text : `(${Object.keys(output.data).join(', ')})`;
}
