/** MindSpore's own "Supported Platforms" of what a row leads to: kernel/operators/documented.json, which `python -m tradewind.measure.documented` writes. */
import { existsSync, readFileSync } from 'node:fs';
import { TradewindError } from '../records/errors.ts';
import type { Row, Target } from './table.ts';

/** Target (`mindspore.ops.fft`, `mindspore.Tensor.view`, `compat.gelu`) → platforms. */
export type Platforms = ReadonlyMap<string, readonly string[]>;

export function readDocumented(path: string): Platforms {
  if (!existsSync(path)) return new Map();
  try {
    const { platforms } = JSON.parse(readFileSync(path, 'utf8')) as { platforms: Record<string, string[]> };
    return new Map(Object.entries(platforms));
  } catch (error) {
    throw new TradewindError({
      code: 'input',
      message: `this is no valid JSON: ${(error as Error).message}`,
      where: 'operators/documented.json',
      remedy: 'Write it again: python -m tradewind.measure.documented.',
    });
  }
}

/** The platforms that everything a row leads to has in common; undefined where MindSpore does not say them of one of its targets, or there is none. */
export function documentedFor(row: Row, api: string, target: Target, platforms: Platforms): string[] | undefined {
  const to = row.to?.[target];
  if (to === undefined) return undefined;
  const names = targetsOf(to, api);
  const lists = names.map((name) => platforms.get(name));
  if (lists.length === 0 || lists.includes(undefined)) return undefined;
  const common = (lists as (readonly string[])[]).reduce((kept, list) => kept.filter((platform) => list.includes(platform)));
  return common.length > 0 ? [...common] : undefined;
}

function targetsOf(to: string, api: string): string[] {
  const named = to.match(/\b(?:mindspore|compat)\.[\w.]*\w/g);
  if (named) return [...new Set(named)];
  if (!api.startsWith('torch.Tensor.')) return [];
  if (to === 'same') return [`mindspore.Tensor.${api.split('.').at(-1)!}`];
  const method = /^\.(\w+)(?:\(\))?$/.exec(to)?.[1];
  return method ? [`mindspore.Tensor.${method}`] : [];
}
