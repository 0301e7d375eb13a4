/** Licences of vendored libraries, from their dist-info: the text is copied beside the modules, and each module that was rewritten says whose it is. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { VendoredPackage } from '../records/report.ts';
import type { SourceModule } from './modules.ts';

const LICENCE_FILE = /^(licen[cs]e|copying|notice|copyright)/i;

interface Distribution {
  folder: string;
  name: string;
  version: string;
  licence?: string;
}

export interface Vendored {
  packages: VendoredPackage[];
  /** Licence texts to be written beside the modules. */
  files: { file: string; from: string }[];
  /** The comment that a rewritten module of a package begins with. */
  notice(module: SourceModule): string | undefined;
}

const topOf = (module: SourceModule) => module.name.split('.')[0]!;

/** What is brought along of each package, with its licence. */
export function vendored(modules: Iterable<SourceModule>): Vendored {
  const byPackage = new Map<string, SourceModule[]>();
  for (const module of modules) if (module.outside) byPackage.set(topOf(module), [...(byPackage.get(topOf(module)) ?? []), module]);
  const packages: VendoredPackage[] = [];
  const files: { file: string; from: string }[] = [];
  const notices = new Map<string, string>();
  for (const [top, members] of [...byPackage].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const first = members[0]!;
    const folder = first.path.slice(0, first.path.length - first.file.length);
    const found = distributionOf(top, folder);
    const isPackage = members.some((one) => one.file.includes('/') || one.isPackage);
    const texts = licenceTexts(found, join(folder, top));
    const written = texts.map((from, at) => {
      const name = texts.findIndex((other) => basename(other) === basename(from)) === at ? basename(from) : `${at}-${basename(from)}`;
      return { file: isPackage ? join(top, name) : `${top}.${name}`, from };
    });
    files.push(...written);
    const entry: VendoredPackage = {
      package: top,
      ...(found ? { distribution: found.name, version: found.version } : {}),
      ...(found?.licence ? { licence: found.licence } : {}),
      licenceFiles: written.map((one) => one.file),
      files: members.length,
    };
    packages.push(entry);
    notices.set(top, noticeOf(entry));
  }
  return { packages, files, notice: (module) => (module.outside ? notices.get(topOf(module)) : undefined) };
}

function noticeOf({ package: top, distribution, version, licence, licenceFiles }: VendoredPackage): string {
  const who = distribution ? `${distribution} ${version}` : top;
  const text = licenceFiles.length ? `its licence is in ${licenceFiles.join(', ')}` : 'no licence text was found with it';
  return `# From ${who}${licence ? ` (licence: ${licence})` : ''}, changed: migrated from PyTorch to MindSpore by Tradewind; ${text}.\n`;
}

/** The dist-info of the package of that name: by its top_level.txt, else by the files that it lists. */
function distributionOf(top: string, folder: string): Distribution | undefined {
  if (!existsSync(folder)) return undefined;
  const infos = readdirSync(folder).filter((name) => name.endsWith('.dist-info'));
  const read = (info: string, file: string) => {
    const path = join(folder, info, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  const owns = (info: string) =>
    read(info, 'top_level.txt').split(/\s+/).includes(top) || new RegExp(`^${top}(/|\\.py,)`, 'm').test(read(info, 'RECORD'));
  // The one of the same name first, so that most often one file is read.
  const alike = (info: string) => Number(info.toLowerCase().replace(/-.*/, '') !== top.toLowerCase());
  const info = infos.sort((a, b) => alike(a) - alike(b)).find(owns);
  if (!info) return undefined;
  const head = read(info, 'METADATA').split(/\r?\n\r?\n/, 1)[0]!;
  const value = (name: string) => new RegExp(`^${name}: *(.+)$`, 'm').exec(head)?.[1]?.trim();
  return {
    folder: join(folder, info),
    name: value('Name') ?? top,
    version: value('Version') ?? '',
    licence: licenceName(
      value('License-Expression'),
      value('License'),
      [...head.matchAll(/^Classifier: License :: (.+)$/gm)].map(([, one]) => one!),
    ),
  };
}

function licenceName(expression: string | undefined, free: string | undefined, classifiers: readonly string[]): string | undefined {
  const classified = classifiers.map((one) => one.split(' :: ').at(-1)!).filter((one) => one !== 'OSI Approved');
  // Some put the whole text into the field.
  const short = free && free.length < 60 && !/^unknown$/i.test(free) ? free : undefined;
  return expression ?? short ?? (classified.length ? classified.join(', ') : undefined);
}

/** Licence texts in the dist-info (also in its `licenses` folder), else in the package's own folder. */
function licenceTexts(found: Distribution | undefined, own: string): string[] {
  const inside = found
    ? below(found.folder).filter((path) => LICENCE_FILE.test(basename(path)) || relative(found.folder, path).startsWith('licenses'))
    : [];
  if (inside.length || !existsSync(own) || !statSync(own).isDirectory()) return inside;
  return readdirSync(own)
    .filter((name) => LICENCE_FILE.test(name) && !name.endsWith('.py'))
    .map((name) => join(own, name));
}

function below(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .sort();
}

/** Where a notice may stand: behind the lines that only count where they are, `#!` and the encoding. */
export function noticePlace(source: string): number {
  let at = source.startsWith('\ufeff') ? 1 : 0;
  for (let line = 0; line < 2; line++) {
    const end = source.indexOf('\n', at);
    const text = source.slice(at, end < 0 ? source.length : end);
    if (end < 0 || !/^(#!|[ \t\f]*#.*?coding[:=])/.test(text)) break;
    at = end + 1;
  }
  return at;
}
