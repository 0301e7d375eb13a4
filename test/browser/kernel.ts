// What the front end asks of the kernel beyond running cells: widgets that go both ways, and the debugger.
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { execute, type Harness } from './harness.ts';

export function kernelTests(lab: () => Harness): void {
  test('an ipywidgets slider moves its Python value, and Python moves the slider', async () => {
    const notebook = await lab().open(
      'slider',
      [
        { source: "import ipywidgets\nslider = ipywidgets.IntSlider(value=3, description='depth')\nslider" },
        { source: "print('value', slider.value)" },
        { source: 'slider.value = 41' },
      ],
      'tradewind',
    );
    await notebook.run(0);
    const handle = notebook.cell(0).locator('.noUi-handle');
    await handle.focus();
    await lab().page.keyboard.press('ArrowRight');
    await notebook.cell(0).locator('.widget-readout').filter({ hasText: '4' }).waitFor();
    await notebook.run(1);
    await notebook.cell(1).locator('.jp-OutputArea-output').filter({ hasText: 'value 4' }).waitFor();
    await notebook.run(2);
    await notebook.cell(0).locator('.widget-readout').filter({ hasText: '41' }).waitFor();
  });

  test('the debugger stops at a breakpoint and shows the variables', async () => {
    const { page } = lab();
    const notebook = await lab().open('debug', [{ source: 'depth = 20\nlayers = depth * 2\nprint(layers)' }], 'tradewind');
    await enableDebugger(notebook.panel.locator('jp-button.jp-DebuggerBugButton').first());
    const gutter = notebook.cell(0).locator('.cm-breakpoint-gutter .cm-gutterElement');
    await gutter.nth(3).waitFor();
    await gutter.nth(3).click();
    await notebook.cell(0).locator('.cm-breakpoint-icon:visible').first().waitFor();
    await notebook.start(0);
    const variables = page.locator('.jp-DebuggerVariables');
    await variables.getByText('layers').first().waitFor();
    await variables.getByText('40').first().waitFor();
    await page.screenshot({ path: lab().pictureOf('debugger-light') });
    await execute(page, 'debugger:continue');
    await notebook.cell(0).locator('.jp-OutputArea-output').filter({ hasText: '40' }).waitFor();
  });
}

/** Clicks until the button stays down, as a user does: while a kernel starts, JupyterLab asks it several times whether it debugs, and loses a click that comes between. */
async function enableDebugger(button: Locator): Promise<void> {
  for (let tries = 3; ; tries -= 1) {
    await button.click();
    try {
      await button.and(button.page().locator('[aria-pressed="true"]')).waitFor({ timeout: 10_000 });
      return;
    } catch (error) {
      if (tries === 0) throw error;
    }
  }
}
