// The loss curve: its switches on a saved record, and a run that is being written while it is watched.
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { MIME_TYPES } from '../../kernel/src/records/record.ts';
import type { MetricsLine, RunStatus } from '../../kernel/src/records/training.ts';
import type { Harness } from './harness.ts';
import { metricsLines, trainingRecord } from './records.ts';

interface Drawn {
  names: string[];
  points: number;
  vertical: string;
  range: [number, number];
}

/** What plotly has drawn, from its own element. */
function drawn(loss: Locator): Promise<Drawn> {
  return loss.locator('.tw-picture').evaluate((node) => {
    const plot = node as unknown as {
      data: { name: string; x: number[] }[];
      _fullLayout: { yaxis: { type: string }; xaxis: { range: [number, number] } };
    };
    return {
      names: plot.data.map(({ name }) => name),
      points: plot.data[0]?.x.length ?? 0,
      vertical: plot._fullLayout.yaxis.type,
      range: plot._fullLayout.xaxis.range,
    };
  });
}

export function lossTests(lab: () => Harness): void {
  test('curves, axes, smoothing and zoom on a saved record', async () => {
    const outputs = [
      { data: { [MIME_TYPES.training]: trainingRecord(1200, 'runs/fourcastnet-tiny', 840), 'text/plain': 'the static form' } },
    ];
    const notebook = await lab().open('loss', [{ source: '%train tiny.yaml', outputs }]);
    const loss = notebook.panel.locator('.tw-loss');
    await loss.locator('.main-svg').first().waitFor();
    assert.deepEqual((await drawn(loss)).names, ['train loss', 'validation loss']);
    await loss.getByText('running when this was saved').waitFor();
    await loss.getByText('○ as saved').waitFor();
    await lab().pictures(loss, 'loss');

    await loss.locator('[data-value=validation_loss]').click();
    await loss.locator('[data-value=lr]').click();
    await loss.locator('[data-value=gradient_norm]').click();
    assert.deepEqual((await drawn(loss)).names, ['train loss', 'learning rate', 'gradient norm']);
    await loss.locator('[data-value=validation_loss]').click();

    await loss.getByRole('button', { name: 'log', exact: true }).click();
    assert.equal((await drawn(loss)).vertical, 'log');
    await loss.getByLabel('Smoothing').fill('0.9');
    assert.ok((await drawn(loss)).names.includes('train loss, smoothed'));
    assert.ok((await drawn(loss)).names.includes('train loss, raw'));
    await lab().pictures(loss, 'loss-all');

    await loss.getByRole('button', { name: 'epoch', exact: true }).click();
    assert.ok((await drawn(loss)).range[1] < 10);
    await loss.getByRole('button', { name: 'step', exact: true }).click();

    const box = (await loss.locator('.nsewdrag').first().boundingBox())!;
    const { mouse } = lab().page;
    await mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.4);
    await mouse.down();
    await mouse.move(box.x + box.width * 0.75, box.y + box.height * 0.4, { steps: 8 });
    await mouse.up();
    const whole = loss.getByRole('button', { name: 'Whole run' });
    await whole.waitFor();
    const zoomed = await drawn(loss);
    assert.ok(zoomed.range[0] > 350 && zoomed.range[1] < 700, `zoomed to ${zoomed.range}`);
    await whole.click();
    assert.ok((await drawn(loss)).range[1] >= 840);
    await whole.waitFor({ state: 'hidden' });
  });

  test('a run that is being written is followed, line by line, to its end', async () => {
    const run = growingRun(lab().lab.folder, 400);
    run.write(120, 'running');
    const bundle = JSON.stringify({ [MIME_TYPES.training]: run.record(120), 'text/plain': 'the static form' });
    const source = `import json\nfrom IPython.display import display\ndisplay(json.loads(${JSON.stringify(bundle)}), raw=True)`;
    const notebook = await lab().open('loss-live', [{ source }], 'tradewind');
    await notebook.run(0);
    const loss = notebook.panel.locator('.tw-loss');
    await loss.getByText('● live').waitFor();
    await loss.getByText('step 120 of 400').waitFor();

    run.write(260, 'running');
    await loss.getByText('step 260 of 400').waitFor();
    await lastStep(loss, 260);
    // Times come with the lines: the horizontal axis may now be time.
    await loss.getByRole('button', { name: 'time', exact: true }).click();
    assert.ok((await drawn(loss)).range[1] > 20);
    await loss.getByRole('button', { name: 'step', exact: true }).click();

    run.write(400, 'finished');
    await loss.getByText('finished').waitFor();
    await lastStep(loss, 400);
    assert.match((await loss.locator('[data-metric=loss] dd').textContent())!, /^0\.\d+/);
    await lab().pictures(loss, 'loss-live');
  });
}

/** Waits until the first curve reaches a step. */
async function lastStep(loss: Locator, step: number): Promise<void> {
  const picture = await loss.locator('.tw-picture').elementHandle();
  await loss.page().waitForFunction(
    ({ node, least }) => {
      const { data } = node as unknown as { data?: { x: number[] }[] };
      return (data?.[0]?.x.at(-1) ?? 0) >= least;
    },
    { node: picture, least: step },
  );
}

/** A run folder that grows as a trainer would make it grow. */
function growingRun(root: string, steps: number) {
  const folder = join(root, 'runs', 'growing');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.yaml'), 'run: growing\n');
  const lines = metricsLines(steps);
  let written = 0;
  return {
    record: (done: number) => {
      const record = trainingRecord(steps, folder, done);
      record.run.name = 'growing';
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
