/** Makes DOM elements in one expression. Text is always set as text, so that nothing in a record can become markup. */

type Child = Node | string | number | null | undefined | false;

interface Properties {
  class?: string;
  title?: string;
  text?: string;
  /** Attributes as they are written in HTML (`aria-label`, `role`, `type` …); `false` and undefined ones are left out, `true` is empty. */
  attributes?: Record<string, string | number | boolean | undefined>;
  style?: Record<string, string>;
  on?: { [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void };
}

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  if (properties.class) node.className = properties.class;
  if (properties.title) node.title = properties.title;
  if (properties.text !== undefined) node.textContent = properties.text;
  for (const [name, value] of Object.entries(properties.attributes ?? {})) {
    if (value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : String(value));
  }
  for (const [name, value] of Object.entries(properties.style ?? {})) node.style.setProperty(name, value);
  for (const [name, listener] of Object.entries(properties.on ?? {})) node.addEventListener(name, listener as EventListener);
  append(node, children);
  return node;
}

/** Puts `children` in the place of all that `parent` holds. */
export function fill(parent: Element, ...children: Child[]): void {
  parent.replaceChildren();
  append(parent, children);
}

function append(parent: Element, children: Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

/** A sentence in which `names between backticks` are set as code. */
export function prose(text: string): (string | HTMLElement)[] {
  return text.split(/`([^`]+)`/).map((part, at) => (at % 2 === 1 ? element('code', { text: part }) : part));
}
