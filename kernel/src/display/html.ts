/**
 * The few HTML pieces that displays share. Text is escaped unless it is already `Html`, so that forgetting it is safe.
 *
 * Colours are JupyterLab's CSS variables with a fallback that inherits (`currentColor`, transparent), so that the same markup reads
 * well in a light theme, a dark one, on a code-hosting page and in nbconvert, where the variables are not defined.
 */

/** Markup that is safe to insert as it is. Only this file and a display's own SVG make it. */
export interface Html {
  readonly html: string;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };

/** For text and for attribute values in quotes alike; control characters that HTML forbids become U+FFFD. */
export function escapeHtml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '\ufffd')
      .replace(/[&<>"'`]/g, (character) => ENTITIES[character]!)
  );
}

/** Marks markup as safe: the caller has escaped every value in it. */
export function safe(markup: string): Html {
  return { html: markup };
}

export type Content = string | number | Html;

export function render(content: Content): string {
  return typeof content === 'object' ? content.html : escapeHtml(String(content));
}

export type Attributes = Record<string, string | number | undefined>;

/** `element('p', text, …)` or `element('p', {class: …}, text, …)`: tag and attribute names are the display's own, all values are escaped. */
export function element(tag: string, ...rest: [Attributes, ...Content[]] | Content[]): Html {
  const first = rest[0];
  const hasAttributes =
    typeof first === 'object' && !('html' in first && typeof first.html === 'string' && Object.keys(first).length === 1);
  const attributes = hasAttributes ? (first as Attributes) : {};
  const contents = (hasAttributes ? rest.slice(1) : rest) as Content[];
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escapeHtml(String(value))}"`)
    .join('');
  if (tag === 'img') return safe(`<img${written}>`);
  return safe(`<${tag}${written}>${contents.map(render).join('')}</${tag}>`);
}

/** Inline styles: JupyterLab's variables, with fallbacks that follow the page. */
export const STYLE = {
  block:
    'font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:var(--jp-ui-font-size1,13px);color:var(--jp-ui-font-color1,inherit);line-height:1.5',
  muted: 'color:var(--jp-ui-font-color2,inherit);opacity:.85',
  code: 'font-family:var(--jp-code-font-family,ui-monospace,monospace);font-size:var(--jp-code-font-size,12px)',
  border: '1px solid var(--jp-border-color2,rgba(128,128,128,.4))',
  good: 'var(--jp-success-color1,#2e7d32)',
  bad: 'var(--jp-error-color1,#c62828)',
  warn: 'var(--jp-warn-color1,#b26a00)',
  accent: 'var(--jp-brand-color1,#1976d2)',
} as const;

export interface HtmlColumn {
  title: Content;
  align?: 'left' | 'right' | 'center';
}

export interface HtmlTable {
  /** Says what the table is; read first by a screen reader. */
  caption: string;
  columns: readonly HtmlColumn[];
  /** The first cell of each row is its heading. */
  rows: readonly (readonly Content[])[];
}

/** A table with a caption, column and row headings (`scope`), and thin rules. */
export function table({ caption, columns, rows }: HtmlTable): Html {
  const cell = (tag: 'th' | 'td', content: Content, column: number, scope?: 'col' | 'row') =>
    element(
      tag,
      {
        scope,
        style: `text-align:${columns[column]?.align ?? 'left'};vertical-align:top;padding:3px 12px 3px 0;border:0${tag === 'th' ? ';font-weight:600' : ''}`,
      },
      content,
    );
  // What a row can say for its cells is not said by each of them: a table of scores has hundreds.
  const line = `border:0;border-bottom:${STYLE.border};background:none`;
  const whole = element(
    'table',
    {
      style: `${STYLE.block};border-collapse:collapse;border:0;margin:4px 0 8px;table-layout:auto;font-weight:400;font-variant-numeric:tabular-nums`,
    },
    element('caption', { style: `${STYLE.muted};text-align:left;caption-side:top;padding:0 0 4px` }, caption),
    element('thead', element('tr', { style: line }, ...columns.map((column, at) => cell('th', column.title, at, 'col')))),
    element(
      'tbody',
      ...rows.map((row) =>
        element(
          'tr',
          { style: line },
          ...row.map((content, at) => cell(at === 0 ? 'th' : 'td', content, at, at === 0 ? 'row' : undefined)),
        ),
      ),
    ),
  ); // On a narrow screen the table scrolls, not the page.
  return element('div', { style: 'overflow-x:auto' }, whole);
}

export function preformatted(text: string): Html {
  return element(
    'pre',
    { style: `${STYLE.code};white-space:pre-wrap;margin:4px 0;background:none;color:inherit;border:0;padding:0` },
    text,
  );
}

export type Mark = 'good' | 'bad' | 'warn' | 'neutral';
const SIGNS: Record<Mark, string> = { good: '✓', bad: '✗', warn: '!', neutral: '–' };

/** A word with its mark: the sign and the word carry the meaning, the colour only helps. */
export function mark(kind: Mark, word: string): Html {
  const colour = kind === 'neutral' ? 'inherit' : STYLE[kind];
  return element(
    'span',
    { style: `color:${colour};white-space:nowrap` },
    element('span', { 'aria-hidden': 'true' }, `${SIGNS[kind]} `),
    word,
  );
}

/** The same for text. */
export function sign(kind: Mark, word: string): string {
  return `${SIGNS[kind]} ${word}`;
}

/** The small line under a picture or table: where, when and with what it was made. */
export function provenance(text: string): Html {
  return element('div', { style: `${STYLE.muted};font-size:var(--jp-ui-font-size0,11px);margin-top:4px` }, text);
}

/** A display's outermost element. */
export function block(...contents: Content[]): Html {
  return element('div', { style: STYLE.block }, ...contents);
}
