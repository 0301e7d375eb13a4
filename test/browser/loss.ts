// The loss curve: its switches on a saved record, and a run that is being written while it is watched.
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { MIME_TYPES } from '../../kernel/src/records/record.ts';
import type { MetricsLine, RunStatus } from '../../kernel/src/records/training.ts';
import { type Harness, saved } from './harness.ts';
import { metricsLines, trainingRecord } from './records.ts';

/** What the picture says that it draws. */
async function drawn(loss: Locator): Promise<string> {
  return (await loss.locator('.tw-picture').getAttribute('aria-label'))!;
}

/** The text with a blank between its pieces. */
function text(locator: Locator): Promise<string> {
  return locator.evaluate((node) => {
    const pieces: string[] = [];
    const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) pieces.push(walker.currentNode.nodeValue!);
    return pieces.join(' ');
  });
}

/** The readout after the reading line was sent to an end of the picture by its key. */
async function readingAt(loss: Locator, key: 'Home' | 'End'): Promise<string> {
  await loss.locator('.tw-picture').focus();
  await loss.page().keyboard.press(key);
  return text(loss.locator('.tw-readout'));
}

/** Waits until the reading at the picture's end is of a step. */
async function lastStep(loss: Locator, step: string): Promise<void> {
  for (let tries = 0; !(await readingAt(loss, 'End')).includes(`step ${step}`); tries++) {
    assert.ok(tries < 100, `the curve ends at ${await readingAt(loss, 'End')}`);
    await loss.page().waitForTimeout(100);
  }
}

export function lossTests(lab: () => Harness): void {
  test('curves, axes, smoothing, zoom, readings, pins and files of a saved record', async () => {
    const optimised = trainingRecord(1200, 'runs/fourcastnet-tiny', 840);
    optimised.run.ways = ['bf16', 'recompute', 'batch in 2 parts'];
    const outputs = [{ data: { [MIME_TYPES.training]: optimised, 'text/plain': 'the static form' } }];
    const notebook = await lab().open('loss', [{ source: '%train tiny.yaml', outputs }]);
    const loss = notebook.panel.locator('.tw-loss');
    await loss.locator('canvas').waitFor();
    assert.equal(await drawn(loss), 'Curves of train loss, validation loss over step');
    await loss.getByText('running when this was saved').waitFor();
    await loss.getByText('○ as saved').waitFor();
    assert.deepEqual(await loss.locator('.tw-title .tw-tag').allTextContents(), ['bf16', 'recompute', 'batch in 2 parts']);
    await lab().pictures(loss, 'loss');

    await loss.locator('[data-value=validation_loss]').click();
    await loss.locator('[data-value=lr]').click();
    await loss.locator('[data-value=gradient_norm]').click();
    assert.equal(await drawn(loss), 'Curves of train loss, learning rate, gradient norm over step');
    await loss.locator('[data-value=validation_loss]').click();
    await loss.getByRole('group', { name: 'Vertical axis' }).getByText('log').click();
    await loss.getByLabel('Smoothing').fill('0.9');
    assert.match(await readingAt(loss, 'End'), /step 840 [\s\S]*smoothed[\s\S]*gradient norm/);
    await lab().page.keyboard.press('Enter');
    await lab().page.keyboard.press('PageUp');
    await lab().page.keyboard.press('ArrowRight');
    await lab().page.keyboard.press('Enter');
    assert.equal(await loss.locator('.tw-pins tbody tr').count(), 2);
    assert.match(await text(loss.locator('.tw-spoken')), /^$|step \d+: train loss/);
    await lab().pictures(loss, 'loss-all');
    await loss.getByRole('button', { name: 'Unpin step 840' }).click();
    assert.equal(await loss.locator('.tw-pins tbody tr').count(), 1);

    await loss.getByRole('button', { name: 'epoch', exact: true }).click();
    assert.match(await readingAt(loss, 'End'), /epoch 8\.4/);
    await loss.getByRole('button', { name: 'step', exact: true }).click();

    const file = (format: string) => saved(loss.getByRole('button', { name: format, exact: true }));
    const svg = await file('SVG');
    assert.equal(svg.name, 'fourcastnet-tiny.svg');
    assert.match(
      svg.bytes.toString('utf8'),
      /^<svg [\s\S]*fourcastnet-tiny \(pytorch on cpu, bf16, recompute, batch in 2 parts\)[\s\S]*gradient norm/,
    );
    assert.equal((await file('CSV')).bytes.toString('utf8').trim().split('\n').length, 1 + 3 * 840 + 8);
    assert.match((await file('PNG')).name, /png$/);

    await loss.locator('.tw-picture').scrollIntoViewIfNeeded();
    const box = (await loss.locator('canvas').boundingBox())!;
    const { mouse } = lab().page;
    await mouse.move(box.x + box.width * 0.5, box.y + 120);
    await mouse.down();
    await mouse.move(box.x + box.width * 0.75, box.y + 120, { steps: 8 });
    await mouse.up();
    const whole = loss.getByRole('button', { name: 'Whole run' });
    await whole.waitFor();
    const [first, last] = [await readingAt(loss, 'Home'), await readingAt(loss, 'End')].map((text) =>
      Number(/step ([\d,]+)/.exec(text)![1]),
    );
    assert.ok(first! > 350 && last! < 700, `zoomed to ${first} … ${last}`);
    await whole.click();
    await whole.waitFor({ state: 'hidden' });
    assert.match(await readingAt(loss, 'End'), /step 840/);
  });

  test('a run that is being written is followed to its end, over a restart of the kernel, and another is drawn over it', async () => {
    const run = growingRun(lab().lab.folder, 'growing', 400);
    run.write(120, 'running');
    const other = growingRun(lab().lab.folder, 'other', 400, 150);
    other.write(400, 'finished');
    const bundle = JSON.stringify({ [MIME_TYPES.training]: run.record(120), 'text/plain': 'the static form' });
    const source = `import json\nfrom IPython.display import display\ndisplay(json.loads(${JSON.stringify(bundle)}), raw=True)`;
    const notebook = await lab().open('loss-live', [{ source }], 'tradewind');
    await notebook.run(0);
    const loss = notebook.panel.locator('.tw-loss');
    await loss.getByText('● live').waitFor();
    await loss.getByText('step 120 of 400').first().waitFor();

    run.write(260, 'running');
    await loss.getByText('step 260 of 400').first().waitFor();
    await lastStep(loss, '260');
    // Times come with the lines: the horizontal axis may now be time.
    await loss.getByRole('button', { name: 'time', exact: true }).click();
    assert.match(await readingAt(loss, 'End'), /time 28\.6\d* s/);
    await loss.getByRole('button', { name: 'step', exact: true }).click();

    await Promise.all([lab().restart(), run.write(330, 'running')]);
    await loss.getByText('● live').waitFor();
    await lastStep(loss, '330');

    await loss.getByLabel('Draw another run over this one').selectOption({ label: 'other (mindspore)' });
    await loss.getByText('mindspore on cpu · fp16, recompute, 4 workers').waitFor();
    await loss.getByText('other and growing part beyond rounding at step 150:').waitFor();
    run.write(400, 'finished');
    await loss.locator('.tw-run-state').getByText('finished').waitFor();
    await lastStep(loss, '400');
    assert.match(await readingAt(loss, 'End'), /growing · train loss\s+0\.\d+[\s\S]*other · train loss\s+0\.\d+/);
    assert.match((await loss.locator('[data-metric=loss] dd').textContent())!, /^0\.\d+/);
    await lab().page.keyboard.press('Escape');
    await lab().pictures(loss, 'loss-live');
    await loss.getByRole('button', { name: 'Remove other from the picture' }).click();
    await loss.locator('.tw-runs').waitFor({ state: 'hidden' });
  });

  test('a loop of one’s own shows its curve below its cell', async () => {
    // The loop waits for the picture, so that a slow machine sees it live too.
    const gate = join(lab().lab.folder, 'loop-may-end');
    const loop = `import pathlib, time
import tradewind as tw
for step in range(1, 301):
    while step == 200 and not pathlib.Path(${JSON.stringify(gate)}).exists():
        time.sleep(0.05)
    tw.log(step=step, loss=1 / step)`;
    const notebook = await lab().open('own-loop', [{ source: loop }], 'tradewind');
    await notebook.start(0);
    const loss = notebook.panel.locator('.tw-loss');
    await loss.getByText('● live').waitFor();
    writeFileSync(gate, '');
    await loss.getByText('finished').first().waitFor();
    await lastStep(loss, '300');
    assert.match(await text(loss.locator('h3')), /^loop/);
  });
}

/** A run folder that grows as a trainer would make it grow. From step `fault` on its loss goes astray; before, it differs by rounding. */
function growingRun(root: string, name: string, steps: number, fault = Number.POSITIVE_INFINITY) {
  const folder = join(root, 'runs', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.yaml'), `run: ${name}\nprecision: fp16\ntraining: {recompute: true}\nworkers: {count: 4}\n`);
  writeFileSync(
    join(folder, 'environment.json'),
    JSON.stringify({ framework: Number.isFinite(fault) ? 'mindspore' : 'pytorch', chip: 'cpu' }),
  );
  const astray = (step: number) => 1 + (step < fault ? 2 ** -24 * Math.sin(step) : 0.2 + (step - fault) / 300);
  const lines = metricsLines(steps).map((line) => {
    const factor = Number.isFinite(fault) ? astray(line.step) : 1;
    return Object.fromEntries(Object.entries(line).map(([key, value]) => [key, /loss$/.test(key) ? factor * value : value])) as MetricsLine;
  });
  let written = 0;
  return {
    record: (done: number) => {
      const record = trainingRecord(steps, folder, done);
      record.run.name = name;
      return record;
    },
    /** Writes the lines up to a step, then the status. */
    write(done: number, state: RunStatus['state']) {
      const next: MetricsLine[] = lines.filter(({ step }) => step > written && step <= done);
      appendFileSync(join(folder, 'metrics.jsonl'), next.map((line) => `${JSON.stringify(line)}\n`).join(''));
      written = done;
      const status: RunStatus = {
        // The trainer is this test: its process is alive.
        pid: process.pid,
        state,
        step: done,
        steps,
        epoch: Math.floor((done - 1) / 100),
        epochs: steps / 100,
        rate: 9.1,
        secondsLeft: (steps - done) / 9.1,
        updatedAt: new Date().toISOString(),
      };
      writeFileSync(join(folder, 'status.json.new'), JSON.stringify(status));
      renameSync(join(folder, 'status.json.new'), join(folder, 'status.json'));
    },
  };
}
