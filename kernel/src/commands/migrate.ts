/** `tradewind migrate SOURCE -o OUT`: from PyTorch to MindSpore, with a report of every use. */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, delimiter } from 'node:path';
import type { Target } from '../migrate/table.ts';
import type { Trace } from '../migrate/trace.ts';
import type { AdvisedOptimisation } from '../records/advice.ts';
import { describe, TradewindError } from '../records/errors.ts';
import type { ReportRecord } from '../records/report.ts';
import { baseRecord } from './base.ts';
import type { Arguments, Command, CommandContext } from './command.ts';

const ASCEND = '--target=ascend';

export const migrate: Command<ReportRecord> = {
  name: 'migrate',
  summary: 'rewrite PyTorch source for MindSpore and report every use of torch',
  details: `Each use of PyTorch gets one of three strategies: equivalent (MindSpore has the same), custom (plain MindSpore code in OUT/tradewind_compat.py), restructured (the code is written otherwise). What is unsupported raises a clear error when it is reached, and heads the report.

With --entry FILE, which defines build() -> torch.nn.Module and inputs() -> tuple of tensors, the original is run once, so that what each call is made on is known rather than inferred.

OUT is never SOURCE, nor inside it or around it, and is written whole or not at all. With --force, an OUT of an earlier migration is made anew: what that migration wrote is replaced, files that you added are kept, and where you have changed a file that it wrote nothing is touched and the file is named. (The list of what was written stands at the end of OUT/tradewind_compat.py.)

Exit code 0: all is migrated; 3: something is left to do by hand, or a file that may hold PyTorch code could not be read.`,
  examples: ['migrate fourcastnet/ -o fourcastnet_ms --entry case.py', 'migrate model.py -o model_ms --html report.html'],
  positionals: [
    { name: 'SOURCE', kind: 'path', description: 'A Python file, a folder or a notebook; its root goes first on the module path.' },
  ],
  options: [
    {
      name: 'out',
      short: 'o',
      value: { name: 'OUT', kind: 'folder' },
      required: true,
      description: 'The folder to write; it keeps the layout of SOURCE.',
    },
    { name: 'entry', value: { name: 'FILE', kind: 'file' }, description: 'A file with build() and inputs(); it is migrated as well.' },
    {
      name: 'target',
      value: { name: 'TARGET', kind: 'text', choices: ['portable', 'ascend'] },
      description: 'portable (the default) runs on CPU, GPU and Ascend; ascend prefers what is fused there.',
    },
    {
      name: 'chip',
      value: { name: 'NAME', kind: 'chip' },
      description: 'Take what is advised for that chip (advise --chip NAME): on an Ascend --target ascend, unless --target is given.',
    },
    { name: 'no-trace', description: 'Do not run the original; infer from the text alone.' },
    { name: 'html', value: { name: 'FILE', kind: 'file' }, description: 'Write the report as a web page.' },
    { name: 'markdown', value: { name: 'FILE', kind: 'file' }, description: 'Write the report as Markdown.' },
    { name: 'force', description: 'Migrate again into an OUT that exists; what you added there is kept.' },
  ],
  run,
  exitCode: ({ summary, skipped }) => (summary.unsupported || summary.maybe || skipped.some((one) => one.left) ? 3 : 0),
};

async function run({ positionals, options }: Arguments, context: CommandContext): Promise<ReportRecord> {
  const chip = options.chip as string | undefined;
  const advised = chip === undefined ? [] : await advisedFor(chip);
  const forMigration = options.target === undefined ? advised.filter((one) => one.sets.migrate.length > 0) : [];
  const target =
    (options.target as Target | undefined) ?? (forMigration.some((one) => one.sets.migrate.includes(ASCEND)) ? 'ascend' : 'portable');
  const room = await import('../migrate/migrate.ts');
  const result = await room.migrate({
    source: String(positionals.SOURCE),
    output: String(options.out),
    entry: options.entry as string | undefined,
    target,
    force: options.force === true,
    signal: context.signal,
    searchPath: (context.environment.PYTHONPATH ?? '').split(delimiter).filter(Boolean),
    trace: options['no-trace'] ? undefined : (root, entry) => trace(root, entry, context),
    progress: (label, done, total) => context.progress({ label, done, total, unit: 'files' }),
  });
  const record: ReportRecord = { ...baseRecord('report', context), ...result };
  if (chip !== undefined) {
    record.advice = {
      chip,
      applied: forMigration.map(({ name, title, source, provenance, sets }) => ({
        name,
        title,
        source,
        provenance,
        changed: sets.migrate,
      })),
      forTraining: advised.filter((one) => one.sets.train.length > 0).map((one) => one.name),
    };
  }
  if (options.html) writeWhole(String(options.html), await pageOf(record));
  if (options.markdown) writeWhole(String(options.markdown), (await import('../display/reportMarkdown.ts')).markdown(record));
  return record;
}

/** What is advised for a chip with MindSpore. Throws where MindSpore does not run on it. */
async function advisedFor(chip: string): Promise<AdvisedOptimisation[]> {
  const { advice, targetOf } = await import('./optimise.ts');
  const target = targetOf(chip, 'mindspore', 1);
  const refusal = target.chip.refuses?.mindspore;
  if (refusal) throw new TradewindError({ code: 'refused', message: refusal, remedy: 'Migrate without --chip, for another chip.' });
  return advice(target).filter((one) => one.advised);
}

/** Runs the original under the tracer. A source that can't run here is migrated from its text, and the user is told. */
async function trace(root: string, entry: string, context: CommandContext): Promise<Trace | undefined> {
  const [{ runPython }, { defaultPython }] = await Promise.all([import('../processes/python.ts'), import('../processes/places.ts')]);
  const python = context.environment.TRADEWIND_TORCH_PYTHON ?? defaultPython();
  if (!existsSync(python)) {
    context.note(`The original was not run (${python} is not there): types are inferred from the text alone.`);
    return undefined;
  }
  context.progress({ label: 'running the original once', done: 0 });
  try {
    const traced = await runPython<Trace>({
      python,
      module: 'tradewind.trace',
      arguments: ['--root', root, '--entry', entry],
      cwd: context.cwd,
      signal: context.signal,
      environment: context.environment,
    });
    if (traced.absent?.length)
      context.note(`Not installed, and not needed by this model: ${traced.absent.join(', ')}. What the source does with them was not run.`);
    return traced;
  } catch (error) {
    if (error instanceof TradewindError && error.data.code === 'interrupted') throw error;
    context.note(`The original could not be run, so types are inferred from the text alone: ${describe(error)}`);
    return undefined;
  }
}

/** On a page of its own the marks' colours read well on white and on black. */
const PAGE_COLOURS = Object.entries({
  '--jp-error-color1': ['#c62828', '#ff8a80'],
  '--jp-warn-color1': ['#9a5b00', '#ffb74d'],
  '--jp-success-color1': ['#2e7d32', '#81c784'],
  '--jp-brand-color1': ['#1976d2', '#64b5f6'],
})
  .map(([name, [light, dark]]) => `${name}:light-dark(${light},${dark})`)
  .join(';');

async function pageOf(record: ReportRecord): Promise<string> {
  const [{ display }, { escapeHtml }] = await Promise.all([import('../display/report.ts'), import('../display/html.ts')]);
  const { html } = display(record);
  return `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n<title>${escapeHtml(basename(record.output))}: migration report</title>\n<style>:root{color-scheme:light dark;${PAGE_COLOURS}}body{margin:2rem auto;max-width:75rem;padding:0 1rem}</style>\n${html}\n</html>\n`;
}

/** A reader sees the old file or the new one. */
function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new TradewindError({
      code: 'input',
      message: `the report could not be written to ${path} (${(error as NodeJS.ErrnoException).code}); the migration itself is in place`,
      remedy: 'Name a file in a folder that exists and can be written.',
    });
  }
}
