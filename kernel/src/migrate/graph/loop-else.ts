/** `else` of a loop: without a break it always runs, with one a flag says whether the loop was left by it. The compiler takes neither. */

import type { FileContext } from '../context.ts';
import { LOOPS } from '../flow.ts';
import { beginsItsLine, indentOf } from '../layout.ts';
import { enclosingFunction } from '../names.ts';
import { descendants, field, type Syntax } from '../parse.ts';

/** Rewrites `for …: … break … else: …`; says so, or answers undefined where there is no else. */
export function elseOfLoop(loop: Syntax, context: FileContext): string | undefined {
  const otherwise = field(loop, 'alternative');
  const word = otherwise?.children.find((one) => one.type === 'else');
  if (!word) return undefined;
  const breaks = breaksOf(field(loop, 'body')!);
  if (breaks.length === 0) {
    context.edits.replace(word.start, word.end, 'if True');
    return 'The compiler takes no else of a loop; without a break it always runs.';
  }
  const name = flagOf(loop, context);
  context.edits.insert(loop.start, `${name} = False\n${indentOf(loop, context)}`);
  for (const one of breaks)
    context.edits.insert(one.start, beginsItsLine(one, context) ? `${name} = True\n${indentOf(one, context)}` : `${name} = True; `);
  context.edits.replace(word.start, word.end, `if not ${name}`);
  return 'The compiler takes no else of a loop: a flag says whether a break has left it.';
}

/** The breaks that leave this loop: not those of one inside it, whose else is this one's. */
function breaksOf(body: Syntax): Syntax[] {
  return body.children.flatMap((child) => {
    if (child.type === 'break_statement') return [child];
    if (child.type === 'function_definition' || child.type === 'class_definition') return [];
    if (!LOOPS.has(child.type)) return breaksOf(child);
    const otherwise = field(child, 'alternative');
    return otherwise ? breaksOf(otherwise) : [];
  });
}

const leftByBreak = (loop: Syntax) => field(loop, 'alternative') !== undefined && breaksOf(field(loop, 'body')!).length > 0;

/** `stopped`, `stopped_2` …: one for each such loop of the function, and none that it knows already. */
function flagOf(loop: Syntax, context: FileContext): string {
  const fn = enclosingFunction(loop)!;
  const names = new Set([...descendants(fn)].filter((one) => one.type === 'identifier').map((one) => context.text(one)));
  const own = [...descendants(fn)].filter((one) => LOOPS.has(one.type) && enclosingFunction(one) === fn && leftByBreak(one));
  const free: string[] = [];
  for (let number = 1; free.length < own.length; number++) {
    const name = number === 1 ? 'stopped' : `stopped_${number}`;
    if (!names.has(name)) free.push(name);
  }
  return free[own.findIndex((one) => one.start === loop.start)]!;
}
