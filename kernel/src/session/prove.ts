/** Each idle engine's proof of its device: a computation in the engine itself, whose device is read back (tradewind/probes/device.py). */
import { setTimeout as wait } from 'node:timers/promises';
import type { DeviceProof } from '../commands/command.ts';
import { engineName } from '../engines/spec.ts';
import { quietly } from './engine-use.ts';
import type { SessionState } from './state.ts';

/** A card that does not answer must not hold up what shows it. */
const PATIENCE_MS = 20_000;

/** `chip` of the catalogue for an engine's name (an engine of engines.yaml has a name of its own). */
export async function proveDevices(state: SessionState, chipOf: (name: string) => string): Promise<DeviceProof[]> {
  const idle = state.pool.engines.filter((pooled) => pooled.state === 'running' && !state.switchboard.busy(pooled.engine));
  const proofs = await Promise.all(
    idle.map(async (pooled): Promise<DeviceProof[]> => {
      const { chip, framework } = pooled.spec;
      const call = `__import__('tradewind.probes.device').probes.device.prove(${JSON.stringify(framework)}, ${JSON.stringify(chipOf(chip))})`;
      const late = wait(PATIENCE_MS, undefined, { ref: false });
      const reply = await Promise.race([quietly(state, pooled, '', { proof: call }).catch(() => undefined), late]);
      const answer = (reply?.user_expressions as Record<string, { status: string; data?: Record<string, string> }> | undefined)?.proof;
      const text = answer?.status === 'ok' ? answer.data?.['text/plain']?.replace(/^['"]|['"]$/g, '') : undefined;
      if (reply === undefined) return [{ chip, framework, proved: false, detail: `${engineName(pooled.spec)} gave no answer` }];
      if (!text) return [];
      return [{ chip, framework, proved: !text.startsWith('!'), detail: text.replace(/^!/, '') }];
    }),
  );
  return proofs.flat();
}
