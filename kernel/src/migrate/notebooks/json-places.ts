/** Where each value of a JSON text stands in it, so that a few of them can be replaced and every other byte kept. */

export interface Placed {
  start: number;
  end: number;
  /** Of an object: its members; of an array: its items. */
  members?: Map<string, Placed>;
  items?: Placed[];
}

const BLANK = /[ \t\r\n]/;

/** The text must be valid JSON (JSON.parse has taken it). */
export function placesIn(text: string): Placed {
  let at = 0;
  const skip = () => {
    while (BLANK.test(text[at] ?? '')) at++;
  };
  const stringEnd = () => {
    for (at++; text[at] !== '"'; at++) if (text[at] === '\\') at++;
    at++;
  };
  function value(): Placed {
    skip();
    const start = at;
    const first = text[at];
    if (first === '{') {
      const members = new Map<string, Placed>();
      for (at++, skip(); text[at] !== '}'; skip()) {
        if (text[at] === ',') {
          at++;
          skip();
        }
        const from = at;
        stringEnd();
        const key = JSON.parse(text.slice(from, at)) as string;
        skip();
        at++; // the colon
        members.set(key, value());
      }
      at++;
      return { start, end: at, members };
    }
    if (first === '[') {
      const items: Placed[] = [];
      for (at++, skip(); text[at] !== ']'; skip()) {
        if (text[at] === ',') at++;
        items.push(value());
      }
      at++;
      return { start, end: at, items };
    }
    if (first === '"') stringEnd();
    else while (at < text.length && !/[\s,\]}]/.test(text[at]!)) at++;
    return { start, end: at };
  }
  return value();
}
