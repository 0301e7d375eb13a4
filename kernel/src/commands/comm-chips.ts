/** The comm `tradewind.chips`: the toolbar's selector and the table of chips ask for the state, switch, and are told of changes. */
import { type Detection, detect } from '../chips/index.ts';
import { isFramework } from '../records/chips.ts';
import { describe } from '../records/errors.ts';
import { recordOf } from './chips-record.ts';
import type { CommTarget } from './comm.ts';

export const target: CommTarget = {
  name: 'tradewind.chips',
  open(channel, _, context) {
    const { cwd, environment, session } = context;
    const controller = new AbortController();
    let detection: Promise<Detection> | undefined;

    const fail = (error: unknown) => {
      if (!controller.signal.aborted) channel.send({ type: 'error', message: describe(error) });
    };
    /** What is here is looked for once (and again when asked); the engines' states are of the moment. */
    const send = async (again: boolean) => {
      if (again || !detection) detection = detect({ cwd, environment, signal: controller.signal });
      const record = recordOf(await detection, session, false);
      if (!controller.signal.aborted) channel.send({ type: 'state', record });
    };
    let waiting: NodeJS.Timeout | undefined;
    // An engine that starts changes state several times in a moment: one message tells the last.
    const forget = context.onChange(() => {
      waiting ??= setTimeout(() => {
        waiting = undefined;
        if (detection) send(false).catch(fail);
      }, 50);
    });

    return {
      // Not awaited: other comms' messages go on while an engine starts.
      message(data) {
        if (data.type === 'list') send(true).catch(fail);
        else if (data.type === 'switch' && typeof data.chip === 'string' && (data.framework === undefined || isFramework(data.framework))) {
          session
            .switchTo(data.chip, data.framework)
            .then(() => send(false))
            .catch(fail);
        } else
          channel.send({ type: 'error', message: `tradewind.chips does not know this message: ${JSON.stringify(data).slice(0, 200)}` });
      },
      closed() {
        controller.abort();
        clearTimeout(waiting);
        forget();
      },
    };
  },
};
