/** This machine's processor and memory, as the system reports them (a container's limit where there is one). */
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import type { Card } from '../records/chips.ts';

export function processor(): Card {
  const limit = process.constrainedMemory();
  const total = limit > 0 && limit < totalmem() ? limit : totalmem();
  const used = limit > 0 && limit < totalmem() ? limit - process.availableMemory() : totalmem() - freemem();
  const cores = availableParallelism();
  const model = cpus()[0]?.model.trim() || process.arch;
  return {
    index: 0,
    name: `${model}, ${cores} ${cores === 1 ? 'core' : 'cores'}`,
    memoryTotalMB: Math.round(total / 2 ** 20),
    memoryUsedMB: Math.round(Math.max(0, used) / 2 ** 20),
  };
}
