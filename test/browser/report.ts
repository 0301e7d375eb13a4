// The operator report: what a reader clicks and types, and what stands there then.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { MIME_TYPES } from '../../kernel/src/records/record.ts';
import type { Harness } from './harness.ts';
import { reportRecord } from './records.ts';

const USES = 180;

export function reportTests(lab: () => Harness): void {
  const record = reportRecord(USES);
  const { unsupported } = record.summary;

  const shown = (report: Locator, text: string | RegExp) => report.locator('.tw-report-shown').filter({ hasText: text }).waitFor();

  async function open(name: string, uses = record): Promise<Locator> {
    const outputs = [{ data: { [MIME_TYPES.report]: uses, 'text/plain': 'the static form' } }];
    const notebook = await lab().open(name, [{ source: '%migrate fourcastnet -o fourcastnet_ms', outputs }]);
    const report = notebook.panel.locator('.tw-report');
    await report.locator('.tw-use').first().waitFor();
    return report;
  }

  test('what needs the reader comes first, and every filter narrows', async () => {
    const report = await open('report');
    await shown(report, `${USES} uses`);
    assert.equal(await report.locator('.tw-use .tw-status').first().textContent(), '✕ unsupported');
    assert.match((await report.locator('.tw-use').first().textContent())!, /To do/);

    const unsupportedSwitch = report.locator('.tw-switches', { hasText: 'status' }).locator('[data-value=unsupported]');
    await unsupportedSwitch.click();
    assert.equal(await unsupportedSwitch.getAttribute('aria-pressed'), 'true');
    await shown(report, `${unsupported} of ${USES} uses`);
    await unsupportedSwitch.click();

    const custom = record.uses.filter((use) => use.strategy === 'custom');
    await report.locator('[data-value=custom]').click();
    await shown(report, `${custom.length} of ${USES} uses`);
    const file = 'train.py';
    await report.locator('.tw-report-file').selectOption(file);
    const both = custom.filter((use) => use.file === file);
    await shown(report, `${both.length} of ${USES} uses`);
    await report.locator('.tw-report-search').fill('einsum bmm');
    const all = both.filter((use) => use.api === 'torch.einsum');
    await shown(report, `${all.length} of ${USES} uses`);

    await report.locator('.tw-report-search').fill('no such thing anywhere');
    await report.getByText('No use has all of this.').waitFor();
    await report.getByText('Show all').click();
    await shown(report, new RegExp(`^${USES} uses`));
  });

  test('source and replacement stand side by side, with the changed part marked and the error measured', async () => {
    const report = await open('report-row');
    await report.locator('.tw-report-search').fill('rfft2');
    const row = report.locator('.tw-use').first();
    await row.locator('code', { hasText: 'torch.fft.rfft2' }).first().waitFor();
    assert.deepEqual(await row.locator('del').allTextContents(), ['torch.fft']);
    assert.deepEqual(await row.locator('ins').allTextContents(), ['ops']);
    assert.match(
      (await row.locator('.tw-use-evidence').textContent())!,
      /measured forward 1\.3 ε, gradient 2\.1 ε, 24 of 24 samples passed/,
    );
    assert.match((await row.locator('.tw-use-evidence').textContent())!, /documented for Ascend, CPU/);

    await report.locator('.tw-report-search').fill('trunc_normal');
    await report.locator('.tw-use-evidence', { hasText: 'not measured' }).first().waitFor();
    await lab().pictures(report, 'report-filtered');
    await report.getByText('Show all').click();
    await lab().pictures(report, 'report');
  });

  test('the keyboard alone reaches, opens and leaves rows, and the notebook does not answer', async () => {
    const report = await open('report-keys');
    const { keyboard } = lab().page;
    await report.locator('.tw-list').focus();
    await keyboard.press('ArrowDown');
    const focused = report.locator('.tw-use-toggle:focus');
    const first = await focused.getAttribute('aria-label');
    await keyboard.press('ArrowDown');
    assert.notEqual(await focused.getAttribute('aria-label'), first);
    await keyboard.press('Enter');
    assert.equal(await focused.getAttribute('aria-expanded'), 'true');
    await report.locator('.tw-use-more:not([hidden])').getByText('Seen in the trace').waitFor();
    await keyboard.press('End');
    await report.locator(`[aria-posinset="${USES}"] .tw-use-toggle:focus`).waitFor();
    await keyboard.press('Home');
    await report.locator('[aria-posinset="1"] .tw-use-toggle:focus').waitFor();
    // An opened row stays open when it has been scrolled away and back.
    await report.locator('[aria-posinset="2"] .tw-use-toggle[aria-expanded=true]').waitFor();
  });

  test('5,000 uses: few rows are in the document at a time, and the last can be reached', async () => {
    const report = await open('report-large', reportRecord(5_000));
    assert.ok((await report.locator('.tw-use').count()) < 60);
    await report.locator('.tw-list').focus();
    await lab().page.keyboard.press('End');
    await report.locator('[aria-posinset="5000"] .tw-use-toggle:focus').waitFor();
    assert.ok((await report.locator('.tw-use').count()) < 60);
  });
}
