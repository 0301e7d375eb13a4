/** Run folders made by hand, for tests of what reads them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootFolder } from '../../kernel/src/processes/places.ts';
import type { StatusFile } from '../../kernel/src/train/status.ts';

export function temporaryFolder(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'tradewind-train-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export const NOW = '2026-01-02T03:04:05Z';

export function madeRun(cwd: string, name: string, status: Partial<StatusFile>, metrics = ''): string {
  const folder = join(cwd, 'runs', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.yaml'), 'framework: pytorch\n');
  writeFileSync(join(folder, 'environment.json'), JSON.stringify({ framework: 'pytorch', chip: 'cpu', model: 'Tiny', parameters: 12345 }));
  writeStatus(folder, status);
  writeFileSync(join(folder, 'metrics.jsonl'), metrics);
  return folder;
}

export function writeStatus(folder: string, status: Partial<StatusFile>): void {
  const whole = { state: 'finished', step: 4, steps: 4, epoch: 0, epochs: 1, updatedAt: NOW, ...status };
  writeFileSync(join(folder, 'status.json'), JSON.stringify(whole));
}

export const line = (step: number, more: Record<string, number> = {}) =>
  `${JSON.stringify({ step, epoch: 0, time: step, loss: 1 / step, ...more })}\n`;

/** Writes `tiny.yaml`, the training of a model that takes a second, on `ocean.zarr` beside it; `migrated`: for MindSpore too. */
export function writeTiny(cwd: string, { migrated }: { migrated: boolean }, ...sections: readonly string[]): void {
  const tiny = join(rootFolder(), 'test', 'python', 'train');
  const model = [
    `source: ${JSON.stringify(join(tiny, 'tiny.py'))}`,
    ...(migrated ? [`migrated: ${JSON.stringify(join(tiny, 'tiny_ms'))}`] : []),
    'class: Tiny',
  ];
  const lines = ['threads: 1', `model: {${model.join(', ')}}`, 'data: {store: ocean.zarr, gap_days: 3}', ...sections];
  writeFileSync(join(cwd, 'tiny.yaml'), `${lines.join('\n')}\n`);
}
