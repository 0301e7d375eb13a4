/** Which uses of a report are shown, in which order, and how many stand behind every choice. */
import type { Strategy, Use, UseStatus } from '../../../kernel/src/records/report.ts';

export const STATUSES: readonly UseStatus[] = ['unsupported', 'maybe', 'migrated'];
export const STRATEGIES: readonly Strategy[] = ['equivalent', 'custom', 'restructured', 'unsupported'];

export const ORDERS = {
  attention: 'what needs you first',
  place: 'file and line',
  operator: 'operator',
  error: 'largest measured error',
} as const;
export type Order = keyof typeof ORDERS;

export interface Choice {
  /** Nothing chosen means all. */
  statuses: ReadonlySet<UseStatus>;
  strategies: ReadonlySet<Strategy>;
  file: string | undefined;
  /** Words that must all occur somewhere in a use. */
  text: string;
  order: Order;
}

export const EVERYTHING: Choice = { statuses: new Set(), strategies: new Set(), file: undefined, text: '', order: 'attention' };

type Facet = 'status' | 'strategy' | 'file';

/** The uses that `choice` lets through, leaving out one of its filters where `except` names it. */
export function filtered(uses: readonly Use[], choice: Choice, except?: Facet): Use[] {
  const words = choice.text.toLowerCase().split(/\s+/).filter(Boolean);
  return uses.filter(
    (use) =>
      (except === 'status' || choice.statuses.size === 0 || choice.statuses.has(use.status)) &&
      (except === 'strategy' || choice.strategies.size === 0 || choice.strategies.has(use.strategy)) &&
      (except === 'file' || choice.file === undefined || use.file === choice.file) &&
      (words.length === 0 || contains(use, words)),
  );
}

/** How many uses each value of a facet would show, everything else as chosen. */
export function tally(uses: readonly Use[], choice: Choice, facet: Facet): Map<string, number> {
  const counts = new Map<string, number>();
  for (const use of filtered(uses, choice, facet)) counts.set(use[facet], (counts.get(use[facet]) ?? 0) + 1);
  return counts;
}

export function ordered(uses: readonly Use[], order: Order): Use[] {
  return [...uses].sort((a, b) => COMPARE[order](a, b) || byPlace(a, b));
}

/** The larger of an operator's measured forward and gradient errors, in units of float32 rounding; −1 where nothing was measured. */
export function worstError(use: Use): number {
  return Math.max(use.measured?.forward ?? -1, use.measured?.gradient ?? -1);
}

const byPlace = (a: Use, b: Use) => compareText(a.file, b.file) || a.line - b.line || a.column - b.column;

const COMPARE: Record<Order, (a: Use, b: Use) => number> = {
  attention: (a, b) => STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status),
  place: byPlace,
  operator: (a, b) => compareText(a.api, b.api),
  error: (a, b) => worstError(b) - worstError(a),
};

// Plain code-point order: thousands of localeCompare calls would be felt at every key press.
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function contains(use: Use, words: readonly string[]): boolean {
  const text = `${use.file}:${use.line} ${use.api} ${use.from} ${use.to} ${use.reason ?? ''} ${use.remedy ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
