/**
 * Zstandard frames of two kinds of blocks (RFC 8878, 3.1.1.2): runs of nought as a byte and a length, all else as it is. Sums by cell are noise in most of their bits but for
 * land, which is nought: searching them for more costs several times as much as this, and gains a few hundredths of their size.
 */

const MAGIC = 0xfd2fb528;
/** The size of the content in four bytes; one segment: no window is told. */
const DESCRIPTOR = 0xa0;
const HEADER = 9;
const BLOCK_HEADER = 3;
const LARGEST_BLOCK = 128 * 1024;
const [RAW, RUN] = [0, 1];
/** Numbers between those that are looked at: every run of twice as many is found. */
const STEP = 16;

/** Room that is always enough: a run takes four bytes and stands for more than the headers of what is before and behind it. */
export const zeroRunsRoom = (size: number): number => size + HEADER + BLOCK_HEADER * (2 + Math.ceil(size / LARGEST_BLOCK));

/** What `packZeroRuns` can say the size of. */
export const fitsZeroRuns = (size: number): boolean => size < 2 ** 32;

/** Packs `values` into `output`; returns the frame's size in bytes. */
export function packZeroRuns(values: Float64Array, output: Uint8Array): number {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  // As integers: −0 has a bit, and isn't nought.
  const halves = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  const isNought = (at: number) => (halves[2 * at]! | halves[2 * at + 1]!) === 0;
  const header = new DataView(output.buffer, output.byteOffset, HEADER);
  header.setUint32(0, MAGIC, true);
  header.setUint8(4, DESCRIPTOR);
  header.setUint32(5, bytes.length, true);
  let into = HEADER;
  const block = (kind: number, size: number) => {
    const word = (size << 3) | (kind << 1);
    output[into] = word;
    output[into + 1] = word >> 8;
    output[into + 2] = word >> 16;
    last = into;
    into += BLOCK_HEADER;
  };
  let last = 0;
  /** Bytes [from, to), in as many blocks as they take. */
  const blocks = (kind: number, from: number, to: number) => {
    for (let at = from; at < to; at += LARGEST_BLOCK) {
      const size = Math.min(LARGEST_BLOCK, to - at);
      block(kind, size);
      if (kind === RUN) output[into++] = 0;
      else {
        output.set(bytes.subarray(at, at + size), into);
        into += size;
      }
    }
  };
  let kept = 0;
  for (let at = STEP - 1; at < values.length; at += STEP) {
    if (!isNought(at)) continue;
    let [from, to] = [at, at + 1];
    while (from > kept && isNought(from - 1)) from--;
    while (to < values.length && isNought(to)) to++;
    if (to - from >= STEP) {
      blocks(RAW, 8 * kept, 8 * from);
      blocks(RUN, 8 * from, 8 * to);
      kept = to;
    }
    // On from the run's end: it may be long.
    at = to - 1;
  }
  blocks(RAW, 8 * kept, bytes.length);
  if (last === 0) block(RAW, 0);
  output[last]! |= 1;
  return into;
}
