/** What lists are filled with after they were made, which says what they hold. */
import { enclosingClass } from './classes.ts';
import type { Project } from './modules.ts';
import { lookUp, scopeAt } from './names.ts';
import { ancestor, bare, descendants, field, parts, type Syntax } from './parse.ts';

/** What is appended to lists, by scope and name: `items.append(x)`, `self.items.append(x)`. */
export function appendsIn(project: Project): Map<string, Syntax[]> {
  const found = new Map<string, Syntax[]>();
  for (const module of project.modules.values()) {
    const text = (node: Syntax) => module.source.slice(node.start, node.end);
    for (const node of descendants(module.root)) {
      if (node.type !== 'call') continue;
      const callee = field(node, 'function')!;
      if (callee.type !== 'attribute' || !/^(append|insert|appendleft)$/.test(text(field(callee, 'attribute')!))) continue;
      const value = parts(field(node, 'arguments')!).at(-1);
      const object = bare(field(callee, 'object')!);
      if (!value) continue;
      let key: string | undefined;
      if (object.type === 'identifier') {
        const scope = lookUp(text(object), scopeAt(object, module))?.scope;
        if (scope) key = `${scope.node.start}:${module.name}:${text(object)}`;
      } else if (object.type === 'attribute' && text(field(object, 'object')!) === 'self') {
        const owner = enclosingClass(node) ?? ancestor(node, 'class_definition');
        if (owner) key = `${owner.start}:${module.name}:self.${text(field(object, 'attribute')!)}`;
      }
      if (key) found.set(key, [...(found.get(key) ?? []), value]);
    }
  }
  return found;
}
