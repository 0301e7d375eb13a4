// Cells on two real engines at once, side by side, and cells in the background whose output arrives under them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleOf } from '../../kernel/src/display/bundle.ts';
import type { TogetherRecord } from '../../kernel/src/records/together.ts';
import { CELL_SAMPLES, DOT } from '../display/cellSamples.ts';
import { CELL_LIMIT, type Harness } from './harness.ts';

const FIRST = '%%chip cpu/pytorch,cpu/mindspore --together\n';
const CELL = `import time
from IPython.display import HTML, Image, display
for epoch in range(3):
    print(f"epoch {epoch}: loss {0.5 / (epoch + 1):.3f}")
    time.sleep(0.3)
display(HTML("<table><tr><th>variable</th><th>RMSE</th></tr><tr><td>T0</td><td>0.41</td></tr></table>"))
display(Image(data=__import__("base64").b64decode("${DOT}"), format="png", width=40))
import ipywidgets
slider = ipywidgets.IntSlider(value=3, description="depth")
display(slider)
if "mindspore" in __import__("os").environ["TRADEWIND_FRAMEWORK"]:
    raise ValueError("only here")
{"score": 0.97}`;

export function besideTests(lab: () => Harness): void {
  test('outputs stand side by side, by JupyterLab’s own renderers; an error in one takes nothing from the other', async () => {
    const { page } = lab();
    const notebook = await lab().open('together', [{ source: FIRST + CELL }, { source: 'slider.value' }], 'tradewind');
    await notebook.start(0);
    const column = (engine: string) => notebook.cell(0).locator(`.tw-together [data-engine="${engine}"]`);
    const [left, right] = [column('cpu/pytorch'), column('cpu/mindspore')];
    // They fill while the cell runs.
    await left.getByText('epoch 0').waitFor({ timeout: CELL_LIMIT });
    await left.filter({ hasText: 'done in' }).waitFor();
    await right.filter({ hasText: 'failed in' }).waitFor();
    await right.getByText('only here').last().waitFor();
    for (const one of [left, right]) {
      await one.getByText('epoch 2').waitFor();
      await one.locator('td', { hasText: '0.41' }).waitFor();
      assert.equal(await one.locator('img').evaluate((image: HTMLImageElement) => image.naturalWidth), 5);
      await one.locator('.noUi-handle').waitFor();
    }
    await left.getByText("{'score': 0.97}").waitFor();
    // A widget in a column speaks to its own engine.
    await left.locator('.noUi-handle').focus();
    await page.keyboard.press('ArrowRight');
    await left.locator('.widget-readout').filter({ hasText: '4' }).waitFor();
    await notebook.run(1);
    await notebook.cell(1).locator('.jp-OutputArea-output').filter({ hasText: '4' }).waitFor();

    const boxes = async () => Promise.all([left, right].map(async (one) => (await one.boundingBox())!));
    const [a, b] = await boxes();
    assert.ok(Math.abs(a!.y - b!.y) < 2 && b!.x > a!.x + a!.width, 'side by side');
    await lab().pictures(notebook.cell(0).locator('.tw-together'), 'together');
    await page.setViewportSize({ width: 520, height: 900 });
    const [above, below] = await boxes();
    assert.ok(Math.abs(above!.x - below!.x) < 2 && below!.y >= above!.y + above!.height, 'under each other where it is narrow');
    await page.setViewportSize({ width: 1180, height: 900 });
  });

  test('a background cell’s output arrives under it while others run, and it is listed and stopped', async () => {
    const notebook = await lab().open(
      'background',
      [
        { source: '%%chip cpu/mindspore --background\nimport time\nfor i in range(200):\n    print("tick", i)\n    time.sleep(0.2)' },
        { source: 'print("meanwhile")' },
        { source: '%chip --jobs' },
        { source: '%chip --stop 1' },
      ],
      'tradewind',
    );
    await notebook.run(0);
    await notebook.run(1);
    const output = (index: number) => notebook.cell(index).locator('.jp-OutputArea-output');
    await output(1).filter({ hasText: 'meanwhile' }).waitFor();
    await output(0).filter({ hasText: 'tick 3' }).waitFor({ timeout: CELL_LIMIT });
    await output(0).filter({ hasText: 'running since' }).waitFor();
    await notebook.run(2);
    await output(2).filter({ hasText: 'running' }).waitFor();
    await lab().pictures(notebook.panel.locator('.jp-Notebook'), 'background');
    await notebook.run(3);
    await output(0).filter({ hasText: 'KeyboardInterrupt' }).waitFor();
    await output(0).filter({ hasText: 'stopped' }).waitFor();
    assert.equal(await output(1).count(), 1);
    assert.doesNotMatch((await output(1).textContent())!, /tick/);
  });

  test('columns of a saved notebook that nobody trusts run no script, and their static form reads well', async () => {
    const attack = '<img src=x onerror="window.hostile = 1"><script>window.hostile = 1</script>';
    const record: TogetherRecord = {
      ...CELL_SAMPLES.together,
      columns: [
        {
          engine: attack,
          title: attack,
          state: 'done',
          seconds: 1,
          outputs: [
            { type: 'stream', name: 'stdout', text: attack },
            { type: 'stream', name: attack, text: attack },
            { type: 'display', data: { 'text/html': attack, 'text/plain': 'plain' }, metadata: {} },
            { type: 'display', data: { 'application/javascript': 'window.hostile = 1' }, metadata: {} },
            { type: 'display', data: { 'image/svg+xml': `<svg xmlns="http://www.w3.org/2000/svg">${attack}</svg>` }, metadata: {} },
            { type: 'error', ename: attack, evalue: attack, traceback: [attack] },
          ],
        },
      ],
    };
    const { 'text/html': html, ...widget } = await bundleOf(record);
    const sample = await bundleOf(CELL_SAMPLES.together);
    // What a cell that is trusted displays may run: here the strings alone are hostile.
    const strings = {
      ...record,
      columns: record.columns.map((one) => ({ ...one, outputs: one.outputs.filter(({ type }) => type !== 'display') })),
    };
    const { 'text/html': _, ...drawn } = await bundleOf(strings);
    const trusted = await lab().open('together-strings', [{ source: 'the widget', outputs: [{ data: drawn }] }]);
    await trusted.panel.locator('.tw-together-output').nth(2).waitFor();
    assert.equal(await lab().page.evaluate(() => 'hostile' in window), false);
    assert.equal(await trusted.panel.locator('.tw-together script, .tw-together img[onerror]').count(), 0);
    const cells = [
      { source: 'the widget', outputs: [{ data: widget }] },
      { source: 'the static form', outputs: [{ data: { 'text/html': html } }] },
      { source: 'the static form of another', outputs: [{ data: { 'text/html': sample['text/html'] } }] },
    ];
    const notebook = await lab().open('together-hostile', cells, undefined, false);
    await notebook.cell(2).locator('.jp-RenderedHTML section').nth(1).waitFor();
    assert.equal(await lab().page.evaluate(() => 'hostile' in window), false);
    assert.equal(await notebook.panel.locator('.tw-together').count(), 0);
    await lab().pictures(notebook.cell(2).locator('.jp-RenderedHTML'), 'together-static');
  });
}
