/** The engines that are here: each chip with each framework that runs on it, and why the others do not. */
import { choose, detect } from '../chips/index.ts';
import { FRAMEWORKS, type Framework } from '../records/chips.ts';
import { TradewindError } from '../records/errors.ts';
import type { Arguments, CommandContext } from './command.ts';

export interface PresentEngine {
  chip: string;
  framework: Framework;
  python: string;
  environment: Record<string, string>;
}

/** The engines of chips that are here. What was named and cannot run is an error; what was not named and cannot is told. */
export async function presentEngines(options: Arguments['options'], context: CommandContext) {
  const detection = await detect(context);
  const chips = options.chip ? [String(options.chip)] : [...detection.cards.keys()];
  const frameworks = options.framework ? [options.framework as Framework] : FRAMEWORKS;
  const engines: PresentEngine[] = [];
  const refused: { name: string; reason: string }[] = [];
  for (const chip of chips) {
    for (const framework of frameworks) {
      try {
        const { python, environment } = choose(chip, framework, detection, context);
        engines.push({ chip, framework, python, environment });
      } catch (error) {
        if (!(error instanceof TradewindError) || (options.chip && options.framework)) throw error;
        refused.push({ name: `${chip}/${framework}`, reason: error.data.message });
      }
    }
  }
  if (engines.length === 0) {
    throw new TradewindError({
      code: 'absent',
      message: `no engine can be measured${options.chip ? ` on ${options.chip}` : ''}`,
      details: refused.map(({ name, reason }) => `${name}: ${reason}`).join('\n'),
      remedy: 'tradewind chips says what is here and what would bring the rest.',
    });
  }
  return { engines, refused };
}
