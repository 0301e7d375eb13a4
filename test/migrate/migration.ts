// Migrates texts in a temporary folder: what the tests of this room share.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after } from 'node:test';
import { type MigrationRequest, type MigrationResult, migrate } from '../../kernel/src/migrate/migrate.ts';
import { TradewindError } from '../../kernel/src/records/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'tradewind-migrate-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

export function temporaryFolder(): string {
  const path = join(folder, String(count++));
  mkdirSync(path);
  return path;
}

/** Writes files into a new folder and gives its path. */
export function writeFiles(files: Record<string, string | Buffer>): string {
  const root = join(temporaryFolder(), 'source');
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}

export interface Migrated extends MigrationResult {
  root: string;
  /** The text of a file in OUT. */
  read(file: string): string;
  /** All files in OUT, relative. */
  files: string[];
}

export async function migrateFolder(root: string, request: Partial<MigrationRequest> = {}): Promise<Migrated> {
  const output = join(temporaryFolder(), 'out');
  const result = await migrate({ source: root, output, target: 'portable', force: false, ...request });
  return {
    ...result,
    root: result.output,
    read: (file) => readFileSync(join(result.output, file), 'utf8'),
    files: listFiles(result.output),
  };
}

export const migrateFiles = (files: Record<string, string | Buffer>, request: Partial<MigrationRequest> = {}) =>
  migrateFolder(writeFiles(files), request);

/** Asserts the whole text of one migrated module, blank lines at its ends aside. */
export async function assertMigrated(before: string, expected: string): Promise<void> {
  const migrated = await migrateFiles({ 'model.py': dedent(before) });
  assert.equal(migrated.read('model.py').trim(), dedent(expected).trim());
}

export function dedent(text: string): string {
  const lines = text.replace(/^\n/, '').trimEnd().split('\n');
  const indent = Math.min(...lines.filter((line) => line.trim()).map((line) => /^ */.exec(line)![0].length));
  return `${lines.map((line) => line.slice(indent)).join('\n')}\n`;
}

export function listFiles(root: string, at = root): string[] {
  if (!existsSync(at)) return [];
  return readdirSync(at)
    .sort()
    .flatMap((name) => (statSync(join(at, name)).isDirectory() ? listFiles(root, join(at, name)) : [relative(root, join(at, name))]));
}

/** For `assert.rejects`: an error of that code, with a remedy, whose sentence or place says this. */
export const refused = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof TradewindError, String(error));
  assert.equal(error.data.code, code);
  assert.match(error.data.message, message);
  assert.ok(error.data.remedy);
  return true;
};
