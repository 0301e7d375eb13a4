/**
 * A comparison's scorecard as static SVG: a row a region, a box a lead, the deviation in per cent printed in each box.
 * A corner marks what is significant: filled where it stands among all boxes, hollow where by itself alone.
 * Boxes of one grade are one path and a row's figures one text, so that a whole card is a few kilobytes.
 */
import { GRADE_EDGES, gradeOf, gradeTitle, markOf } from '../records/comparison.ts';
import { evenlySpread } from '../records/evenlySpread.ts';
import { regionTitle } from '../records/regions.ts';
import { type Deviation, leadTitle, METRIC_TITLES, type PairComparison, SKILL_METRICS } from '../records/skill.ts';
import { element, escapeHtml, type Html, STYLE, safe } from './html.ts';
import { picture } from './svg.ts';

/** Leads in a card: each takes a column under both metrics; the record has all. */
const LEADS = 6;
/** Variables with a card, as with pictures; the tables have all. */
const CARDS = 3;
const BOX = { width: 38, height: 16 };
const LEFT = 240;
const TOP = 44;
const GAP = 12;
/** Blue is better and orange is worse, told apart by every common kind of colour vision; the printed sign says the same. */
const COLOURS = { better: '#0072b2', worse: '#d55e00' } as const;
const SHADES = [0.1, 0.2, 0.32, 0.46, 0.62, 0.8] as const;
const CHARACTERS = 7;
/** Side of the corner that marks a significant box. */
const CORNER = 6;
const MONOSPACE = 'font-family="monospace" font-size="9"';

/** A card for each of the first variables; nothing where the comparison has no regions. */
export function scorecards(pair: PairComparison, leadTimes: readonly number[]): Html[] {
  if (!pair.regions) return [];
  const rows: [string, Deviation][] = [['global', pair.deviation], ...Object.entries(pair.regions)];
  return Object.keys(pair.deviation)
    .slice(0, CARDS)
    .map((variable) => card(pair, variable, rows, leadTimes));
}

function card(pair: PairComparison, variable: string, rows: [string, Deviation][], leadTimes: readonly number[]): Html {
  const leads = evenlySpread(leadTimes.length, LEADS);
  const corners = { discovered: '', significant: '' };
  const boxes = new Map<number, string>();
  const names: string[] = [];
  const figures: string[] = [];
  const block = (column: number) => LEFT + column * (leads.length * BOX.width + GAP);
  const heads = SKILL_METRICS.flatMap((metric, column) => [
    `<text x="${block(column)}" y="${TOP - 22}" font-weight="600">${METRIC_TITLES[metric]}</text>`,
    ...leads.map(
      (lead, at) =>
        `<text x="${block(column) + (at + 0.5) * BOX.width}" y="${TOP - 6}" text-anchor="middle">${leadTitle(leadTimes[lead]!)}</text>`,
    ),
  ]);
  for (const [line, [region, deviation]] of rows.entries()) {
    const y = TOP + line * BOX.height;
    names.push(`<text x="${LEFT - 8}" y="${y + 12}">${escapeHtml(regionTitle(region))}</text>`);
    for (const [column, metric] of SKILL_METRICS.entries()) {
      const values = leads.map((lead) => deviation[variable]?.[metric][lead]);
      for (const { grade, from, to } of runsOf(values.map((value) => gradeOf(metric, value) ?? 0))) {
        if (grade === 0) continue;
        const run = (to - from) * BOX.width - 1;
        boxes.set(grade, `${boxes.get(grade) ?? ''}M${block(column) + from * BOX.width} ${y}h${run}v${BOX.height - 1}h-${run}z`);
      }
      for (const [at, lead] of leads.entries()) {
        const mark = markOf(pair, region, variable, metric, lead);
        if (mark) corners[mark] += `M${block(column) + at * BOX.width} ${y}h${CORNER}l-${CORNER} ${CORNER}z`;
      }
      // One text a row: as many characters a box, spread over its exact width.
      figures.push(
        `<text x="${block(column)}" y="${y + 12}" textLength="${leads.length * BOX.width}">${values.map(brief).join('')}</text>`,
      );
    }
  }
  const paths = [...boxes].map(([grade, path]) => `<path d="${path}" ${fill(grade)}/>`);
  const marks = [
    corners.discovered && `<path d="${corners.discovered}"/>`,
    corners.significant && `<path d="${corners.significant}" fill="none" stroke="currentColor" stroke-width=".8"/>`,
  ];
  const [wide, high] = [block(2), TOP + rows.length * BOX.height + 4];
  const described = `Scorecard of ${variable}: ${pair.a} less ${pair.b} in per cent of ${pair.b}, by region and lead`;
  const card = picture(
    described,
    [wide, high],
    [
      `<g font-size="10" fill="currentColor"><text x="0" y="14" font-size="12" font-weight="600">${escapeHtml(variable)}</text>`,
      `${heads.join('')}${paths.join('')}${marks.join('')}<g text-anchor="end">${names.join('')}</g><g ${MONOSPACE}>${figures.join('')}</g></g>`,
    ],
  );
  // On a narrow screen the card scrolls, not the page.
  return element('div', { style: 'overflow-x:auto', tabindex: 0 }, card);
}

/** Neighbouring boxes of one grade are one. */
function runsOf(grades: number[]): { grade: number; from: number; to: number }[] {
  const starts = grades.flatMap((grade, at) => (at === 0 || grade !== grades[at - 1] ? [at] : []));
  return starts.map((from, index) => ({ grade: grades[from]!, from, to: starts[index + 1] ?? grades.length }));
}

function fill(grade: number): string {
  return `fill="${grade > 0 ? COLOURS.better : COLOURS.worse}" fill-opacity="${SHADES[Math.abs(grade) - 1]}"`;
}

/** A deviation in a box: seven characters, the number in their middle. */
function brief(value: number | null | undefined): string {
  const shown = value === null || value === undefined ? '–' : figure(value);
  const blanks = CHARACTERS - shown.length;
  return escapeHtml('\u00a0'.repeat(Math.ceil(blanks / 2)) + shown + '\u00a0'.repeat(Math.floor(blanks / 2)));
}

/** At most five characters. */
function figure(value: number): string {
  const size = Math.abs(value);
  const shown = size >= 999.5 ? '>999' : size.toFixed(size >= 99.5 ? 0 : size >= 9.95 ? 1 : 2);
  return Number(shown) === 0 ? '0' : `${value > 0 ? '+' : '−'}${shown}`;
}

/** What colours and corners mean. */
export function scorecardLegend(tested: boolean): Html {
  const entries = [-1, 1].flatMap((sign) =>
    GRADE_EDGES.map((_, at) => {
      const grade = sign * (at + 1);
      const swatch = safe(`<svg aria-hidden="true" width="12" height="10"><path d="M0 0h12v10H0z" ${fill(grade)}/></svg>`);
      return element('span', swatch, ` ${gradeTitle(grade).replaceAll(' ', '\u00a0')} \u2003`);
    }),
  );
  const corner = (attributes: string, words: string) => {
    const swatch = safe(
      `<svg aria-hidden="true" width="9" height="9"><path d="M1 1h${CORNER}l-${CORNER} ${CORNER}z" fill="currentColor" ${attributes}/></svg>`,
    );
    return element('span', ` \u2003`, swatch, ` ${words}`);
  };
  const corners = [
    corner('', 'significant, also among all boxes'),
    corner('style="fill:none" stroke="currentColor" stroke-width=".8"', 'significant by itself alone'),
  ];
  return element('div', { style: `${STYLE.muted};font-size:11px` }, ...entries, `no colour: ${gradeTitle(0)}`, ...(tested ? corners : []));
}
