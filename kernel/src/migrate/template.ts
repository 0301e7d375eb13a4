/** Calls rewritten by a row's template: arguments bound to PyTorch's signature, put where the template names them. */
import type { Row, SignatureParameter } from './table.ts';

export interface Given {
  name?: string;
  text: string;
  star?: '*' | '**';
}

/** Argument texts by parameter; undefined when the call cannot be bound before it runs (`*args`, a name that PyTorch does not know). */
export function bindArguments(signature: readonly SignatureParameter[], given: readonly Given[]): Map<string, string> | undefined {
  const bound = new Map<string, string>();
  const positional = signature.filter((one) => !one.keywordOnly && one.star !== '**');
  let at = 0;
  for (const one of given) {
    if (one.star) return undefined;
    if (one.name !== undefined) {
      if (!signature.some((parameter) => parameter.name === one.name) || bound.has(one.name)) return undefined;
      bound.set(one.name, one.text);
      continue;
    }
    const parameter = positional[at];
    if (!parameter) return undefined;
    if (parameter.star === '*')
      bound.set(parameter.name, bound.has(parameter.name) ? `${bound.get(parameter.name)}, ${one.text}` : one.text);
    else {
      bound.set(parameter.name, one.text);
      at++;
    }
  }
  return bound;
}

const ATOM = /^(?:[\w.]+|[\w.]*\([^()]*\)|[\w.]*\[[^[\]]*\]|"[^"]*"|'[^']*')$/;

/** Fills a template. `name={argument}` disappears when the argument was not given; a bare `{argument}` takes PyTorch's default. */
export function fillTemplate(
  template: string,
  signature: readonly SignatureParameter[],
  bound: ReadonlyMap<string, string>,
): string | undefined {
  let missing = false;
  const withoutAbsent = template.replace(/(,\s*)?\b\w+=\{(\w+)\}/g, (whole, _comma, name: string) => (bound.has(name) ? whole : ''));
  const filled = withoutAbsent.replace(/\{(\w+)\}/g, (_whole, name: string, at: number) => {
    const text = bound.get(name) ?? signature.find((one) => one.name === name)?.value;
    if (text === undefined) missing = true;
    // In an argument's place any expression may stand; beside an operator or a dot it needs brackets.
    const before = withoutAbsent.slice(0, at).trimEnd().at(-1) ?? '';
    const after = withoutAbsent.slice(at + name.length + 2).trimStart()[0] ?? '';
    const argument = '(,=['.includes(before) && ')],'.includes(after);
    return argument || ATOM.test(text ?? '') ? (text ?? '') : `(${text})`;
  });
  return missing ? undefined : filled.replace(/\(,\s*/g, '(');
}

/** A function with PyTorch's signature around a template, for where the API is used as a value. */
export function wrapperOf(row: Row, template: string, name: string): string {
  const signature = row.signature ?? [];
  let starred = false;
  const parameters = signature.map((one) => {
    const marker = one.keywordOnly && !starred && !signature.some((other) => other.star === '*') ? '*, ' : '';
    starred ||= one.keywordOnly;
    return `${marker}${one.star ?? ''}${one.name}${one.value === undefined ? '' : `=${one.value}`}`;
  });
  const body = fillTemplate(
    template,
    signature,
    new Map(signature.map((one) => [one.name, one.star ? `${one.star}${one.name}` : one.name])),
  );
  return `def ${name}(${parameters.join(', ')}):\n    """${row.names[0]}"""\n    return ${body}`;
}
