// What a bench of a widget gives: figures beside their goals.
import type { Harness } from '../test/browser/harness.ts';

/** One measured figure beside its goal. */
export interface Figure {
  what: string;
  value: number;
  unit: string;
  /** The figure is to stay at or below it. */
  goal?: number;
}

/** Milliseconds of a frame of a 60 Hz screen. */
export const FRAME = 16;

/** Below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Megabytes that the page holds, numbers included. */
export async function pageMemory({ page }: Harness): Promise<number> {
  const client = await page.context().newCDPSession(page);
  await client.send('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize = 0 } = (await client.send('Runtime.getHeapUsage')) as {
    usedSize: number;
    backingStorageSize?: number;
  };
  return (usedSize + backingStorageSize) / 1e6;
}

/** What a file in `widgets/` exports as `bench`. */
export type WidgetBench = (lab: Harness) => Promise<Figure[]>;
