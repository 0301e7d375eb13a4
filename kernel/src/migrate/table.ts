/** The operator table: the rows of kernel/operators/*.yaml (rows.ts reads them), looked up by PyTorch name. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TradewindError } from '../records/errors.ts';
import type { OperatorMeasurement, Strategy } from '../records/report.ts';
import { documentedFor, type Platforms, readDocumented } from './documented.ts';
import { filesIn, remembered } from './snapshot.ts';

export type Target = 'portable' | 'ascend';
export type Returns = 'tensor' | 'tensors' | 'number' | 'shape' | 'dtype' | 'none' | 'self' | 'unknown';

export interface SignatureParameter {
  name: string;
  /** PyTorch's default, as Python text. */
  value?: string;
  keywordOnly: boolean;
  star?: '*' | '**';
}

export interface Row {
  names: string[];
  strategy: Strategy;
  signature?: SignatureParameter[];
  to?: Record<Target, string>;
  kind?: 'attribute';
  reason?: string;
  remedy?: string;
  note?: string;
  returns: Returns;
  inplace: boolean;
  /** Stands in the place of `to` where the name, a class, is called. */
  call?: string;
  file: string;
  line: number;
}

export interface Table {
  row(name: string): Row | undefined;
  has(name: string): boolean;
  /** Is it a module of an API in the table: `torch.nn`, `torch`? */
  isNamespace(name: string): boolean;
  /** Does the name belong to a package that the table migrates? */
  covers(name: string): boolean;
  /** Found in a text that has the name of such a package in it, or MindSpore's, whose training code is audited. */
  mentioned: RegExp;
  measurement(name: string): OperatorMeasurement | undefined;
  /** MindSpore's "Supported Platforms" of what stands in the place of `api`, a name that `row` covers. */
  documented(row: Row, api: string, target: Target): string[] | undefined;
  rows: readonly Row[];
}

/** A row that can't be read, or that contradicts another. */
export function fault(file: string, line: number, message: string): TradewindError {
  return new TradewindError({ code: 'input', message, where: `${file}:${line}`, remedy: 'kernel/operators/README.md describes a row.' });
}

/** Reads the whole folder. A name in two rows is a fault. */
export async function loadTable(folder: string): Promise<Table> {
  return indexRows(
    await remembered('table', filesIn(folder, '.yaml'), async (files) => {
      const { parseRows } = await import('./rows.ts');
      return files.flatMap(({ name, text }) => parseRows(text, name));
    }),
    () => readMeasurements(join(folder, 'measured')),
    () => readDocumented(join(folder, 'documented.json')),
  );
}

export function indexRows(
  rows: readonly Row[],
  readMeasured: () => Map<string, OperatorMeasurement> = () => new Map(),
  readPlatforms: () => Platforms = () => new Map(),
): Table {
  const byName = new Map<string, Row>();
  const namespaces = new Set<string>();
  for (const row of rows) {
    for (const name of row.names) {
      const other = byName.get(name);
      if (other) throw fault(row.file, row.line, `${name} has a row already, at ${other.file}:${other.line}`);
      byName.set(name, row);
      for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) namespaces.add(name.slice(0, dot));
    }
  }
  const roots = new Set([...namespaces].map((name) => name.split('.')[0]!));
  let measured: Map<string, OperatorMeasurement> | undefined;
  let platforms: Platforms | undefined;
  return {
    rows,
    row: (name) => byName.get(name),
    has: (name) => byName.has(name),
    isNamespace: (name) => namespaces.has(name) && !byName.has(name),
    covers(name) {
      const dot = name.indexOf('.');
      return roots.has(dot < 0 ? name : name.slice(0, dot));
    },
    mentioned: new RegExp(`\\b(?:${[...roots, 'torch', 'mindspore'].join('|')})\\b`),
    measurement: (name) => {
      measured ??= readMeasured();
      return measured.get(name);
    },
    documented: (row, api, target) => {
      platforms ??= readPlatforms();
      return documentedFor(row, api, target, platforms);
    },
  };
}

function readMeasurements(folder: string): Map<string, OperatorMeasurement> {
  const found = new Map<string, OperatorMeasurement>();
  if (!existsSync(folder)) return found;
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith('.json')) continue;
    try {
      for (const [row, value] of Object.entries(JSON.parse(readFileSync(join(folder, name), 'utf8'))))
        found.set(row, value as OperatorMeasurement);
    } catch (error) {
      throw new TradewindError({
        code: 'input',
        message: `this is no valid JSON: ${(error as Error).message}`,
        where: `measured/${name}`,
        remedy: 'Measure the family again: python -m tradewind.measure.',
      });
    }
  }
  return found;
}
