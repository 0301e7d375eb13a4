/** Completion in bash and zsh: a script that asks `tradewind --complete LINE CARET`, which answers with one match a line. */
import { TradewindError } from '../records/errors.ts';
import { didYouMean } from '../records/nearest.ts';
import { completeLine } from './complete.ts';

// bash breaks words at `=` and `:` too, which is where our own completion of `--option=value` begins.
const BASH = `_tradewind() {
  local IFS=$'\\n'
  COMPREPLY=( $(tradewind --complete "$COMP_LINE" "$COMP_POINT" 2>/dev/null) )
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == */ ]] && compopt -o nospace
}
complete -F _tradewind tradewind
`;

const SCRIPTS: Record<string, string> = {
  bash: `# tradewind completion for bash; to use it: source <(tradewind completion bash)\n${BASH}`,
  zsh: `# tradewind completion for zsh; to use it: source <(tradewind completion zsh)\nautoload -U +X bashcompinit && bashcompinit\n${BASH}`,
};

export function completionScript(shell: string | undefined): string {
  const script = shell === undefined ? undefined : SCRIPTS[shell];
  if (script !== undefined) return script;
  const names = Object.keys(SCRIPTS);
  throw new TradewindError({
    code: 'usage',
    message: `completion is for ${names.join(' or ')}, not for ${shell ?? '(no shell)'}${didYouMean(shell ?? '', names)}`,
    remedy: 'tradewind completion bash',
  });
}

/** The matches for the line as the shell has it (`tradewind migrate sr`), one a line; `point` counts UTF-8 bytes or characters as the shell does. */
export async function completeForShell(line: string, point: number, cwd: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const head = line.slice(0, Number.isSafeInteger(point) && point > 0 ? point : line.length);
  const own = head.replace(/^\s*\S+\s?/, '');
  const { matches } = await completeLine(own, [...own].length, { cwd, environment });
  return matches.map((match) => `${match}\n`).join('');
}
