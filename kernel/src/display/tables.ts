/** Tables that a terminal and a page show alike, as the paper's are: a caption, heads, rows. */
import { type Content, type Html, table } from './html.ts';
import { textTable, wrap } from './text.ts';

export interface CaptionedTable<Cell extends Content = string> {
  caption: string;
  heads: { title: string; align?: 'right' }[];
  rows: Cell[][];
}

export const left = (...titles: string[]) => titles.map((title) => ({ title }));
export const right = (...titles: string[]) => titles.map((title) => ({ title, align: 'right' as const }));

export function tableText({ caption, heads, rows }: CaptionedTable): string {
  return `${wrap(caption, 80).join('\n')}\n${textTable(heads, rows)}`;
}

export function tableHtml({ caption, heads, rows }: CaptionedTable<Content>): Html {
  return table({ caption, columns: heads, rows });
}
