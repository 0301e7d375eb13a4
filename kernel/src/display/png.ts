/** A PNG from palette indices: what a static map needs, in forty lines (RFC 2083: signature, IHDR, PLTE, tRNS, IDAT, IEND). */
import { crc32, deflateSync } from 'node:zlib';

/** `indices` row by row from the top; `palette`: red, green, blue by turns; `alpha`: opacity of the first colours, the rest are opaque. */
export function encodePng(indices: Uint8Array, columns: number, palette: Uint8Array, alpha: readonly number[] = []): Buffer {
  const rows = indices.length / columns;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(columns, 0);
  header.writeUInt32BE(rows, 4);
  // Eight bits a pixel, palette.
  header.set([8, 3, 0, 0, 0], 8);
  const lines = Buffer.alloc(rows * (columns + 1));
  for (let row = 0; row < rows; row++) lines.set(indices.subarray(row * columns, (row + 1) * columns), row * (columns + 1) + 1);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', palette),
    ...(alpha.length > 0 ? [chunk('tRNS', Uint8Array.from(alpha))] : []),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}
