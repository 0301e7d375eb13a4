/** Which definitions of vendored libraries the entry reaches: what the traced run never called is counted apart, not as the user's own work. */
import type { Use } from '../records/report.ts';
import type { SourceModule } from './modules.ts';
import { ancestor, type Syntax } from './parse.ts';
import type { Trace } from './trace.ts';

/** Tells of a use in a vendored module whether the run went through the function that it stands in; code outside functions runs by import. */
export function reachedBy(trace: Trace | undefined): (node: Syntax, module: SourceModule) => boolean {
  if (!trace?.functions) return () => true;
  const ran = new Set(trace.functions.map(([file, line]) => `${file}:${line}`));
  return (node, module) => {
    if (!module.outside) return true;
    const definition = node.type === 'function_definition' ? node : ancestor(node, 'function_definition');
    if (!definition) return true;
    // Python counts a function's lines from its first decorator.
    const first = definition.parent?.type === 'decorated_definition' ? definition.parent : definition;
    return ran.has(`${module.path}:${first.row + 1}`);
  };
}

/** The uses that are the user's work, and those of vendored libraries that the entry does not reach. */
export function apart(uses: readonly { use: Use; reached: boolean }[]): { uses: Use[]; unreached: Use[] } {
  return {
    uses: uses.filter((one) => one.reached).map((one) => one.use),
    unreached: uses.filter((one) => !one.reached).map((one) => one.use),
  };
}
