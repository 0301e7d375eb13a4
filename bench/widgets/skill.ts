// The skill map of two forecasts on a 0.25° grid: first picture, another lead, a drawn area, what the notebook holds.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleOf } from '../../kernel/src/display/bundle.ts';
import type { SkillRecord } from '../../kernel/src/records/skill.ts';
import type { Harness } from '../../test/browser/harness.ts';
import { type Figure, FRAME, pageMemory, quantile } from '../figures.ts';

const LEADS = 8;

/** Waves on 721 × 1440 cells with a third of land, and two forecasts that lag behind them. */
const DATA = `
import numpy as np, xarray as xr
latitude, longitude = np.arange(721) * 0.25 - 90, np.arange(1440) * 0.25 - 180
L, B = np.meshgrid(np.deg2rad(longitude), np.deg2rad(latitude))
land = (np.sin(3 * L) * np.cos(2 * B) + 0.4 * np.sin(7 * B + L)) > 0.55
waves = [(np.sin(k * L + 3 * B * m + k) * np.cos(m * B)).astype("f4") for k, m in ((2, 3), (5, 4), (9, 7), (23, 11))]
def field(day, size=1.0):
    values = sum(np.cos(0.13 * (i + 1) * day + i) * wave for i, wave in enumerate(waves)) * size + 15 * np.cos(B)
    return np.where(land, np.nan, values).astype("f4")
starts, leads = np.array([0, 2]), np.arange(1, ${LEADS + 1})
days = (np.datetime64("2001-01-01") + np.arange(0, ${LEADS + 3})).astype("datetime64[ns]")
place = dict(latitude=latitude, longitude=longitude)
units = {"units": "degC"}
truth = np.stack([field(day) for day in range(len(days))])
xr.Dataset({"T0": (("time", "latitude", "longitude"), truth, units)}, dict(time=days, **place)).to_zarr("truth.zarr", mode="w", zarr_format=3)
for name, size in (("one", 0.9), ("two", 0.93)):
    values = np.stack([np.stack([field(start + 0.8 * lead, size) for lead in leads]) for start in starts])
    coordinates = dict(time=days[starts], lead_time=("lead_time", leads * 24, {"units": "hours"}), **place)
    data = xr.Dataset({"T0": (("time", "lead_time", "latitude", "longitude"), values, units)}, coordinates)
    data.to_zarr(name + ".zarr", mode="w", zarr_format=3, encoding={"T0": {"chunks": (1, 1, 721, 1440)}})
`.trim();

export async function bench(lab: Harness): Promise<Figure[]> {
  const evaluate = '%evaluate one.zarr two.zarr --truth truth.zarr --variables T0 -o large.zarr --json large.json';
  const show = 'from IPython.display import display\nimport json\ndisplay(json.load(open("bundle.json")), raw=True)';
  const notebook = await lab.open('large', [{ source: DATA }, { source: evaluate }, { source: show }], 'tradewind');
  await notebook.run(0);
  await notebook.run(1);
  const record = JSON.parse(readFileSync(join(lab.lab.folder, 'large.json'), 'utf8')) as SkillRecord;
  const bundle = await bundleOf(record);
  writeFileSync(join(lab.lab.folder, 'bundle.json'), JSON.stringify(bundle));
  // The widget's code is loaded once for a page: the first output has done that.
  await notebook.cell(1).locator('.tw-skill').getByText('721 × 1440 cells, exact').waitFor({ timeout: 60_000 });
  await lab.page.evaluate(watchFirstPicture);
  await notebook.run(2);
  const skill = notebook.cell(2).locator('.tw-skill');
  await skill.getByText('721 × 1440 cells, exact').waitFor({ timeout: 60_000 });
  const { picture, exact } = await lab.page.evaluate(() => (window as unknown as { tradewindPicture: Picture }).tradewindPicture);

  const slider = skill.getByRole('slider', { name: 'Lead time' });
  for (let lead = 0; lead < LEADS; lead++) {
    await slider.fill(String(lead));
    await skill.getByText('721 × 1440 cells, exact').waitFor();
  }
  await skill.locator('.tw-chart-note', { hasText: 'Band: 95 %' }).first().waitFor();
  const leads = {
    event: 'input',
    values: Array.from({ length: 3 * LEADS }, (_, at) => (at * 3) % LEADS),
    rest: 100,
    frames: 'all',
  } as const;
  const three = await slider.evaluate(timeChanges, leads);
  await skill.getByRole('button', { name: 'A', exact: true }).click();
  await skill.getByLabel('projection').selectOption('equal-earth');
  await skill.getByText('721 × 1440 cells, exact').waitFor();
  const one = await slider.evaluate(timeChanges, leads);
  await skill.getByLabel('area', { exact: true }).selectOption({ label: 'A box by its edges …' });
  const edges = { event: 'change', values: Array.from({ length: 9 }, (_, at) => 20 + at), rest: 700, frames: 'first' } as const;
  const area = await skill.locator('.tw-edge').nth(1).evaluate(timeChanges, edges);
  return [
    { what: 'first picture after the output is there', value: picture, unit: 'ms', goal: 1000 },
    { what: 'every cell of three maps on the screen', value: exact, unit: 'ms' },
    { what: 'another lead on three maps with their curves, median', value: quantile(three, 0.5), unit: 'ms', goal: FRAME },
    { what: 'another lead on three maps with their curves, 95 of 100', value: quantile(three, 0.95), unit: 'ms', goal: FRAME },
    { what: 'another lead on one map, Equal Earth, median', value: quantile(one, 0.5), unit: 'ms', goal: FRAME },
    { what: 'another lead on one map, Equal Earth, 95 of 100', value: quantile(one, 0.95), unit: 'ms', goal: FRAME },
    { what: 'curves of another box, from the sums in the browser, median', value: quantile(area, 0.5), unit: 'ms', goal: 100 },
    { what: 'the output in the notebook file, static picture included', value: JSON.stringify(bundle).length / 1e3, unit: 'kB', goal: 300 },
    { what: 'memory of the page, two such outputs', value: await pageMemory(lab), unit: 'MB' },
  ];
}

interface Picture {
  /** Milliseconds from the moment that the output's element is there. */
  picture: number;
  exact: number;
}

/** In the page: when the next skill map's element comes, when its first map is painted, and when it says that every cell is shown. */
function watchFirstPicture(): void {
  const times: Picture = { picture: Number.NaN, exact: Number.NaN };
  (window as unknown as { tradewindPicture: Picture }).tradewindPicture = times;
  const before = new Set(document.querySelectorAll('.tw-skill'));
  let begun = Number.NaN;
  const tick = () => {
    const output = [...document.querySelectorAll('.tw-skill')].find((node) => !before.has(node));
    if (output && Number.isNaN(begun)) begun = performance.now();
    const canvas = output?.querySelector<HTMLCanvasElement>('.tw-map-canvas');
    const middle = canvas?.width ? canvas.getContext('2d')!.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data : undefined;
    if (Number.isNaN(times.picture) && middle?.[3] === 255) times.picture = performance.now() - begun;
    if (/721 × 1440 cells/.test(output?.querySelector('.tw-skill-readout')?.textContent ?? '')) times.exact = performance.now() - begun;
    if (Number.isNaN(times.exact)) requestAnimationFrame(tick);
  };
  tick();
}

interface Changes {
  event: 'input' | 'change';
  /** What the control is set to, one after the other. */
  values: readonly number[];
  /** Milliseconds between two changes. */
  rest: number;
  /** Frames whose drawing counts: of a change that the kernel answers, the first alone. */
  frames: 'all' | 'first';
}

/** In the page: script from each change of a control to the end of the frames' drawing. */
async function timeChanges(node: unknown, { event, values, rest, frames }: Changes): Promise<number[]> {
  const control = node as HTMLInputElement;
  const native = window.requestAnimationFrame.bind(window);
  let drawing = 0;
  window.requestAnimationFrame = (callback) =>
    native((time) => {
      const begun = performance.now();
      callback(time);
      if (frames === 'all' || drawing === 0) drawing += performance.now() - begun;
    });
  const found: number[] = [];
  for (const value of values) {
    drawing = 0;
    control.value = String(value);
    const begun = performance.now();
    control.dispatchEvent(new Event(event));
    const script = performance.now() - begun;
    await new Promise((resolve) => setTimeout(resolve, rest));
    found.push(script + drawing);
  }
  window.requestAnimationFrame = native;
  return found;
}
