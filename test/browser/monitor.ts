// The sidebar's panel of cards: measured here, followed over the notebook's life, and hostile names of a meter's cards.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rootFolder } from '../../kernel/src/processes/places.ts';
import { execute, type Harness } from './harness.ts';

interface Refreshing {
  serviceManager: { kernelspecs: { refreshSpecs(): Promise<void> } };
}

export function monitorTests(lab: () => Harness): void {
  test('the panel shows the processor as measured, says that nothing meters power, and rests while it is hidden', async () => {
    const { page } = lab();
    const notebook = await lab().open('monitor', [{ source: 'sum(range(30_000_000))' }], 'tradewind');
    await execute(page, 'tradewind:show-cards');
    const panel = page.locator('.tw-monitor');
    const cpu = panel.getByRole('region', { name: /^CPU, / });
    await cpu
      .locator('[data-series=memoryUsedMB] .tw-monitor-value')
      .filter({ hasText: /\d of \d+\.\d GiB/ })
      .waitFor();
    // The processor's use is known from the second look on, and a line from the third.
    await notebook.run(0);
    await cpu.locator('[data-series=utilisationPct] .tw-monitor-value').filter({ hasText: /\d %/ }).waitFor();
    await cpu.getByRole('img', { name: /^Busy \d+ %, over the last hour \d+ % to \d+ %$/ }).waitFor();
    const rapl = await panel.getByRole('region', { name: /^CPU package/ }).count();
    if (rapl === 0) await panel.getByText(/^Nothing here meters power: no accelerator’s tool reported a card/).waitFor();
    await panel.getByText(/^Measured since \d\d:\d\d/).waitFor();
    await page.screenshot({ path: lab().pictureOf('monitor-light') });
    await lab().theme('dark');
    await page.screenshot({ path: lab().pictureOf('monitor-dark') });
    await lab().theme('light');
    // A restarted kernel has forgotten the hour, and is asked anew.
    await lab().restart();
    await cpu.locator('[data-series=memoryUsedMB] .tw-monitor-value').waitFor();
    await execute(page, 'application:toggle-right-area');
    await panel.waitFor({ state: 'hidden' });
  });

  test('cards whose meters give hostile names run no script', async () => {
    const { page } = lab();
    const bin = join(lab().lab.folder, 'bin');
    mkdirSync(bin, { recursive: true });
    const name = '<img src=x onerror="window.hostile = 1">';
    const lines = [`0, ${name}, 40960, 20480, 87, 221.50, 62`, '1, NVIDIA A100-SXM4-40GB, 40960, 1024, 3, 33.10, 35'];
    writeFileSync(join(bin, 'nvidia-smi'), `#!/bin/sh\ncat <<'END'\n${lines.join('\n')}\nEND\n`);
    chmodSync(join(bin, 'nvidia-smi'), 0o755);
    const kernel = join(lab().lab.data, 'kernels', 'with-cards');
    mkdirSync(kernel, { recursive: true });
    const ours = join(rootFolder(), '.venv', 'share', 'jupyter', 'kernels', 'tradewind', 'kernel.json');
    const spec = { ...JSON.parse(readFileSync(ours, 'utf8')), display_name: 'With cards', env: { PATH: `${bin}:${process.env.PATH}` } };
    writeFileSync(join(kernel, 'kernel.json'), JSON.stringify(spec));
    // JupyterLab asks for kernelspecs once a minute.
    await page.evaluate(() => (window as unknown as { jupyterapp: Refreshing }).jupyterapp.serviceManager.kernelspecs.refreshSpecs());
    await lab().open('monitor-cards', [{ source: '1' }], 'with-cards');
    await execute(page, 'tradewind:show-cards');
    const panel = page.locator('.tw-monitor');
    const card = panel.locator('[data-card="nvidia-smi 1"]');
    await card.locator('[data-series=watts] .tw-monitor-value').filter({ hasText: '33 W' }).waitFor();
    await card.locator('[data-series=temperatureC] .tw-monitor-value').filter({ hasText: '35 °C' }).waitFor();
    assert.match((await panel.locator('[data-card="nvidia-smi 0"]').textContent())!, /<img src=x/);
    assert.equal(await page.evaluate(() => 'hostile' in window), false);
    assert.equal(await panel.locator('img').count(), 0);
    await page.screenshot({ path: lab().pictureOf('monitor-cards') });
    await page.setViewportSize({ width: 620, height: 900 });
    await page.screenshot({ path: lab().pictureOf('monitor-narrow') });
    await page.setViewportSize({ width: 1180, height: 900 });
    await execute(page, 'application:toggle-right-area');
  });
}
