/**
 * Writes a large file past the page cache, where the file system can (O_DIRECT). A score is not read again soon: kept in the cache it would push out the stores that
 * are being read, and fresh pages of the cache cost a virtual machine, whose host has to lend them, much processor time.
 */
import { closeSync, constants, openSync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';

/** Offsets, lengths and addresses are multiples of it. */
const SECTOR = 4096;
/** Smaller files cost more to write past the cache than through it. */
const LEAST = 2 ** 20;
/** A disk that takes fewer bytes a second is written to through the cache, which takes up what the disk can't yet; and after how many bytes that is judged. */
const [SLOWEST, JUDGED] = [100e6, 16e6];
/** One in so many writes is waited for and timed: others end when their thread has time to hear of it. */
const TIMED = 8;
const WASM_PAGE = 65536;

/** Of this thread: does the place where it writes take files past the cache, as far as is known? */
let possible = constants.O_DIRECT !== undefined;
let writes = 0;
const timed = { bytes: 0, seconds: 0 };

/** Room for `size` bytes that `writeFileOf` can hand to a disk as it is: WebAssembly memories begin at a page, arrays anywhere. */
export function roomFor(size: number): Uint8Array<ArrayBuffer> {
  if (size < LEAST) return new Uint8Array(size);
  const pages = Math.ceil(size / WASM_PAGE);
  return new Uint8Array(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer);
}

/** Makes or replaces the file: the first `length` bytes of `room`. */
export async function writeFileOf(path: string, room: Uint8Array, length: number): Promise<void> {
  let done = possible && length >= LEAST ? await writePast(path, room, length - (length % SECTOR)) : 0;
  if (done > 0 && done === length) return;
  // Only the writing itself waits for its turn among events: see `reading` in stores/disk.ts.
  const file = openSync(path, done > 0 ? 'r+' : 'w');
  try {
    while (done < length)
      done += length - done < SECTOR ? writeSync(file, room, done, length - done, done) : await writeSome(file, room, done, length - done);
  } finally {
    closeSync(file);
  }
}

/** Writes whole sectors past the cache; returns how many bytes it wrote: 0 where that can't be done. */
async function writePast(path: string, room: Uint8Array, length: number): Promise<number> {
  let file: number | undefined;
  let done = 0;
  try {
    file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_DIRECT);
    const waited = writes++ % TIMED === 0;
    const begun = performance.now();
    while (done < length && done % SECTOR === 0)
      done += waited ? writeSync(file, room, done, length - done, done) : await writeSome(file, room, done, length - done);
    if (waited) {
      timed.bytes += done;
      timed.seconds += (performance.now() - begun) / 1000;
      possible = timed.bytes < JUDGED || timed.bytes / timed.seconds >= SLOWEST;
    }
  } catch (error) {
    if (!UNABLE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    possible = false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
  return done - (done % SECTOR);
}

/** What file systems answer that have no such writes, or want other places and lengths. */
const UNABLE = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

const writeFrom = promisify(write);
const writeSome = async (file: number, room: Uint8Array, at: number, length: number): Promise<number> =>
  (await writeFrom(file, room, at, length, at)).bytesWritten;
