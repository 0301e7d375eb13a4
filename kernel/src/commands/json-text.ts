/** A record's JSON in pieces: a report of a large source has a hundred thousand uses, whose whole text would take more memory than the migration. */

const BLOCK = 1_000_000;

/** The same text as `JSON.stringify(record, null, 1)`, in pieces of about a megabyte: a list's items one after the other. */
export function* jsonText(record: object): Generator<string> {
  let text = '{';
  let first = true;
  for (const [key, value] of Object.entries(record)) {
    if (value === undefined || typeof value === 'function') continue;
    text += `${first ? '' : ','}\n ${JSON.stringify(key)}: `;
    first = false;
    if (!Array.isArray(value) || value.length === 0) {
      text += indented(JSON.stringify(value, null, 1), ' ');
      continue;
    }
    text += '[';
    for (const [at, item] of value.entries()) {
      text += `${at ? ',' : ''}\n  ${indented(JSON.stringify(item, null, 1) ?? 'null', '  ')}`;
      if (text.length > BLOCK) {
        yield text;
        text = '';
      }
    }
    text += '\n ]';
  }
  yield `${text}${first ? '' : '\n'}}`;
}

/** Lines after the first begin further in. A text in JSON has no line breaks of its own. */
const indented = (text: string, by: string): string => text.replaceAll('\n', `\n${by}`);
