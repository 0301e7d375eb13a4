// The table of chips, and the toolbar's selector on a real kernel.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MIME_TYPES } from '../../kernel/src/records/record.ts';
import type { Harness } from './harness.ts';
import { chipsRecord } from './records.ts';

/** Says in a cell which framework's engine it runs in. */
const WHERE = "import sys\nprint('mindspore' if 'mindspore' in sys.modules else 'torch' if 'torch' in sys.modules else 'neither')";

export function chipsTests(lab: () => Harness): void {
  test('the table says what is here, both figures where sources disagree, and why the rest is not', async () => {
    const outputs = [{ data: { [MIME_TYPES.chips]: chipsRecord(), 'text/plain': 'the static form' } }];
    const notebook = await lab().open('chips', [{ source: '%chips', outputs }]);
    const chips = notebook.panel.locator('.tw-chips');
    const engines = chips.getByRole('table', { name: 'Chips and engines' });
    const figures = chips.getByRole('table', { name: 'Documented figures' });
    await engines.locator('[data-chip=cpu]').getByText('● here').waitFor();
    assert.equal(await engines.locator('.tw-engine-active').count(), 1);
    const a100 = await figures.locator('[data-chip=a100]').textContent();
    assert.match(a100!, /40.*Table 1.*80.*section 3\.1/);
    await engines.locator('[data-chip=dcu]').getByText('MindSpore has no build for the DCU').waitFor();
    await engines.locator('[data-chip="910b"] summary').click();
    await engines.locator('[data-chip="910b"]').getByText('npu-smi').waitFor();
    await lab().pictures(chips, 'chips');
  });

  test('the selector shows where cells run, follows %chip, and switches by click and by keyboard', async () => {
    const { page } = lab();
    const notebook = await lab().open(
      'selector',
      [{ source: 'import torch' }, { source: '%chip cpu --framework mindspore' }, { source: 'import mindspore' }, { source: WHERE }],
      'tradewind',
    );
    const button = notebook.panel.locator('.tw-chip-button');
    const name = (text: string) => button.locator('.tw-chip-name').filter({ hasText: text }).waitFor();
    await name('cpu · pytorch');
    await notebook.run(0);
    await notebook.run(1);
    await name('cpu · mindspore');
    await notebook.run(2);
    await notebook.run(3);
    await notebook.cell(3).locator('.jp-OutputArea-output').filter({ hasText: 'mindspore' }).waitFor();

    await button.click();
    const menu = page.locator('.tw-menu');
    await menu.waitFor();
    assert.equal(await menu.locator('[data-choice="cpu/mindspore"]').getAttribute('aria-checked'), 'true');
    const absent = menu.locator('[data-choice=a100]');
    assert.equal(await absent.getAttribute('aria-disabled'), 'true');
    assert.match((await absent.locator('.tw-menu-note').textContent())!, /A100/);
    await page.screenshot({ path: lab().pictureOf('selector-light') });
    // The pointer may press it; nothing comes of that.
    await absent.click({ force: true });
    await menu.waitFor();
    await menu.locator('[data-choice="cpu/pytorch"]').click();
    await menu.waitFor({ state: 'detached' });
    await name('cpu · pytorch');
    await notebook.run(3);
    await notebook.cell(3).locator('.jp-OutputArea-output').filter({ hasText: 'torch' }).waitFor();

    await button.focus();
    await page.keyboard.press('Enter');
    await menu.waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Escape');
    await menu.waitFor({ state: 'detached' });
    assert.ok(await button.evaluate((node) => node === document.activeElement));
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await name('cpu · mindspore');

    // A restarted kernel has forgotten its comms and begins on the processor with PyTorch again.
    await lab().restart();
    await name('cpu · pytorch');
  });

  test('the selector stays away from other kernels', async () => {
    const notebook = await lab().open('other-kernel', [{ source: '6 * 7' }], 'python3');
    await notebook.run(0);
    await notebook.cell(0).locator('.jp-OutputArea-output').filter({ hasText: '42' }).waitFor();
    assert.equal(await notebook.panel.locator('.tw-chip-button').isVisible(), false);
  });
}
