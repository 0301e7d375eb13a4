/** Places of the module that a notebook was read as, told as places in its cells. */
import type { AuditFinding, GraphVerdict, Use } from '../../records/report.ts';
import type { SourceModule } from '../modules.ts';
import type { WrittenNotebook } from './notebook.ts';

/** A use, with its lines in the cells of the old and of the new notebook. */
export function useInCell(use: Use, module: SourceModule, written: WrittenNotebook | undefined): Use {
  if (!module.notebook) return use;
  const row = use.line - 1;
  const toLine = use.toLine === undefined ? undefined : written?.lineAt(use.toLine);
  const { toLine: _, ...rest } = use;
  return {
    ...rest,
    ...module.notebook.placeAt(row),
    column: Math.max(0, use.column - module.notebook.shiftAt(row)),
    ...(toLine === undefined ? {} : { toLine }),
  };
}

/** A use in a notebook that could not be written: nothing of it was migrated. */
export function leftAsItIs({ toLine: _, measured: __, ...use }: Use, reason: string): Use {
  return {
    ...use,
    status: 'unsupported',
    strategy: 'unsupported',
    grade: 'shown only',
    to: use.from,
    reason: `The notebook is left as it is: ${reason}.`,
    remedy: 'Change the notebook so, and migrate it again.',
  };
}

/** Puts the findings of notebooks into their cells. */
export function inCells(
  modules: Iterable<SourceModule>,
  audit: readonly AuditFinding[],
  graph: readonly GraphVerdict[],
): { audit: AuditFinding[]; graph: GraphVerdict[] } {
  const notebooks = new Map([...modules].flatMap((module) => (module.notebook ? [[module.file, module.notebook] as const] : [])));
  const placed = <One extends { file: string; line: number }>(one: One): One => {
    const notebook = notebooks.get(one.file);
    return notebook ? { ...one, ...notebook.placeAt(one.line - 1) } : one;
  };
  if (!notebooks.size) return { audit: [...audit], graph: [...graph] };
  return {
    audit: audit.map(placed),
    graph: graph.map((verdict) => ({ ...placed(verdict), findings: verdict.findings.map(placed) })),
  };
}
