/** One cell on several engines: a column an engine in the page (they stand under each other where it is narrow), one after another in text. */
import { stripVTControlCharacters } from 'node:util';
import type { CollectedOutput, Column, ColumnState, TogetherRecord } from '../records/together.ts';
import type { Display } from './display.ts';
import { block, type Content, element, type Mark, mark, preformatted, provenance, STYLE, sign } from './html.ts';
import { provenanceOf } from './provenance.ts';
import { duration } from './text.ts';

const MARKS: Record<ColumnState, Mark> = { waiting: 'neutral', running: 'warn', done: 'good', failed: 'bad' };
const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/svg+xml'];
/** Base64 alone: what else stands there is no picture. */
const BASE64 = /^[A-Za-z0-9+/=\s]+$/;

const stateOf = ({ state, seconds }: Column) => (seconds > 0 ? `${state}, ${duration(seconds)}` : state);

function textOf(output: CollectedOutput): string {
  if ('text' in output) return output.text.replace(/\n$/, '');
  if ('traceback' in output) return output.traceback.join('\n') || `${output.ename}: ${output.evalue}`;
  const text = output.data['text/plain'];
  const body = typeof text === 'string' ? text : `(${Object.keys(output.data).join(', ')})`;
  return output.count === undefined ? body : `[${output.count}]: ${body}`;
}

/** A picture where there is one, else the text: markup and scripts of an output belong to JupyterLab's own renderers, not to a static page. */
function pageOf(output: CollectedOutput): Content {
  if ('data' in output) {
    for (const type of PICTURES) {
      const data = output.data[type];
      if (typeof data !== 'string') continue;
      // As a picture's address an SVG runs no script.
      const base64 = type === 'image/svg+xml' ? Buffer.from(data).toString('base64') : data;
      if (!BASE64.test(base64)) continue;
      const alt = stripVTControlCharacters(textOf(output));
      return element('img', { src: `data:${type};base64,${base64.replace(/\s/g, '')}`, alt, style: 'max-width:100%;height:auto' });
    }
  }
  return preformatted(stripVTControlCharacters(textOf(output)));
}

export function display(record: TogetherRecord): Display {
  return {
    get text() {
      return record.columns
        .map((column) =>
          [
            `── ${column.engine} ── ${sign(MARKS[column.state], stateOf(column))}`,
            ...column.outputs.map((output) => stripVTControlCharacters(textOf(output))),
          ].join('\n'),
        )
        .join('\n\n');
    },
    get html() {
      const columns = record.columns.map((column) =>
        element(
          'section',
          {
            'aria-label': `Output of ${column.engine}`,
            style: `min-width:0;border:${STYLE.border};border-radius:4px;padding:6px 10px;overflow-x:auto`,
          },
          element(
            'div',
            { style: 'display:flex;flex-wrap:wrap;gap:2px 12px;margin-bottom:4px' },
            element('strong', column.engine),
            mark(MARKS[column.state], stateOf(column)),
          ),
          ...column.outputs.map(pageOf),
        ),
      );
      return block(
        element('div', { style: 'display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:8px' }, ...columns),
        provenance(provenanceOf(record)),
      ).html;
    },
  };
}
