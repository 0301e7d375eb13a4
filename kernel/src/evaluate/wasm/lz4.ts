/** LZ4's block format. Node has no LZ4, and its blocks stand in many Blosc frames (Zarr version 2 wrote them by default). */
import {
  block,
  branch,
  branchIf,
  type Code,
  copy,
  type FunctionCode,
  fill,
  get,
  I32,
  i32,
  leave,
  loop,
  sequence,
  set,
  v128,
  when,
  whilst,
} from './assemble.ts';

const [SOURCE, LENGTH, TARGET, ROOM] = [0, 1, 2, 3];
const [end, limit, start, token, length, byte, offset, from, last] = [4, 5, 6, 7, 8, 9, 10, 11, 12];

/**
 * `lz4(source, length, target, room) → bytes written, or −1` where the block is damaged.
 * Copies go sixteen bytes at a time and may write up to fifteen past the end of what they copy: `target` has that much to spare.
 */
export function lz4(): FunctionCode {
  const damaged = leave(i32.const(-1));
  const bump = (local: number, by: Code): Code => set(local, i32.add(get(local), by));
  /** Lengths of fifteen and more go on in further bytes, as long as they are 255. */
  const extended = when(
    i32.eq(get(length), i32.const(15)),
    loop(
      when(i32.ge(get(SOURCE), get(end)), damaged),
      set(byte, i32.load8(get(SOURCE))),
      bump(SOURCE, i32.const(1)),
      bump(length, get(byte)),
      branchIf(0, i32.eq(get(byte), i32.const(255))),
    ),
  );
  /** From `from` to TARGET, `step` bytes at a time, until TARGET reaches `last`; what was written too far is written again. */
  const strides = (step: 1 | 16): Code =>
    whilst(
      i32.lt(get(TARGET), get(last)),
      step === 16 ? v128.store(get(TARGET), v128.load(get(from))) : i32.store8(get(TARGET), i32.load8(get(from))),
      bump(TARGET, i32.const(step)),
      bump(from, i32.const(step)),
    );
  const body = sequence(
    set(end, i32.add(get(SOURCE), get(LENGTH))),
    set(limit, i32.add(get(TARGET), get(ROOM))),
    set(start, get(TARGET)),
    block(
      loop(
        when(i32.ge(get(SOURCE), get(end)), damaged),
        set(token, i32.load8(get(SOURCE))),
        bump(SOURCE, i32.const(1)),
        set(length, i32.shr(get(token), i32.const(4))),
        extended,
        when(i32.gt(get(length), i32.sub(get(end), get(SOURCE))), damaged),
        when(i32.gt(get(length), i32.sub(get(limit), get(TARGET))), damaged),
        copy(get(TARGET), get(SOURCE), get(length)),
        bump(SOURCE, get(length)),
        bump(TARGET, get(length)),
        // The last sequence has literals alone.
        branchIf(1, i32.eq(get(SOURCE), get(end))),
        when(i32.lt(i32.sub(get(end), get(SOURCE)), i32.const(2)), damaged),
        set(offset, i32.load16(get(SOURCE))),
        bump(SOURCE, i32.const(2)),
        when(i32.eqz(get(offset)), damaged),
        when(i32.gt(get(offset), i32.sub(get(TARGET), get(start))), damaged),
        set(length, i32.and(get(token), i32.const(15))),
        extended,
        bump(length, i32.const(4)),
        when(i32.gt(get(length), i32.sub(get(limit), get(TARGET))), damaged),
        set(last, i32.add(get(TARGET), get(length))),
        set(from, i32.sub(get(TARGET), get(offset))),
        when(
          i32.ge(get(offset), i32.const(16)),
          sequence(strides(16), set(TARGET, get(last))),
          when(
            i32.eq(get(offset), i32.const(1)),
            sequence(fill(get(TARGET), i32.load8(get(from)), get(length)), set(TARGET, get(last))),
            strides(1),
          ),
        ),
        branch(0),
      ),
    ),
    i32.sub(get(TARGET), get(start)),
  );
  return { parameters: [I32, I32, I32, I32], results: [I32], locals: [I32, I32, I32, I32, I32, I32, I32, I32, I32], body };
}
