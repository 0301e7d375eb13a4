/** What a migration's report says, in words that its three forms (terminal, page, Markdown) share. */
import { type Place, placeOf } from '../records/place.ts';
import type { ReportRecord, Strategy, Use, UseStatus, VendoredPackage } from '../records/report.ts';
import type { Mark } from './html.ts';

export const STRATEGIES: readonly Strategy[] = ['equivalent', 'custom', 'restructured', 'unsupported'];
const MARKS: Record<UseStatus, Mark> = { migrated: 'good', maybe: 'warn', unsupported: 'bad' };

/** The word for a rewrite that was made and may be wrong. */
export const LOOK = 'needs a look';
export const WORDS = ['migrated', LOOK, 'maybe', 'unsupported'] as const;
export type Word = (typeof WORDS)[number];

/** At most so many rows are drawn of a long report; the record has them all. */
export const ROWS = 400;

export function wordOf(use: Use): Word {
  return use.status === 'migrated' && use.grade === LOOK ? LOOK : use.status;
}

export function markOf(use: Use): Mark {
  return wordOf(use) === LOOK ? 'warn' : MARKS[use.status];
}

export interface Group {
  /** The first of them. */
  use: Use;
  apis: string[];
  places: string[];
  /** Shapes seen by the trace, each once. */
  shapes: string[];
}

/** Uses that are left, those of one reason together (of one API where no reason is given), unsupported ones first. */
export function leftOver(record: ReportRecord): Group[] {
  const groups = new Map<string, Group>();
  for (const word of ['unsupported', 'maybe', LOOK]) {
    for (const use of record.uses) {
      if (wordOf(use) !== word) continue;
      // A reason that names its API is that API's own.
      const key = use.reason ? `${word} ${use.reason} ${use.remedy ?? ''}` : `${word} ${use.api}`;
      const group = groups.get(key) ?? { use, apis: [], places: [], shapes: [] };
      if (!group.apis.includes(use.api)) group.apis.push(use.api);
      group.places.push(placeOf(use));
      const shapes = use.shapes?.join(' ');
      if (shapes && !group.shapes.includes(shapes)) group.shapes.push(shapes);
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}

/** The first of many, and how many more. */
export function some(all: readonly string[], most: number): string {
  return all.length > most ? `${all.slice(0, most).join(', ')} and ${all.length - most} more` : all.join(', ');
}

/** `12 uses: a.py:3, a.py:9 and 10 more`; one place is just that. */
export function placesText({ places }: Group, most: number): string {
  return places.length === 1 ? places[0]! : `${places.length} uses: ${some(places, most)}`;
}

/** What was measured, on which dtypes. */
export function measuredText({ measured, unmeasured }: Use): string {
  if (!measured) return unmeasured ? `not measured: ${unmeasured}` : 'not measured';
  const errors = [measured.forward, measured.gradient].filter((one) => one !== undefined);
  const worst = errors.length ? `, ${Math.max(...errors).toPrecision(2)} roundings` : '';
  return `measured: ${measured.passed} of ${measured.samples} samples${worst}${measured.dtypes.length ? ` (${measured.dtypes.join(', ')})` : ''}`;
}

/** MindSpore's own word on platforms, which was not measured. */
export function documentedText({ documented }: Use): string {
  return documented?.length ? `documented: ${documented.join(', ')}` : '';
}

export function headline({ summary }: ReportRecord): string {
  const share = summary.uses ? ` (${((100 * summary.migrated) / summary.uses).toFixed(1)} %)` : '';
  const rest = [summary.unsupported ? `${summary.unsupported} unsupported` : '', summary.maybe ? `${summary.maybe} to look at` : '']
    .filter(Boolean)
    .join(', ');
  return `${summary.migrated} of ${summary.uses} uses migrated${share}${rest ? `, ${rest}` : ''}`;
}

/** Counts by strategy (rows) and by what became of the uses (columns, as WORDS). */
export function totals(record: ReportRecord): { strategy: Strategy; uses: number; counts: Record<Word, number> }[] {
  return STRATEGIES.map((strategy) => {
    const counts: Record<Word, number> = { migrated: 0, [LOOK]: 0, maybe: 0, unsupported: 0 };
    for (const use of record.uses) if (use.strategy === strategy) counts[wordOf(use)]++;
    return { strategy, uses: record.summary.byStrategy[strategy], counts };
  });
}

/** What was taken for the chip, and what a training there can take. */
export function adviceText({ advice }: ReportRecord): string | undefined {
  if (!advice) return undefined;
  const { chip, applied, forTraining } = advice;
  const took = applied.map(({ title, changed, source }) => `${title} (${changed.join(', ')}; documented: ${source})`).join('; ');
  const can =
    forTraining.length > 0 ? ` A training there can take ${forTraining.join(', ')}: train --chip ${chip} --optimise advised.` : '';
  return `For ${chip}: ${took || 'nothing of the migration changes'}.${can}`;
}

/** One line on the definitions of vendored libraries that the entry does not reach. */
export function unreachedText({ unreached }: ReportRecord): string | undefined {
  if (!unreached?.length) return undefined;
  const left = unreached.filter((use) => use.status !== 'migrated');
  const words = left.length
    ? `, ${left.length} of them unsupported or not sure (${some([...new Set(left.map((use) => use.api))], 6)})`
    : '';
  return `In vendored libraries, not reached by the entry, and not counted above: ${unreached.length} uses${words}.`;
}

/** One line on the uses whose operator was not measured for the dtype that they work on. */
export function unmeasuredText({ uses }: ReportRecord): string | undefined {
  const byDtype = new Map<string, { count: number; apis: Set<string> }>();
  for (const use of uses) {
    for (const dtype of use.unmeasuredDtypes ?? []) {
      const entry = byDtype.get(dtype) ?? { count: 0, apis: new Set() };
      entry.count++;
      entry.apis.add(use.api);
      byDtype.set(dtype, entry);
    }
  }
  if (!byDtype.size) return undefined;
  const parts = [...byDtype].map(
    ([dtype, { count, apis }]) => `not measured for ${dtype}: ${count} use${count === 1 ? '' : 's'} (${some([...apis], 5)})`,
  );
  return `Migrated, on a dtype that their operator was not measured for: ${parts.join('; ')}.`;
}

/** `timm 1.0.31, Apache-2.0, 12 modules, licence text in timm/LICENSE`. */
export function vendoredText(one: VendoredPackage): string {
  const name = one.distribution ? `${one.distribution} ${one.version ?? ''}`.trim() : one.package;
  const text = one.licenceFiles.length
    ? `licence text in ${one.licenceFiles.join(', ')}`
    : 'no licence text was found: look for it before you share OUT';
  return `${name}, ${one.licence ?? 'licence not named'}, ${one.files} module${one.files === 1 ? '' : 's'}, ${text}`;
}

/** What was done to a notebook beside its code. */
export function notebookTexts({ notebooks }: ReportRecord): string[] {
  return (notebooks ?? []).map(({ file, changed, cleared }) => {
    const cells = `${changed.length} cell${changed.length === 1 ? '' : 's'} changed`;
    return `${file}: ${cells}${cleared.length ? `; outputs of ${some(cleared.map(String), 12)} cleared, as they were the original’s` : ''}`;
  });
}

export function byFile(record: ReportRecord): [file: string, counts: Record<UseStatus, number>][] {
  const files = new Map<string, Record<UseStatus, number>>();
  for (const use of record.uses) {
    const counts = files.get(use.file) ?? { migrated: 0, maybe: 0, unsupported: 0 };
    counts[use.status]++;
    files.set(use.file, counts);
  }
  return [...files];
}

/** Where a use stands inside its file: `12`, in a notebook `cell 3, line 2`. */
export function lineText({ cell, line }: Place): string {
  return cell === undefined ? String(line) : `cell ${cell}, line ${line}`;
}
