/** Fields as a NetCDF file of the classic format (CDF-1): https://docs.unidata.ucar.edu/netcdf-c/current/file_format_specifications.html. Big-endian throughout. */

export interface NetcdfVariable {
  name: string;
  dimensions: readonly string[];
  attributes: Readonly<Record<string, string | number>>;
  /** float32, float64 or int32 by its array. */
  values: Float32Array | Float64Array | Int32Array;
}

export interface NetcdfFile {
  dimensions: Readonly<Record<string, number>>;
  attributes: Readonly<Record<string, string | number>>;
  variables: readonly NetcdfVariable[];
}

const [CHAR, INT, FLOAT, DOUBLE] = [2, 4, 5, 6];
const [DIMENSION, VARIABLE, ATTRIBUTE] = [10, 11, 12];

/** Grows as it is written. */
class Writer {
  #bytes = new Uint8Array(4096);
  length = 0;
  #view = new DataView(this.#bytes.buffer);

  #room(more: number): number {
    const at = this.length;
    if (at + more > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.#bytes.length, at + more));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.length = at + more;
    return at;
  }

  int(value: number): void {
    this.#view.setInt32(this.#room(4), value);
  }

  double(value: number): void {
    this.#view.setFloat64(this.#room(8), value);
  }

  /** Filled with zeros to a multiple of four. */
  bytes(values: Uint8Array): void {
    const at = this.#room(Math.ceil(values.length / 4) * 4);
    this.#bytes.set(values, at);
  }

  text(value: string): void {
    const encoded = new TextEncoder().encode(value);
    this.int(encoded.length);
    this.bytes(encoded);
  }

  values(values: NetcdfVariable['values']): void {
    const size = values.BYTES_PER_ELEMENT;
    let at = this.#room(values.byteLength);
    const view = this.#view;
    const set =
      values instanceof Int32Array
        ? view.setInt32.bind(view)
        : values instanceof Float32Array
          ? view.setFloat32.bind(view)
          : view.setFloat64.bind(view);
    for (const value of values) {
      set(at, value);
      at += size;
    }
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.length);
  }
}

/** Names of the classic format: letters, digits and a few signs. */
function netcdfName(text: string): string {
  const clean = text.replaceAll(/[^A-Za-z0-9_.@+-]/g, '_');
  return /^[A-Za-z_]/.test(clean) ? clean : `_${clean}`;
}

/** The file's bytes. Throws a RangeError where a variable has not as many values as its dimensions say. */
export function netcdfBytes({ dimensions, attributes, variables }: NetcdfFile): Uint8Array<ArrayBuffer> {
  const names = Object.keys(dimensions);
  for (const { name, dimensions: own, values } of variables) {
    const wanted = own.reduce((product, one) => product * dimensions[one]!, 1);
    if (values.length !== wanted) throw new RangeError(`${name} has ${values.length} values, its dimensions ${wanted}`);
  }
  const sizes = variables.map(({ values }) => Math.ceil(values.byteLength / 4) * 4);
  // Where a variable begins is written before it: the head is written twice, and is as long both times.
  const head = (begins: readonly number[]): Writer => {
    const out = new Writer();
    out.bytes(Uint8Array.of(0x43, 0x44, 0x46, 1));
    out.int(0);
    out.int(names.length > 0 ? DIMENSION : 0);
    out.int(names.length);
    for (const name of names) {
      out.text(netcdfName(name));
      out.int(dimensions[name]!);
    }
    writeAttributes(out, attributes);
    out.int(variables.length > 0 ? VARIABLE : 0);
    out.int(variables.length);
    variables.forEach((variable, at) => {
      out.text(netcdfName(variable.name));
      out.int(variable.dimensions.length);
      for (const dimension of variable.dimensions) out.int(names.indexOf(dimension));
      writeAttributes(out, variable.attributes);
      out.int(variable.values instanceof Int32Array ? INT : variable.values instanceof Float32Array ? FLOAT : DOUBLE);
      out.int(sizes[at]!);
      out.int(begins[at]!);
    });
    return out;
  };
  let begin = head(variables.map(() => 0)).length;
  const begins = sizes.map((size) => {
    const at = begin;
    begin += size;
    return at;
  });
  const out = head(begins);
  for (const { values } of variables) out.values(values);
  return out.done();
}

function writeAttributes(out: Writer, attributes: Readonly<Record<string, string | number>>): void {
  const entries = Object.entries(attributes);
  out.int(entries.length > 0 ? ATTRIBUTE : 0);
  out.int(entries.length);
  for (const [name, value] of entries) {
    out.text(netcdfName(name));
    if (typeof value === 'string') {
      out.int(CHAR);
      out.text(value);
    } else {
      out.int(DOUBLE);
      out.int(1);
      out.double(value);
    }
  }
}
