/** Moves variables from one engine to another: arrays as bytes through a memory-mapped file, never through pickle. */
import { baseRecord } from '../commands/base.ts';
import { engineName } from '../engines/spec.ts';
import { TradewindError } from '../records/errors.ts';
import type { TransferRecord, TransferredVariable } from '../records/transfer.ts';
import { Carriage, FOLDERS } from './carriage.ts';
import { quietly } from './engine-use.ts';
import type { PooledEngine } from './pool.ts';
import type { SessionState } from './state.ts';

/** Copies the variables; what can't be moved is in the record with its reason, and the others go. */
export async function transfer(
  state: SessionState,
  variables: readonly string[],
  from: PooledEngine,
  to: PooledEngine,
  signal?: AbortSignal,
): Promise<TransferRecord> {
  if (from === to) {
    throw new TradewindError({
      code: 'usage',
      message: `both ends are the engine ${engineName(from.spec)}`,
      remedy: 'Name another engine; %chip lists them.',
    });
  }
  for (const { spec } of [from, to]) {
    const job = state.jobs.running(spec);
    if (!job) continue;
    throw new TradewindError({
      code: 'refused',
      message: `background cell ${job.id} runs on ${engineName(spec)}: its variables cannot be reached`,
      remedy: `Wait for it (%chip --wait) or stop it (%chip --stop ${job.id}).`,
    });
  }
  await Promise.all([state.pool.ready(from), state.pool.ready(to)]);
  const begun = performance.now();
  const packed = await callEngine<{ file: string; variables: TransferredVariable[] }>(state, from, 'pack', [FOLDERS, variables]);
  const carried = new Carriage(state, signal);
  try {
    signal?.throwIfAborted();
    const file = await carried.carry(packed.file, from, to);
    const moved = await callEngine<TransferredVariable[]>(state, to, 'unpack', file);
    const arrived = new Map(moved.map((one) => [one.name, one]));
    return {
      ...baseRecord(
        'transfer',
        { session: { active: () => to.spec } },
        to.hello && { python: to.hello.python, ipykernel: to.hello.ipykernel },
      ),
      from: engineName(from.spec),
      to: engineName(to.spec),
      seconds: (performance.now() - begun) / 1000,
      variables: packed.variables.map((one) => joined(one, arrived.get(one.name))),
    };
  } finally {
    await carried.clear();
  }
}

/** What left and what came of it: `torch.Tensor float32[3] → mindspore.Tensor float32[3]` where it changed on the way. */
function joined(sent: TransferredVariable, received: TransferredVariable | undefined): TransferredVariable {
  if (!received) return sent;
  const type = received.type && received.type !== sent.type ? `${sent.type} → ${received.type}` : sent.type;
  return { ...sent, moved: received.moved, type, seconds: sent.seconds + received.seconds, reason: received.reason };
}

/** Calls a function of `tradewind.engine.transfer` and reads the JSON that it gives. */
export async function callEngine<T>(state: SessionState, pooled: PooledEngine, action: string, words: unknown): Promise<T> {
  const argument = JSON.stringify(words);
  // An engine in the middle of a magic takes no requests: it does what is asked of it there.
  const conversation = state.conversations.get(pooled.engine.id);
  if (conversation) return JSON.parse(await conversation.ask(action, argument)) as T;
  const expression = `__import__('tradewind.engine.transfer').engine.transfer.${action}(${JSON.stringify(argument)})`;
  const reply = await quietly(state, pooled, '', { answer: expression });
  const { answer } = (reply.user_expressions ?? {}) as { answer?: ExpressionReply };
  if (answer?.status === 'ok') return JSON.parse(answer.data?.['text/plain'] ?? 'null') as T;
  throw failed(pooled, action, `${answer?.ename ?? 'no answer'}: ${answer?.evalue ?? String(reply.evalue ?? '')}`);
}

export function failed(pooled: PooledEngine, action: string, cause: string): TradewindError {
  return new TradewindError({
    code: 'process',
    message: `the engine ${engineName(pooled.spec)} could not ${action} the variables: ${cause}`,
  });
}

interface ExpressionReply {
  status: string;
  data?: Record<string, string>;
  ename?: string;
  evalue?: string;
}
