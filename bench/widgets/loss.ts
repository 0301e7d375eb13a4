// The loss widget with a million points, smoothed, while a run writes fifty lines a second.
import { closeSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { MIME_TYPES } from '../../kernel/src/records/record.ts';
import type { Harness } from '../../test/browser/harness.ts';
import { trainingRecord } from '../../test/browser/records.ts';
import { type Figure, FRAME, pageMemory, quantile } from '../figures.ts';

const POINTS = 1_000_000;
const UPDATES_PER_SECOND = 50;
const SECONDS = 20;

export async function bench(lab: Harness): Promise<Figure[]> {
  const run = millionRun(join(lab.lab.folder, 'runs', 'million'));
  run.write(POINTS);
  const record = trainingRecord(200, run.folder, 100);
  const bundle = JSON.stringify({ [MIME_TYPES.training]: record, 'text/plain': 'the static form' });
  const source = `import json\nfrom IPython.display import display\ndisplay(json.loads(${JSON.stringify(bundle)}), raw=True)`;
  const notebook = await lab.open('million', [{ source }], 'tradewind');
  const begun = performance.now();
  await notebook.run(0);
  const loss = notebook.panel.locator('.tw-loss');
  await loss
    .getByText(`step ${POINTS.toLocaleString('en-US')} of`)
    .first()
    .waitFor({ timeout: 120_000 });
  const caughtUp = (performance.now() - begun) / 1000;
  await loss.getByLabel('Smoothing').fill('0.99');
  await loss.locator('canvas').scrollIntoViewIfNeeded();

  await lab.page.evaluate(measureFrames);
  for (let update = 1; update <= UPDATES_PER_SECOND * SECONDS; update++) {
    const due = wait(1000 / UPDATES_PER_SECOND);
    run.write(1);
    await due;
  }
  const { drawing, intervals } = await lab.page.evaluate(() => (window as unknown as { tradewindFrames: Frames }).tradewindFrames);
  return [
    { what: 'points on the picture, with a smoothed line of as many', value: run.written(), unit: '' },
    { what: 'catching up with the file, the cell’s run included', value: caughtUp, unit: 's' },
    { what: `pictures drawn in ${SECONDS} s of ${UPDATES_PER_SECOND} updates a second`, value: drawing.length, unit: '' },
    { what: 'drawing a picture, median', value: quantile(drawing, 0.5), unit: 'ms', goal: FRAME },
    { what: 'drawing a picture, 99 of 100', value: quantile(drawing, 0.99), unit: 'ms', goal: FRAME },
    { what: 'from one frame of the screen to the next, median', value: quantile(intervals, 0.5), unit: 'ms' },
    { what: 'from one frame of the screen to the next, 95 of 100', value: quantile(intervals, 0.95), unit: 'ms' },
    { what: 'memory of the page, numbers included', value: await pageMemory(lab), unit: 'MB' },
  ];
}

interface Frames {
  /** Milliseconds of script in a frame that drew. */
  drawing: number[];
  /** Milliseconds between two frames. */
  intervals: number[];
}

/** In the page: times what is done in frames, which is where the widget draws, and the frames themselves. */
function measureFrames(): void {
  const frames: Frames = { drawing: [], intervals: [] };
  (window as unknown as { tradewindFrames: Frames }).tradewindFrames = frames;
  const native = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (callback) =>
    native((time) => {
      const begun = performance.now();
      callback(time);
      frames.drawing.push(performance.now() - begun);
    });
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    frames.intervals.push(now - last);
    last = now;
    native(tick);
  };
  native(tick);
}

/** A run that writes noise round a falling loss, with a spike here and there. */
function millionRun(folder: string) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.yaml'), 'seed: 1\n');
  let step = 0;
  return {
    folder,
    written: () => step,
    write(lines: number): void {
      const file = openSync(join(folder, 'metrics.jsonl'), 'a');
      let text = '';
      for (const last = step + lines; step < last; ) {
        step++;
        const value = 0.1 + 3 / (1 + step / 5e4) + 0.2 * Math.random() + (step % 99_991 === 0 ? 5 : 0);
        text += `${JSON.stringify({ step, epoch: Math.floor((step - 1) / 1e4), time: step / 100, loss: value })}\n`;
        if (text.length > 1 << 20 || step === last) {
          writeSync(file, text);
          text = '';
        }
      }
      closeSync(file);
      const status = { pid: process.pid, state: 'running', step, steps: 2 * POINTS, epoch: 1, epochs: 200, rate: UPDATES_PER_SECOND };
      writeFileSync(join(folder, '.status.new'), JSON.stringify({ ...status, updatedAt: new Date().toISOString() }));
      renameSync(join(folder, '.status.new'), join(folder, 'status.json'));
    },
  };
}
