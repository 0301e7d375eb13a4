/** The comm `tradewind.monitor`: the sidebar's panel is given the last hour, and then every look at the meters while it is open. */
import { describe } from '../records/errors.ts';
import type { CommTarget } from './comm.ts';
import { monitorOf } from './monitors.ts';

/** Seconds between two looks. */
const INTERVAL = 2;

export const target: CommTarget = {
  name: 'tradewind.monitor',
  open(channel, _, context) {
    let stop: (() => void) | undefined;
    const rest = () => {
      stop?.();
      stop = undefined;
    };

    async function watch(): Promise<void> {
      if (stop) return;
      const monitor = monitorOf(context);
      let told = false;
      stop = monitor.watch(INTERVAL, (samples) => {
        if (told) channel.send({ type: 'samples', samples });
      });
      const mine = stop;
      const power = await monitor.power;
      // The panel may have been closed meanwhile.
      if (stop !== mine) return;
      channel.send({ type: 'history', cards: monitor.cards(), power });
      told = true;
    }

    return {
      message(data) {
        if (data.type === 'rest') rest();
        else if (data.type === 'watch') watch().catch((error) => channel.send({ type: 'error', message: describe(error) }));
        else
          channel.send({ type: 'error', message: `tradewind.monitor does not know this message: ${JSON.stringify(data).slice(0, 200)}` });
      },
      closed: rest,
    };
  },
};
