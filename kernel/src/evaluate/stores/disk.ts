/** Reads files on this machine's disk: whole, or a range of one; into the machine's memory where a chunk is read for scoring. */
import { closeSync, fstatSync, openSync, read as readFileAt } from 'node:fs';
import { promisify } from 'node:util';

/**
 * Opens, reads and closes; undefined where there is no such file. Only the reading itself is left to another thread: a thread that unpacks chunks comes back to
 * its events late, and each of them that a read waits for would let it idle.
 */
export async function reading(
  path: string,
  read: (file: number, size: number) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return await read(file, fstatSync(file).size);
  } finally {
    closeSync(file);
  }
}

const readSome: (file: number, into: Uint8Array, at: number, length: number, position: number) => Promise<{ bytesRead: number }> =
  promisify(readFileAt);

/** Fills `into` from an offset of an open file. */
export async function readAt(file: number, into: Uint8Array<ArrayBuffer>, offset: number): Promise<Uint8Array<ArrayBuffer>> {
  const { length } = into;
  for (let done = 0; done < length; ) {
    const { bytesRead } = await readSome(file, into, done, length - done, offset + done);
    if (bytesRead === 0) throw new Error(`the file ends ${length - done} bytes early`);
    done += bytesRead;
  }
  return into;
}
