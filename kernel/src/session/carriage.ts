/**
 * A transfer's file on its way between machines: local engines map the same file; to and from a remote one it goes through the kernel
 * in parts, as binary buffers on the control channel, which is heard while a cell runs.
 */
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineName } from '../engines/spec.ts';
import { TradewindError } from '../records/errors.ts';
import type { Json } from '../wire/message.ts';
import type { PooledEngine } from './pool.ts';
import type { SessionState } from './state.ts';

/** Shared memory first: what lies there is copied once and mapped by the receiver. An engine elsewhere takes the first that it has. */
export const FOLDERS = process.platform === 'linux' ? ['/dev/shm', tmpdir(), '/tmp'] : [tmpdir(), '/tmp'];

/** A part; Jupyter servers take messages of 10 MiB at most. */
const PART = 4 * 2 ** 20;
/** Parts under way at once, so that a long line is filled. */
const AHEAD = 4;

export class Carriage {
  readonly #state: SessionState;
  readonly #signal: AbortSignal | undefined;
  /** What has to go afterwards. */
  readonly #clearing: (() => Promise<unknown>)[] = [];

  constructor(state: SessionState, signal: AbortSignal | undefined) {
    this.#state = state;
    this.#signal = signal;
  }

  /** The path of the file where `to` runs; `file` is the path where `from` runs. */
  async carry(file: string, from: PooledEngine, to: PooledEngine): Promise<string> {
    let here = file;
    if (from.spec.place === 'local') this.#clearing.push(() => rm(file, { force: true }));
    else {
      this.#clearing.push(() => this.#ask(from, 'remove', { file }));
      here = await this.#fetch(from, file);
    }
    return to.spec.place === 'local' ? here : this.#send(to, here);
  }

  /** Removes the files on all machines. */
  async clear(): Promise<void> {
    await Promise.allSettled(this.#clearing.map((one) => one()));
  }

  async #fetch(from: PooledEngine, file: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'tradewind-'));
    this.#clearing.push(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'variables');
    const target = await open(path, 'wx', 0o600);
    const part = async (offset: number) => {
      const { content, buffers } = await this.#ask(from, 'read', { file, offset, length: PART });
      await target.write(buffers[0]!, 0, buffers[0]!.length, offset);
      return Number(content.size);
    };
    try {
      await this.#others(await part(0), part);
    } finally {
      await target.close();
    }
    return path;
  }

  async #send(to: PooledEngine, path: string): Promise<string> {
    const { size } = await stat(path);
    const source = await open(path, 'r');
    let file: string | null = null;
    const part = async (offset: number) => {
      const length = Math.min(PART, size - offset);
      const { buffer } = await source.read(Buffer.alloc(length), 0, length, offset);
      const { content } = await this.#ask(to, 'write', { file, folders: FOLDERS, size, offset }, [buffer]);
      return String(content.file);
    };
    try {
      file = await part(0);
      const made = file;
      this.#clearing.push(() => this.#ask(to, 'remove', { file: made }));
      await this.#others(size, part);
    } finally {
      await source.close();
    }
    return file;
  }

  /** Calls `part` for each offset behind the first, some at once. */
  async #others(size: number, part: (offset: number) => Promise<unknown>): Promise<void> {
    let next = PART;
    const work = async () => {
      while (next < size) {
        this.#signal?.throwIfAborted();
        const offset = next;
        next += PART;
        await part(offset);
      }
    };
    await Promise.all(Array.from({ length: AHEAD }, work));
  }

  async #ask(
    pooled: PooledEngine,
    what: string,
    content: object,
    buffers: Buffer[] = [],
  ): Promise<{ content: Json; buffers: readonly Buffer[] }> {
    const answer = await this.#state.switchboard.exchange(pooled.engine, 'control', `tradewind_${what}_request`, content, buffers);
    if (answer.content.status === 'ok') return answer;
    throw new TradewindError({
      code: 'process',
      message: `the engine ${engineName(pooled.spec)} could not ${what} the variables' file: ${answer.content.evalue}`,
    });
  }
}
