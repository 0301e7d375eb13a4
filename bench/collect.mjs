// Loaded into a kernel under bench/engines.py: on SIGUSR2 it collects garbage and writes what is held, so that a leak is told from V8's spare room.
import { writeFileSync } from 'node:fs';
import v8 from 'node:v8';
import vm from 'node:vm';

if (process.env.TRADEWIND_BENCH_HELD && process.argv[1]?.endsWith('main.mjs')) {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc');
  process.on('SIGUSR2', () => {
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    writeFileSync(process.env.TRADEWIND_BENCH_HELD, `${heapUsed + external}\n`);
  });
}
