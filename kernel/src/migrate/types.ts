/** The small lattice of types that inference works with: what matters is whether a value is a tensor, and what a container holds. */
import type { Syntax } from './parse.ts';

export type Type =
  /** `complex` is set where it may be a complex tensor; `double` where it is, or may be, of float64. */
  | { kind: 'tensor'; complex?: boolean; double?: 'yes' | 'maybe' }
  /** A number or bool; `complex` for a complex number. */
  | { kind: 'number'; complex?: boolean }
  /** Text; None; a torch dtype; a NumPy array; a generator or other thing that is surely no tensor. */
  | { kind: 'text' | 'none' | 'dtype' | 'array' | 'other' }
  | { kind: 'sequence'; of?: Type }
  /** `fields` are the names of its items, where it is one of PyTorch's named results. */
  | { kind: 'tuple'; items: (Type | undefined)[]; fields?: readonly string[] }
  | { kind: 'mapping'; of?: Type }
  /** An instance of one of the project's classes. */
  | { kind: 'instance'; of: Syntax }
  /** An instance of a class of an API in the table; containers know what they hold. */
  | { kind: 'layer'; name: string; of?: Type }
  /** A function, class or bound method, perhaps with arguments bound by functools.partial. */
  | { kind: 'callable'; entity: CallableEntity }
  | { kind: 'union'; of: Type[] }
  /** Nothing can be said. */
  | { kind: 'unknown' };

export type CallableEntity = { kind: 'external'; name: string } | { kind: 'class' | 'function'; node: Syntax };

export const TENSOR: Type = { kind: 'tensor' };
export const COMPLEX: Type = { kind: 'tensor', complex: true };
export const DOUBLE: Type = { kind: 'tensor', double: 'yes' };
export const NUMBER: Type = { kind: 'number' };
export const TEXT: Type = { kind: 'text' };
export const NONE: Type = { kind: 'none' };
export const UNKNOWN: Type = { kind: 'unknown' };
export const OTHER: Type = { kind: 'other' };
/** What a DataLoader gives: a tensor, or several in a container. */
export const BATCH: Type = { kind: 'union', of: [TENSOR, { kind: 'sequence', of: TENSOR }] };
export const SHAPE: Type = { kind: 'sequence', of: NUMBER };

/** The alternatives of a type. */
export function alternatives(type: Type | undefined): Type[] {
  return type === undefined ? [] : type.kind === 'union' ? type.of : [type];
}

/** The join: undefined (nothing known yet) gives way to anything. */
export function join(...types: (Type | undefined)[]): Type | undefined {
  const known = types.filter((type) => type !== undefined);
  // Mostly there is one, or all are the same.
  if (known.length === 0) return undefined;
  if (known[0]!.kind !== 'union' && known.every((type) => type === known[0])) return known[0];
  const found: Type[] = [];
  for (const type of known.flatMap(alternatives)) {
    const at = found.findIndex((other) => sameKind(other, type));
    if (at < 0) found.push(type);
    else found[at] = merge(found[at]!, type);
  }
  if (found.length > 8) return UNKNOWN;
  return found.length <= 1 ? found[0] : { kind: 'union', of: found };
}

/** Do two types say the same? Containers are compared by what they hold. */
export function sameType(a: Type | undefined, b: Type | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || !sameKind(a, b)) return false;
  switch (a.kind) {
    case 'tensor':
      return (a.complex ?? false) === ((b as typeof a).complex ?? false) && a.double === (b as typeof a).double;
    case 'number':
      return (a.complex ?? false) === ((b as typeof a).complex ?? false);
    case 'sequence':
    case 'mapping':
    case 'layer':
      return sameType(a.of, (b as typeof a).of);
    case 'tuple':
      return a.items.every((item, at) => sameType(item, (b as typeof a).items[at]));
    case 'union':
      return a.of.length === (b as typeof a).of.length && a.of.every((one, at) => sameType(one, (b as typeof a).of[at]));
    default:
      return true;
  }
}

function sameKind(a: Type, b: Type): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'instance') return a.of === (b as typeof a).of;
  if (a.kind === 'layer') return a.name === (b as typeof a).name;
  if (a.kind === 'tuple') return a.items.length === (b as typeof a).items.length && String(a.fields) === String((b as typeof a).fields);
  if (a.kind === 'callable') return entityKey(a.entity) === entityKey((b as typeof a).entity);
  return true;
}

function entityKey(entity: CallableEntity): unknown {
  return entity.kind === 'external' ? entity.name : entity.node;
}

function merge(a: Type, b: Type): Type {
  if (a === b) return a;
  if (a.kind === 'tensor') {
    const other = b as typeof a;
    return tensorOf(
      (a.complex || other.complex) ?? false,
      a.double === 'yes' && other.double === 'yes' ? 'yes' : a.double || other.double ? 'maybe' : undefined,
    );
  }
  if (a.kind === 'number') return a.complex ? a : b;
  if (a.kind === 'sequence' || a.kind === 'mapping' || a.kind === 'layer') return { ...a, of: limited(join(a.of, (b as typeof a).of)) };
  if (a.kind === 'tuple') return { ...a, items: a.items.map((item, at) => limited(join(item, (b as typeof a).items[at]))) };
  return a;
}

/** Keeps types from growing without end (`x = [x]` in a loop). */
export function limited(type: Type | undefined, depth = 0): Type | undefined {
  if (type === undefined) return undefined;
  if (depth > 4) return UNKNOWN;
  switch (type.kind) {
    case 'sequence':
    case 'mapping':
    case 'layer':
      return type.of ? { ...type, of: limited(type.of, depth + 1) } : type;
    case 'tuple':
      return { ...type, items: type.items.map((item) => limited(item, depth + 1)) };
    case 'union':
      return { kind: 'union', of: type.of.map((one) => limited(one, depth + 1)!) };
    default:
      return type;
  }
}

/** What iterating over a value gives. */
export function elementOf(type: Type | undefined): Type | undefined {
  return join(
    ...alternatives(type).map((one): Type | undefined => {
      switch (one.kind) {
        case 'tensor':
          return one;
        case 'sequence':
          return one.of;
        case 'tuple':
          return join(...one.items);
        case 'mapping':
        case 'text':
          return TEXT;
        case 'layer':
          return one.of ?? (one.name.endsWith('.DataLoader') ? BATCH : UNKNOWN);
        case 'array':
          return one;
        case 'none':
          return undefined;
        default:
          return UNKNOWN;
      }
    }),
  );
}

/** `value[place]`. */
export function itemOf(type: Type | undefined, place?: number): Type | undefined {
  return join(
    ...alternatives(type).map((one): Type | undefined => {
      if (one.kind === 'tuple' && place !== undefined) return one.items.at(place) ?? UNKNOWN;
      if (one.kind === 'mapping') return one.of;
      return elementOf(one);
    }),
  );
}

export type Certainty = 'yes' | 'no' | 'maybe';

/** Is it a tensor? None and numbers beside it do not count against it: they have no tensor methods. */
export function isTensor(type: Type | undefined): Certainty {
  const all = alternatives(type).filter((one) => one.kind !== 'none' && one.kind !== 'number');
  if (all.length === 0) return type === undefined ? 'maybe' : 'no';
  const tensors = all.filter((one) => one.kind === 'tensor').length;
  if (tensors === all.length) return 'yes';
  return tensors > 0 || all.some((one) => one.kind === 'unknown') ? 'maybe' : 'no';
}

/** A tensor, perhaps None or a number at times, but not those alone. */
export function isSurelyTensor(type: Type | undefined): boolean {
  return isTensor(type) === 'yes' && alternatives(type).some((one) => one.kind === 'tensor');
}

/** Surely a number, and not a complex one. */
export function isRealNumber(type: Type | undefined): boolean {
  const all = alternatives(type);
  return all.length > 0 && all.every((one) => one.kind === 'number' && !one.complex);
}

/** A tensor by what is known of its dtype. */
export function tensorOf(complex: boolean, double: 'yes' | 'maybe' | undefined): Type {
  if (!double) return complex ? COMPLEX : TENSOR;
  return { kind: 'tensor', ...(complex ? { complex } : {}), double };
}

/** Is it a tensor of float64? Of several tensors that are given together: one that is makes the result so. */
export function isDouble(...types: (Type | undefined)[]): 'yes' | 'maybe' | undefined {
  const each = types.map((type) => {
    const tensors = alternatives(type).filter((one) => one.kind === 'tensor');
    if (tensors.length > 0 && tensors.every((one) => one.double === 'yes')) return 'yes';
    return tensors.some((one) => one.double) ? 'maybe' : undefined;
  });
  return each.includes('yes') ? 'yes' : each.includes('maybe') ? 'maybe' : undefined;
}

export function mayBeComplex(type: Type | undefined): boolean {
  return alternatives(type).some((one) => (one.kind === 'tensor' || one.kind === 'number') && one.complex === true);
}
