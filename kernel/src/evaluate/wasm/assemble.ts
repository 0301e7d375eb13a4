/**
 * A small WebAssembly assembler: instructions are lists of bytes, and a function that takes operands returns them with its own opcode behind.
 * Kernels are made where they are used, for just the sums and number types that are asked for; no tool is needed at build time.
 */

export type Code = readonly number[];

/** Types of values, as the binary format has them. */
export const I32 = 0x7f;
export const F64 = 0x7c;
export const V128 = 0x7b;

/** LEB128, unsigned. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest ? low | 0x80 : low);
  } while (rest);
  return bytes;
}

/** LEB128, signed. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const last = (rest === 0 && !(low & 0x40)) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(last ? low : low | 0x80);
    if (last) return bytes;
  }
}

const binary =
  (...opcode: number[]) =>
  (a: Code, b: Code): Code => [...a, ...b, ...opcode];
const unary =
  (...opcode: number[]) =>
  (a: Code): Code => [...a, ...opcode];
const vector = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const tee = (local: number, value: Code): Code => [...value, 0x22, ...unsigned(local)];

/** 32-bit integers; loads and stores take a constant offset. */
export const i32 = {
  const: (value: number): Code => [0x41, ...signed(value)],
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  and: binary(0x71),
  shl: binary(0x74),
  shr: binary(0x76),
  eq: binary(0x46),
  eqz: unary(0x45),
  lt: binary(0x49),
  gt: binary(0x4b),
  ge: binary(0x4f),
  load: (at: Code, offset = 0): Code => [...at, 0x28, 0, ...unsigned(offset)],
  load8: (at: Code, offset = 0): Code => [...at, 0x2d, 0, ...unsigned(offset)],
  load16: (at: Code, offset = 0): Code => [...at, 0x2f, 0, ...unsigned(offset)],
  store8: (at: Code, value: Code, offset = 0): Code => [...at, ...value, 0x3a, 0, ...unsigned(offset)],
} as const;

/** 128-bit vectors of bytes, and of two float64 or int64. */
export const v128 = {
  load: (at: Code, offset = 0): Code => [...at, ...vector(0), 0, ...unsigned(offset)],
  load64: (at: Code, offset = 0): Code => [...at, ...vector(0x5d), 0, ...unsigned(offset)],
  /** The eight bytes at `at`, twice. */
  splat64: (at: Code, offset = 0): Code => [...at, ...vector(10), 0, ...unsigned(offset)],
  store: (at: Code, value: Code, offset = 0): Code => [...at, ...value, ...vector(11), 0, ...unsigned(offset)],
  doubles: (low: number, high: number): Code => [...vector(12), ...new Uint8Array(Float64Array.of(low, high).buffer)],
  longs: (low: bigint, high: bigint): Code => [...vector(12), ...new Uint8Array(BigInt64Array.of(low, high).buffer)],
  shuffle: (a: Code, b: Code, lanes: readonly number[]): Code => [...a, ...b, ...vector(13), ...lanes],
  /** Is any bit set? */
  any: unary(...vector(83)),
  and: binary(...vector(78)),
  /** a and not b. */
  andnot: binary(...vector(79)),
  /** Bits of a where the mask is set, else of b. */
  select: (a: Code, b: Code, mask: Code): Code => [...a, ...b, ...mask, ...vector(82)],
} as const;

export const f32x4 = {
  eq: binary(...vector(0x41)),
  ne: binary(...vector(0x42)),
  add: binary(...vector(0xe4)),
  sub: binary(...vector(0xe5)),
} as const;
export const f64x2 = {
  promote: unary(...vector(0x5f)),
  eq: binary(...vector(0x47)),
  ne: binary(...vector(0x48)),
  gt: binary(...vector(0x4a)),
  abs: unary(...vector(0xec)),
  add: binary(...vector(0xf0)),
  sub: binary(...vector(0xf1)),
  mul: binary(...vector(0xf2)),
} as const;
export const i64x2 = { add: binary(...vector(0xce)), sub: binary(...vector(0xd1)) } as const;

/** Bytes copied within memory; the two may overlap. */
export const copy = (to: Code, from: Code, length: Code): Code => [...to, ...from, ...length, 0xfc, 0x0a, 0, 0];
export const fill = (to: Code, value: Code, length: Code): Code => [...to, ...value, ...length, 0xfc, 0x0b, 0];

export const block = (...body: Code[]): Code => [0x02, 0x40, ...body.flat(), 0x0b];
export const loop = (...body: Code[]): Code => [0x03, 0x40, ...body.flat(), 0x0b];
export const when = (condition: Code, then: Code, otherwise: Code = []): Code => [
  ...condition,
  0x04,
  0x40,
  ...then,
  ...(otherwise.length > 0 ? [0x05, ...otherwise] : []),
  0x0b,
];
/** Leaves (a block) or repeats (a loop) the one `depth` levels out. */
export const branch = (depth: number): Code => [0x0c, ...unsigned(depth)];
export const branchIf = (depth: number, condition: Code): Code => [...condition, 0x0d, ...unsigned(depth)];
export const leave = (value: Code = []): Code => [...value, 0x0f];
/** Repeats the body while the condition, met first, holds. */
export const whilst = (condition: Code, ...body: Code[]): Code => block(loop(branchIf(1, i32.eqz(condition)), ...body, branch(0)));
export const sequence = (...parts: Code[]): Code => parts.flat();

export interface FunctionCode {
  parameters: number[];
  results: number[];
  locals: number[];
  body: Code;
}

/** The binary of a module that imports `host.memory` and exports its functions by name. */
export function assemble(functions: Record<string, FunctionCode>): Uint8Array<ArrayBuffer> {
  const list = Object.entries(functions);
  const counted = (items: number[][]) => [...unsigned(items.length), ...items.flat()];
  const section = (id: number, content: number[]) => [id, ...unsigned(content.length), ...content];
  const name = (text: string) => [...unsigned(text.length), ...Buffer.from(text)];
  const bodies = list.map(([, { locals, body }]) => {
    const code = [...counted(locals.map((type) => [1, type])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  const types = list.map(([, { parameters, results }]) => [
    0x60,
    ...counted(parameters.map((type) => [type])),
    ...counted(results.map((type) => [type])),
  ]);
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, counted(types)),
    ...section(2, counted([[...name('host'), ...name('memory'), 2, 0, 1]])),
    ...section(3, counted(list.map((_, index) => unsigned(index)))),
    ...section(7, counted(list.map(([title], index) => [...name(title), 0, ...unsigned(index)]))),
    ...section(10, counted(bodies)),
  ]);
}
