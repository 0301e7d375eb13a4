// Outputs that try to run scripts, outputs of notebooks that nobody trusts, and the static form where the widgets are switched off.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { bundleOf, KINDS } from '../../kernel/src/display/bundle.ts';
import type { TradewindRecord } from '../../kernel/src/records/index.ts';
import { MIME_TYPES } from '../../kernel/src/records/record.ts';
import { poison, SAMPLES } from '../display/samples.ts';
import { type Harness, saved, trust } from './harness.ts';
import { chipsRecord, hostileChips, hostileReport, hostileSkill, hostileTraining, trainingRecord } from './records.ts';

/** Ways out of an element's text, an attribute's value, a style, a comment, and into a link. */
const ATTACKS = [
  '<script>window.hostile = 1</script><img src=x onerror="window.hostile = 1">',
  '" onmouseover="window.hostile = 1" autofocus onfocus="window.hostile = 1" x="',
  "' onmouseover='window.hostile = 1' autofocus onfocus='window.hostile = 1' x='",
  '</style></title></textarea><svg onload="window.hostile = 1"></svg>',
  '--><iframe srcdoc="<script>parent.hostile = 1</script>"></iframe>',
  'javascript:window.hostile=1//',
  '&lt;script&gt;window.hostile = 1&lt;/script&gt;&#60;b&#62;',
];

interface KernelOwner {
  session: { kernel: { requestCommInfo(content: object): Promise<{ content: { comms: object } }> } } | null;
}

/** In the page: touches all that can be touched, and tells what there is that could run. */
async function provoke() {
  const faults: string[] = [];
  for (const one of document.querySelectorAll('main *')) {
    if (/^(script|iframe|object|embed|form|base|link|meta)$/i.test(one.tagName)) faults.push(one.tagName);
    for (const { name, value } of one.attributes) {
      if (/^on/i.test(name) || /^\s*javascript:/i.test(value)) faults.push(`${one.tagName} ${name}=${value}`);
    }
    for (const kind of ['mouseover', 'focus', 'click']) one.dispatchEvent(new Event(kind, { bubbles: true }));
  }
  await new Promise((resolve) => setTimeout(resolve, 30));
  return { faults, ran: 'hostile' in window, text: document.querySelector('main')!.textContent ?? '' };
}

/** Comms that widgets in outputs have opened to the open notebook's kernel. */
function openComms({ page }: Harness): Promise<string[]> {
  return page.evaluate(async () => {
    const app = (window as unknown as { jupyterapp: { shell: { currentWidget: { sessionContext: KernelOwner } } } }).jupyterapp;
    const { kernel } = app.shell.currentWidget.sessionContext.session!;
    const targets = ['tradewind.loss', 'tradewind.skill'];
    const lists = await Promise.all(targets.map(async (target_name) => (await kernel.requestCommInfo({ target_name })).content.comms));
    return lists.flatMap((list) => Object.keys(list));
  });
}

/** The brightness of an image's ground on the page, 0 … 255: its upper left corner is empty. */
async function groundOf(image: Locator): Promise<number> {
  const shot = (await image.screenshot()).toString('base64');
  return image.page().evaluate(async (base64) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(6, 6, 1, 1).data[1]!;
  }, shot);
}

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
      const { name } = await saved(skill.getByRole('button', { name: `Save as ${format}` }));
      assert.match(name, /^skill-[\p{L}\p{N}._-]+$/u);
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

  for (const attack of ATTACKS) {
    test(`the static form of every kind of record takes ${attack} for text`, async () => {
      const page = await lab().page.context().browser()!.newPage();
      try {
        // Unescaped it would be found.
        await page.setContent(`<main><p title="${attack}"></p><p title='${attack}'></p><a href="${attack}">a</a>${attack}</main>`);
        const bare = await page.evaluate(provoke);
        assert.ok(bare.ran || bare.faults.length > 0 || !bare.text.includes(attack));
        await page.evaluate(() => Reflect.deleteProperty(window, 'hostile'));
        for (const kind of KINDS) {
          const { 'text/html': html } = await bundleOf(poison(SAMPLES[kind] as TradewindRecord, attack));
          // Not JupyterLab's page, which cleans what it shows: nbconvert and code-hosting pages put it in as it is.
          await page.setContent(`<!doctype html><main>${html}</main>`);
          const state = await page.evaluate(provoke);
          assert.deepEqual(state.faults, [], kind);
          assert.equal(state.ran, false, kind);
          assert.ok(state.text.includes(attack), `${kind} shows nothing of it, so that nothing was tried`);
        }
      } finally {
        await page.close();
      }
    });
  }

  test('a notebook that nobody trusts shows static forms alone, with a kernel or without, until it is trusted', async () => {
    const records = [chipsRecord(), trainingRecord(200, '/nowhere'), SAMPLES.skill, hostileReport(), hostileChips()];
    const bundles = await Promise.all(records.map(bundleOf));
    const cells = bundles.map((data) => ({ source: '1', outputs: [{ data }] }));
    for (const kernel of [undefined, 'tradewind']) {
      const notebook = await lab().open('untrusted', cells, kernel, false);
      for (const at of cells.keys()) await notebook.cell(at).locator('.jp-RenderedHTML').filter({ hasText: /\w/ }).waitFor();
      assert.equal(await notebook.panel.locator('.tw-widget').count(), 0);
      const pictures = await notebook
        .cell(2)
        .locator('img')
        .evaluateAll((nodes) => nodes.map((one) => (one as HTMLImageElement).naturalWidth));
      assert.ok(pictures.length > 2 && pictures.every((width) => width > 0), 'maps and curves are there as images');
      const outputs = notebook.panel.locator('.jp-OutputArea-output');
      await outputs.evaluateAll((nodes) => {
        for (const node of nodes.flatMap((one) => [...one.querySelectorAll('*')]))
          for (const kind of ['mouseover', 'focus']) node.dispatchEvent(new Event(kind, { bubbles: true }));
      });
      assert.equal(await lab().page.evaluate(() => 'hostile' in window), false);
      const active = await outputs.locator('script, iframe, object, embed, form, [onerror], [onload]').count();
      assert.equal(active, 0);
      if (!kernel) {
        await notebook
          .cell(0)
          .locator('.jp-RenderedHTML')
          .screenshot({ path: lab().pictureOf('untrusted-chips') });
        await lab().pictures(notebook.cell(2).locator('.jp-RenderedHTML'), 'untrusted-skill');
        const map = notebook.cell(2).locator('img').first();
        await lab().theme('dark');
        const dark = await groundOf(map);
        await lab().theme('light');
        assert.deepEqual([dark, await groundOf(map)], [0x11, 0xff]);
      } else assert.deepEqual(await openComms(lab()), []);
    }
    await trust(lab().page);
    await lab().page.locator('.tw-chips table').first().waitFor();
    await lab().page.locator('.tw-skill .tw-map').first().waitFor();
  });

  test('static pictures are light and dark with the page that nbconvert makes, whatever the computer prefers', async () => {
    const { 'text/html': html } = await bundleOf(SAMPLES.skill);
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await lab().page.context().browser()!.newPage({ colorScheme });
      const grounds: number[] = [];
      for (const light of [true, false]) {
        await page.setContent(`<!doctype html><body data-jp-theme-light="${light}">${html}</body>`);
        grounds.push(await groundOf(page.locator('img').first()));
      }
      assert.deepEqual(grounds, [0xff, 0x11], colorScheme);
      await page.close();
    }
  });

  test('an output of another layout version is refused in words, not misread', async () => {
    const record = { ...chipsRecord(), version: 2 };
    const notebook = await lab().open('version', [{ source: '%chips', outputs: [{ data: { [MIME_TYPES.chips]: record } }] }]);
    await notebook.panel.locator('.tw-fault').filter({ hasText: 'layout version 2' }).waitFor();
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
