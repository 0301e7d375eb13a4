/** Aligned plain text for terminals: column tables, wrapping, sizes and durations. Widths count as a terminal draws them. */

const MARKS = /[\p{Mn}\p{Me}\p{Cf}]/u;
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** How many columns a terminal gives the text: East Asian wide characters take two, combining marks none. */
export function width(text: string): number {
  let sum = 0;
  for (const character of text) sum += MARKS.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return sum;
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - width(text))) + text;
}

/** What would move a terminal's cursor or colour is shown as its picture (␛, ␇ …); line breaks and tabs become blanks. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
  return text.replace(/[\t\r\n\v\f\u0085\u2028\u2029]+/g, ' ').replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '␡' : '�';
  });
}

/** Breaks at blanks so that no line is wider than `columns`; a word that is wider stays whole, on a line of its own. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line !== '' && width(line) + 1 + width(word) > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

/** A path that is too long loses folders at its front: `…/layers/spectral.py`. */
export function shortened(path: string, columns: number): string {
  let rest = path;
  while (width(rest) + 2 > columns && width(path) > columns && rest.includes('/')) rest = rest.slice(rest.indexOf('/') + 1);
  return rest === path ? path : `…/${rest}`;
}

/** Two columns, the second wrapped beside the first; a first entry that is too wide has its text on the next line. */
export function columns(rows: readonly (readonly [string, string])[], total: number): string {
  const left = Math.min(32, Math.max(0, ...rows.map(([name]) => width(name)).filter((one) => one <= 32))) + 2;
  return rows
    .flatMap(([name, text]) => {
      const lines = wrap(text, Math.max(20, total - left));
      const beside = width(name) + 2 <= left;
      const first = beside ? [padEnd(name, left) + (lines.shift() ?? '')] : [name];
      return [...first, ...lines.map((line) => ' '.repeat(left) + line)];
    })
    .map((line) => line.trimEnd())
    .join('\n');
}

export interface TextColumn {
  title: string;
  align?: 'left' | 'right';
}

/** A table with a rule under its heading; the widest left-aligned column gives way (wrapped) when the whole is wider than `total`. */
export function textTable(heads: readonly TextColumn[], rows: readonly (readonly string[])[], total = 80): string {
  const cells = [heads.map((head) => head.title), ...rows.map((row) => row.map(printable))];
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => width(row[column] ?? ''))));
  const whole = widths.reduce((sum, one) => sum + one, 0) + 2 * (widths.length - 1);
  if (whole > total) {
    const elastic = widths.reduce((best, one, at) => (heads[at]!.align !== 'right' && one > (widths[best] ?? 0) ? at : best), 0);
    widths[elastic] = Math.max(12, widths[elastic]! - (whole - total));
  }
  const draw = (row: readonly string[]): string[] => {
    const wrapped = heads.map((_, column) => wrap(row[column] ?? '', widths[column]!));
    const height = Math.max(...wrapped.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) =>
      heads
        .map((head, column) => (head.align === 'right' ? padStart : padEnd)(wrapped[column]![line] ?? '', widths[column]!))
        .join('  ')
        .trimEnd(),
    );
  };
  const rule = widths.map((one) => '─'.repeat(one)).join('  ');
  return [...draw(cells[0]!), rule, ...cells.slice(1).flatMap(draw)].join('\n');
}

/** `1.5 GB` (powers of 1000, as storage is sold). */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toPrecision(2)} ${units[unit]}`;
}

/** `40 GiB`, `512 MiB`: a card's memory, counted as its tools count it. */
export function memory(mebibytes: number): string {
  return mebibytes < 1000 ? `${Math.round(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1).replace(/\.0$/, '')} GiB`;
}

/** `850 ms`, `4.2 s`, `3:07`, `1:02:45`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}:${two(whole % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}
