// One JupyterLab and one Chromium for all browser tests, and what the tests do with them: open notebooks, run cells, take pictures.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { rootFolder } from '../../kernel/src/processes/places.ts';
import { findChromium } from '../../setup/chromium.mjs';
import { type Lab, startLab } from './lab.ts';

export interface Output {
  data: Record<string, unknown>;
  metadata?: Record<string, unknown>;
}

export interface Cell {
  source: string;
  outputs?: Output[];
}

export interface Harness {
  lab: Lab;
  page: Page;
  /**
   * Writes a notebook into the lab's folder and opens it in the place of the one before; waits for an idle kernel where one is asked for.
   * A notebook that comes from elsewhere is not trusted: `trusted` false leaves it so, else it is trusted as the command "Trust Notebook" does.
   */
  open(name: string, cells: Cell[], kernel?: string, trusted?: boolean): Promise<Notebook>;
  theme(name: 'light' | 'dark'): Promise<void>;
  /** A picture of `locator` in `test/results/screenshots`, light, dark and narrow (480 px). */
  pictures(locator: Locator, name: string): Promise<void>;
  /** The file of a single picture. */
  pictureOf(name: string): string;
  /** Restarts the open notebook's kernel, and waits until it is idle. */
  restart(): Promise<void>;
  /** A second page on which an extension is switched off, showing a notebook of these cells. */
  without(extension: string, cells: Cell[]): Promise<{ page: Page; close(): Promise<void> }>;
  /** What pages reported as errors, uncaught ones above all. */
  errors: string[];
  stop(): Promise<void>;
}

export interface Notebook {
  panel: Locator;
  cell(index: number): Locator;
  /** Runs a cell and waits until it has its number. */
  run(index: number): Promise<void>;
  /** Starts a cell without waiting. */
  start(index: number): Promise<void>;
}

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--force-color-profile=srgb'],
];
const WIDE = { width: 1180, height: 900 };
/** Leaves 480 px for the output. */
const NARROW = 610;
export const CELL_LIMIT = 90_000;
const screenshots = join(rootFolder(), 'test', 'results', 'screenshots');

/** JupyterLab's own application object, which the server was asked to show. */
interface App {
  started: Promise<void>;
  restored: Promise<void>;
  commands: { execute(id: string, args?: object): Promise<unknown> };
  shell: { currentWidget: NotebookWidget; widgets(area: string): Iterable<NotebookWidget> };
}

interface NotebookWidget {
  id: string;
  context: { ready: Promise<void> };
  content: { model: { cells: Iterable<{ trusted: boolean }> } };
  sessionContext?: { kernelPreference: object; session?: { kernel?: { restart(): Promise<void> } } };
  dispose(): void;
}

export async function startHarness(): Promise<Harness> {
  const executablePath = findChromium();
  assert.ok(executablePath, 'the browser tests need Chromium or Chrome: set TRADEWIND_CHROMIUM to its path');
  const lab = await startLab();
  let browser: Browser | undefined;
  try {
    browser = await chromium.launch({ executablePath, args: FLAGS, headless: true });
    const page = await browser.newPage({ viewport: WIDE, deviceScaleFactor: 1.25 });
    page.setDefaultTimeout(20_000);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.stack ?? String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(`${lab.url}lab?token=${lab.token}&reset`);
    await page.waitForFunction(() => 'jupyterapp' in window);
    await page.evaluate(async () => {
      const app = (window as unknown as { jupyterapp: App }).jupyterapp;
      await app.restored;
    });
    await execute(page, 'application:set-mode', { mode: 'single-document' });
    await execute(page, 'application:toggle-left-area').catch(() => undefined);
    return harness(lab, browser, page, errors);
  } catch (error) {
    await browser?.close();
    await lab.stop();
    throw error;
  }
}

function harness(lab: Lab, browser: Browser, page: Page, errors: string[]): Harness {
  mkdirSync(screenshots, { recursive: true });

  const theme = async (name: 'light' | 'dark') => {
    await execute(page, 'apputils:change-theme', { theme: name === 'light' ? 'JupyterLab Light' : 'JupyterLab Dark' });
    await page.waitForFunction((light) => document.body.dataset.jpThemeLight === light, String(name === 'light'));
    // JupyterLab covers itself while the theme changes.
    await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' });
  };

  return {
    lab,
    page,
    errors,
    theme,
    async open(name, cells, kernel, trusted = true) {
      await closeAll(page);
      const path = `${name}.ipynb`;
      writeFileSync(join(lab.folder, path), JSON.stringify(notebookFile(cells, kernel), null, 1));
      const kernelPreference = kernel ? undefined : { shouldStart: false, autoStartDefault: false };
      await execute(page, 'docmanager:open', { path, factory: 'Notebook', ...(kernelPreference && { kernelPreference }) });
      const id = await page.evaluate(() => (window as unknown as { jupyterapp: App }).jupyterapp.shell.currentWidget.id);
      const panel = page.locator(`[id="${id}"]`);
      await panel
        .locator('.jp-Cell')
        .nth(cells.length - 1)
        .waitFor();
      if (trusted) await trust(page);
      if (kernel) await idle(page);
      return notebook(page, panel);
    },
    async pictures(locator, name) {
      const take = async (variant: string, width: number) => {
        await page.setViewportSize({ width, height: WIDE.height });
        const tall = await locator.evaluate((node) => Math.ceil(node.getBoundingClientRect().height));
        await page.setViewportSize({ width, height: Math.max(WIDE.height, tall + 260) });
        await locator.evaluate((node) => node.scrollIntoView({ block: 'center' }));
        // Two frames: one for layout, one for what observers draw after it.
        await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
        await locator.screenshot({ path: join(screenshots, `${name}-${variant}.png`) });
      };
      await take('light', WIDE.width);
      await theme('dark');
      await take('dark', WIDE.width);
      await theme('light');
      await take('narrow', NARROW);
      await page.setViewportSize(WIDE);
    },
    pictureOf: (name) => join(screenshots, `${name}.png`),
    async restart() {
      await page.evaluate(async () => {
        const { shell } = (window as unknown as { jupyterapp: App }).jupyterapp;
        await shell.currentWidget.sessionContext?.session?.kernel?.restart();
      });
      await idle(page);
    },
    async without(extension, cells) {
      const file = join(lab.configuration, 'labconfig', 'page_config.json');
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, JSON.stringify({ disabledExtensions: { [extension]: true } }));
      const other = await browser.newPage({ viewport: WIDE });
      writeFileSync(join(lab.folder, 'without.ipynb'), JSON.stringify(notebookFile(cells, undefined)));
      await other.goto(`${lab.url}doc/tree/without.ipynb?token=${lab.token}&reset`);
      // It asks for a kernel; none is wanted.
      await other.locator('.jp-Dialog', { hasText: 'Select Kernel' }).waitFor();
      await other.keyboard.press('Escape');
      await other.locator('.jp-Dialog').waitFor({ state: 'detached' });
      return {
        page: other,
        async close() {
          rmSync(file);
          await other.close();
        },
      };
    },
    async stop() {
      await browser.close();
      await lab.stop();
    },
  };
}

function notebook(page: Page, panel: Locator): Notebook {
  const cell = (index: number) => panel.locator('.jp-CodeCell').nth(index);
  const start = async (index: number) => {
    await cell(index).locator('.jp-InputArea-editor').click();
    await page.keyboard.press('Control+Enter');
  };
  return {
    panel,
    cell,
    start,
    async run(index) {
      await start(index);
      const prompt = cell(index).locator('.jp-InputPrompt');
      await prompt.filter({ hasText: /\[\d+\]:/ }).waitFor({ timeout: CELL_LIMIT });
    },
  };
}

/** What "Trust Notebook" does once its question is answered. */
export async function trust(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const { shell } = (window as unknown as { jupyterapp: App }).jupyterapp;
    await shell.currentWidget.context.ready;
    for (const cell of shell.currentWidget.content.model.cells) cell.trusted = true;
  });
}

/** Closes every document, unsaved, and ends their kernels. */
async function closeAll(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { shell } = (window as unknown as { jupyterapp: App }).jupyterapp;
    for (const widget of [...shell.widgets('main')]) {
      const { sessionContext } = widget;
      if (sessionContext) sessionContext.kernelPreference = { ...sessionContext.kernelPreference, shutdownOnDispose: true };
      widget.dispose();
    }
  });
}

/** The file that a button saves. */
export async function saved(button: Locator): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([button.page().waitForEvent('download'), button.click()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

export async function execute(page: Page, id: string, args: object = {}): Promise<void> {
  await page.evaluate(
    async ([command, options]) => {
      await (window as unknown as { jupyterapp: App }).jupyterapp.commands.execute(command as string, options as object);
    },
    [id, args],
  );
}

/** Waits until the status bar says that the kernel is idle: what is typed before is lost. */
export async function idle(page: Page): Promise<void> {
  await page.locator('#jp-main-statusbar', { hasText: /\| Idle/ }).waitFor({ timeout: CELL_LIMIT });
}

function notebookFile(cells: Cell[], kernel: string | undefined): object {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: kernel ? { kernelspec: { name: kernel, display_name: kernel, language: 'python' }, language_info: { name: 'python' } } : {},
    cells: cells.map(({ source, outputs = [] }, at) => ({
      id: `cell-${at}`,
      cell_type: 'code',
      metadata: {},
      execution_count: outputs.length ? at + 1 : null,
      source,
      outputs: outputs.map(({ data, metadata = {} }) => ({ output_type: 'display_data', data, metadata })),
    })),
  };
}
