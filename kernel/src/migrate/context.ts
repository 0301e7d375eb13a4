/** What the rewriting of one file works with: its edits, its uses, and what the file will have to import. */
import { placeOf } from '../records/place.ts';
import type { Grade, Strategy, Use, UseStatus } from '../records/report.ts';
import type { Editor } from './edit.ts';
import { editor } from './edit.ts';
import type { Inference } from './infer.ts';
import type { SourceModule } from './modules.ts';
import { identifiersIn } from './names.ts';
import type { Syntax } from './parse.ts';
import type { Row, Target } from './table.ts';
import { wrapperOf } from './template.ts';
import { whyUnmeasured } from './unmeasured.ts';

/** What a status says of a rewrite, where nothing else is known. */
const GRADES: Record<UseStatus, Grade> = { migrated: 'safe', maybe: 'needs a look', unsupported: 'shown only' };

/** A use before its texts are known. */
export interface PendingUse {
  node: Syntax;
  api: string;
  status: UseStatus;
  strategy: Strategy;
  /** Where it is not what the status says: safe, needs a look, shown only. */
  grade?: Grade;
  row?: Row;
  reason?: string;
  remedy?: string;
}

/** What all files of a migration share. */
export interface Migration {
  inference: Inference;
  target: Target;
  /** Names of compat definitions in use. */
  compat: Set<string>;
  /** Functions made from templates, by name. */
  generated: Map<string, string>;
}

export interface FileContext {
  migration: Migration;
  inference: Inference;
  module: SourceModule;
  edits: Editor;
  uses: PendingUse[];
  /** Import statements that the new code needs. */
  imports: Set<string>;
  /** Names that stay in the file, so that generated code must not take them. */
  taken: Set<string>;
  /** Does it import a package that the table migrates? Elsewhere what is not known to be a tensor is none. */
  usesTorch: boolean;
  text(node: Syntax): string;
  /** The name by which the file reaches `compat.einsum`, `mindspore.ops.relu`, `math.pi`. */
  reach(dotted: string): string;
  /** 1-based. */
  place(node: Syntax): string;
  use(use: PendingUse): void;
  /** Nodes that a restructured statement has dealt with: they are not rewritten by themselves. */
  handled: Set<Syntax>;
  /** Statements whose names are imported when they are asked for. */
  lazyImports: Syntax[];
}

/** Names of imports that the migration removes are free again. */
export function openFile(migration: Migration, module: SourceModule, freed: ReadonlySet<string>): FileContext {
  const taken = new Set([...identifiersIn(module)].filter((name) => !freed.has(name)));
  const imports = new Set<string>();
  const uses: PendingUse[] = [];
  const pick = (preferred: string, otherwise: string) => (taken.has(preferred) ? otherwise : preferred);
  return {
    migration,
    inference: migration.inference,
    module,
    edits: editor(module.source),
    uses,
    imports,
    taken,
    usesTorch: freed.size > 0 || module.scope.stars.some((name) => migration.inference.project.table!.covers(name)),
    text: (node) => module.source.slice(node.start, node.end),
    place: (node) =>
      placeOf(module.notebook ? { file: module.file, ...module.notebook.placeAt(node.row) } : { file: module.file, line: node.row + 1 }),
    use: (use) => uses.push(use),
    handled: new Set(),
    lazyImports: [],
    reach(dotted) {
      const [root, ...rest] = dotted.split('.') as [string, ...string[]];
      if (root === 'compat') {
        if (!migration.generated.has(rest[0]!)) migration.compat.add(rest[0]!);
        const alias = pick('compat', 'tradewind_compat');
        imports.add(alias === 'compat' ? 'import tradewind_compat as compat' : 'import tradewind_compat');
        return [alias, ...rest].join('.');
      }
      if (root === 'mindspore') {
        const [second] = rest;
        if (second && ['ops', 'nn', 'mint', 'numpy'].includes(second) && second !== 'numpy' && !taken.has(second)) {
          imports.add(`from mindspore import ${second}`);
          return rest.join('.');
        }
        const alias = pick('ms', 'mindspore');
        imports.add(alias === 'ms' ? 'import mindspore as ms' : 'import mindspore');
        return [alias, ...rest].join('.');
      }
      if (root === 'numpy') {
        imports.add('import numpy as np');
        return ['np', ...rest].join('.');
      }
      if (root !== 'builtins') imports.add(`import ${root}`);
      return root === 'builtins' ? rest.join('.') : dotted;
    },
  };
}

const LIBRARY_NAME = /(?<![\w.])(compat|mindspore|math|numpy|functools)\.[A-Za-z_][\w.]*/g;

/** The names in a template by which the file reaches them. */
export function reachAll(template: string, context: FileContext): string {
  return template.replace(LIBRARY_NAME, (name) => context.reach(name));
}

/** An object with every name of a namespace that the table has, for `getattr(nn, name)` and the like. What a template rewrites is a function there. */
export function namespaceName(namespace: string, migration: Migration): string {
  const name = `${namespace.replace(/\./g, '_')}_names`;
  if (!migration.generated.has(name)) {
    const members: string[] = [];
    for (const row of migration.inference.project.table!.rows) {
      if (row.kind === 'attribute') continue;
      for (const one of row.names)
        if (one.slice(0, one.lastIndexOf('.')) === namespace) {
          const value = memberValue(row, one, migration);
          if (value) members.push(`    ${one.slice(namespace.length + 1)}=${value},`);
        }
    }
    migration.generated.set(name, `${name} = types.SimpleNamespace(\n${members.join('\n')}\n)`);
  }
  return name;
}

function memberValue(row: Row, api: string, migration: Migration): string | undefined {
  const to = row.to?.[migration.target];
  if (row.strategy === 'unsupported') {
    migration.compat.add('unsupported');
    return `unsupported(${[api, 'by its name', row.remedy ?? ''].map((text) => JSON.stringify(text)).join(', ')})`;
  }
  if (!to) return undefined;
  if (/^(compat\.\w+|(mindspore|math|numpy)\.[\w.]+)$/.test(to)) return insideCompat(to, migration);
  return row.signature ? generatedName(row, to, api, migration) : undefined;
}

/** Inside tradewind_compat its own names are bare, and MindSpore is imported as in the library's files. */
function insideCompat(template: string, migration: Migration): string {
  return template.replace(LIBRARY_NAME, (dotted) => {
    const [root, ...rest] = dotted.split('.') as [string, ...string[]];
    if (root === 'compat') migration.compat.add(rest[0]!);
    return root === 'compat'
      ? rest.join('.')
      : root === 'mindspore'
        ? ['ops', 'nn', 'mint'].includes(rest[0]!)
          ? rest.join('.')
          : `ms.${rest.join('.')}`
        : root === 'numpy'
          ? `np.${rest.join('.')}`
          : dotted;
  });
}

/** The function made from a template row, by its name in tradewind_compat. */
export function generatedName(row: Row, template: string, api: string, migration: Migration): string {
  const name = api.replace(/\./g, '_');
  if (!migration.generated.has(name)) {
    const local = insideCompat(template, migration);
    migration.generated.set(name, wrapperOf(row, local, name));
  }
  return name;
}

export function finishUses(context: FileContext): Use[] {
  const table = context.inference.project.table!;
  return context.uses.map((use): Use => {
    const line = context.module.source.lastIndexOf('\n', use.node.start - 1);
    const measured = table.measurement(use.api) ?? table.measurement(use.row?.names.find((name) => table.measurement(name)) ?? use.api);
    const unmeasured = whyUnmeasured(use.row ?? table.row(use.api), use.api, use.strategy);
    const documented = use.row && use.status !== 'unsupported' ? table.documented(use.row, use.api, context.migration.target) : undefined;
    return {
      file: context.module.file,
      line: use.node.row + 1,
      column: use.node.start - line - 1,
      api: use.api,
      status: use.status,
      strategy: use.strategy,
      grade: use.grade ?? GRADES[use.status],
      from: context.text(use.node),
      to: context.edits.textOf(use.node.start, use.node.end),
      toLine: context.edits.lineOf(use.node.start),
      ...(measured ? { measured } : unmeasured ? { unmeasured } : {}),
      ...(documented ? { documented } : {}),
      ...(use.reason ? { reason: use.reason } : use.row?.note ? { reason: use.row.note } : {}),
      ...(use.remedy ? { remedy: use.remedy } : {}),
    };
  });
}
