/** What stands under the list of uses: the audit of the training code, files that were left out, and how to read the figures. */
import { placeOf } from '../../../kernel/src/records/place.ts';
import type { AuditFinding, GraphFinding, ReportRecord } from '../../../kernel/src/records/report.ts';
import { element, prose } from '../element.ts';
import { counted, moment } from '../format.ts';

/** The audit's findings, open at once: they are silent losses that nobody would look for. */
export function auditSection(audit: readonly AuditFinding[]): HTMLElement | null {
  if (audit.length === 0) return null;
  return element(
    'details',
    { class: 'tw-section', attributes: { open: true } },
    element('summary', {}, 'Audit of the code', element('span', { class: 'tw-section-count', text: counted(audit.length, 'finding') })),
    element(
      'ul',
      { class: 'tw-findings' },
      ...audit.map((finding) =>
        element(
          'li',
          { class: 'tw-finding' },
          element(
            'div',
            { class: 'tw-finding-head' },
            element('strong', { text: finding.rule }),
            element('span', { class: 'tw-use-place', text: placeOf(finding) }),
          ),
          element('p', {}, ...prose(finding.message)),
          element(
            'p',
            { class: 'tw-use-note' },
            element('span', { class: 'tw-use-label', text: 'To do' }),
            element('span', {}, ...prose(finding.remedy)),
          ),
        ),
      ),
    ),
  );
}

/** What stands in the way of graph mode: each place once, with the classes that reach it. */
export function graphSection(verdicts: ReportRecord['graph']): HTMLElement | null {
  if (!verdicts?.length) return null;
  const places = new Map<string, { finding: GraphFinding; classes: string[] }>();
  for (const verdict of verdicts) {
    for (const finding of verdict.findings) {
      const key = `${placeOf(finding)} ${finding.rule}`;
      const place = places.get(key) ?? { finding, classes: [] };
      place.classes.push(verdict.class);
      places.set(key, place);
    }
  }
  const yes = verdicts.filter((one) => one.graph === 'yes').length;
  return element(
    'details',
    { class: 'tw-section', attributes: { open: places.size > 0 } },
    element(
      'summary',
      {},
      'Graph mode',
      element('span', { class: 'tw-section-count', text: `yes for ${yes} of ${counted(verdicts.length, 'class', 'classes')}` }),
    ),
    element(
      'ul',
      { class: 'tw-findings' },
      ...[...places.values()].map(({ finding, classes }) =>
        element(
          'li',
          { class: 'tw-finding' },
          element(
            'div',
            { class: 'tw-finding-head' },
            element('strong', { text: finding.rule }),
            element('span', { class: 'tw-use-place', text: placeOf(finding) }),
          ),
          element('p', {}, ...prose(`${classes.slice(0, 4).join(', ')}${classes.length > 4 ? ' …' : ''}: ${finding.why}`)),
          element(
            'p',
            { class: 'tw-use-note' },
            element('span', { class: 'tw-use-label', text: 'To do' }),
            element('span', {}, ...prose(finding.remedy)),
          ),
        ),
      ),
    ),
  );
}

export function skippedSection(skipped: ReportRecord['skipped']): HTMLElement | null {
  if (skipped.length === 0) return null;
  return element(
    'details',
    { class: 'tw-section', attributes: { open: true } },
    element('summary', {}, 'Files left out', element('span', { class: 'tw-section-count', text: counted(skipped.length, 'file') })),
    element(
      'ul',
      { class: 'tw-findings' },
      ...skipped.map(({ file, reason }) =>
        element('li', { class: 'tw-finding' }, element('code', { text: file }), element('p', { text: reason })),
      ),
    ),
  );
}

/** One line under the picture: what ε is, when, and with which versions. */
export function foot(record: ReportRecord): HTMLElement {
  const versions = Object.entries(record.environment.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
  return element(
    'p',
    { class: 'tw-foot' },
    'ε is the rounding of float32 (1.19e-7, relative to the largest magnitude). ',
    element('em', { text: 'measured' }),
    ' was run on both frameworks; ',
    element('em', { text: 'documented' }),
    ' is read from MindSpore’s “Supported Platforms”. ',
    element('br'),
    `${moment(record.createdAt)} · Tradewind ${record.tradewind}${versions ? ` · ${versions}` : ''}`,
  );
}
