/** Reading and unpacking alone, one thread, nothing added up: `node unpacking.ts STORE… -- VARIABLE…` prints seconds of processor time as JSON. No reader of the stores takes less. */
import { chunkCache } from '../../kernel/src/evaluate/chunkCache.ts';
import { decodingOf } from '../../kernel/src/evaluate/decode.ts';
import { openStore } from '../../kernel/src/evaluate/store.ts';
import { createMachine } from '../../kernel/src/evaluate/wasm/machine.ts';

const words = process.argv.slice(2);
const [stores, variables] = [words.slice(0, words.indexOf('--')), words.slice(words.indexOf('--') + 1)];
const cache = chunkCache(createMachine(100e6));
const opened = await Promise.all(stores.map((store) => openStore(store)));
const begun = process.cpuUsage();
for (const [reader, { variables: own }] of opened.entries()) {
  for (const name of variables) {
    const variable = own.get(name)!;
    const sides = variable.shape.map((length, at) => Math.ceil(length / variable.chunks[at]!));
    const chunks = sides.reduce((all, side) => all * side, 1);
    for (let index = 0; index < chunks; index++) {
      let rest = index;
      const place = sides.toReversed().map((side) => {
        const at = rest % side;
        rest = Math.floor(rest / side);
        return at;
      });
      place.reverse();
      await cache.take(reader, variable, place, decodingOf(variable, { scale: 1, offset: 0 }));
      cache.release(reader, place, true);
    }
  }
}
const { user, system } = process.cpuUsage(begun);
console.log(JSON.stringify({ seconds: (user + system) / 1e6 }));
