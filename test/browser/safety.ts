// Outputs that try to run scripts, outputs of notebooks that nobody trusts, and the static form where the widgets are switched off.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleOf } from '../../kernel/src/display/bundle.ts';
import type { TradewindRecord } from '../../kernel/src/records/index.ts';
import { MIME_TYPES } from '../../kernel/src/records/record.ts';
import type { Harness } from './harness.ts';
import { chipsRecord, hostileChips, hostileReport, hostileSkill, hostileTraining } from './records.ts';

export function safetyTests(lab: () => Harness): void {
  test('names, code, reasons and log lines that are markup run no script, in the widgets and in the static form', async () => {
    const records: TradewindRecord[] = [hostileReport(), hostileChips(), hostileTraining(), hostileSkill()];
    const bundles = await Promise.all(records.map(bundleOf));
    const cells = bundles.flatMap((bundle) => {
      const { 'text/html': html, ...rest } = bundle;
      return [
        { source: 'the widget', outputs: [{ data: rest }] },
        { source: 'the static form', outputs: [{ data: { 'text/html': html } }] },
      ];
    });
    const notebook = await lab().open('hostile', cells);
    await notebook.panel.locator('.tw-report .tw-use').first().waitFor();
    await notebook.panel.locator('.tw-chips table').first().waitFor();
    await notebook.panel.locator('.tw-loss canvas').waitFor();
    await notebook.panel.locator('.tw-loss canvas').hover();
    await notebook.panel.locator('.tw-report .tw-use-toggle').first().click();
    const skill = notebook.panel.locator('.tw-skill');
    await skill.locator('.tw-map').first().hover();
    await skill.locator('.tw-skill-readout strong').waitFor();
    await skill.locator('.tw-chart').first().locator('summary').click();
    await skill.locator('.tw-chart-plot').first().hover();
    await skill.locator('.tw-chart-reading').first().waitFor();
    await skill.getByRole('button', { name: 'A − B', exact: true }).click();
    await skill.getByLabel('area', { exact: true }).selectOption({ index: 1 });
    for (const format of ['SVG', 'NetCDF', 'PNG']) {
      const download = lab().page.waitForEvent('download');
      await skill.getByRole('button', { name: `Save as ${format}` }).click();
      assert.match((await download).suggestedFilename(), /^skill-[\p{L}\p{N}._-]+$/u);
    }
    const state = await lab().page.evaluate(() => ({
      ran: 'hostile' in window,
      markup: document.querySelectorAll(
        '.tw-widget script, .tw-widget img, .jp-RenderedHTMLCommon script, .jp-RenderedHTMLCommon img[onerror]',
      ).length,
    }));
    assert.deepEqual(state, { ran: false, markup: 0 });
    assert.match((await notebook.panel.locator('.tw-report').textContent())!, /<script>window\.hostile = 1<\/script>/);
  });

  test('an output of another layout version is refused in words, not misread', async () => {
    const record = { ...chipsRecord(), version: 2 };
    const notebook = await lab().open('version', [{ source: '%chips', outputs: [{ data: { [MIME_TYPES.chips]: record } }] }]);
    await notebook.panel.locator('.tw-fault').filter({ hasText: 'layout version 2' }).waitFor();
  });

  test('a saved output that is not trusted opens no comm to a running kernel', async () => {
    const outputs = [{ data: { [MIME_TYPES.chips]: chipsRecord() } }];
    const notebook = await lab().open('untrusted', [{ source: '1', outputs }], 'tradewind');
    await notebook.panel.locator('.tw-chip-button').waitFor();
    await notebook.panel.locator('.tw-chips .tw-foot').filter({ hasText: 'As of 24 Nov 2026' }).waitFor();
  });

  test('with the extension switched off the static form is shown', async () => {
    const bundle = await bundleOf(chipsRecord());
    const { page, close } = await lab().without('tradewind', [{ source: '%chips', outputs: [{ data: bundle }] }]);
    await page.locator('.jp-RenderedHTML table').first().waitFor();
    assert.equal(await page.locator('.tw-widget').count(), 0);
    assert.match((await page.locator('.jp-RenderedHTML').first().textContent())!, /910b/);
    await page
      .locator('.jp-RenderedHTML')
      .first()
      .screenshot({ path: lab().pictureOf('chips-static') });
    await close();
  });
}
