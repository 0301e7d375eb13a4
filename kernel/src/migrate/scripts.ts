/**
 * Scripts below OUT's root: Python puts a script's own folder on its path, not the root, where `tradewind_compat.py` lies. A file of that name beside
 * the script leads there, so that there is one module however OUT is used.
 */
import { dirname, sep } from 'node:path';
import { COMPAT_FILE } from './manifest.ts';
import type { SourceModule } from './modules.ts';

const SCRIPT = /^if __name__ *== *["']__main__["']/m;

/** The folders below the root in which scripts lie, each with the text that leads to the root's file. */
export function signposts(modules: Iterable<SourceModule>): { file: string; text: string }[] {
  const folders = new Set<string>();
  for (const module of modules) {
    const folder = dirname(module.file);
    if (folder !== '.' && !module.outside && SCRIPT.test(module.source)) folders.add(folder);
  }
  return [...folders].sort().map((folder) => ({ file: `${folder}${sep}${COMPAT_FILE}`, text: signpost(folder.split(sep).length) }));
}

function signpost(depth: number): string {
  return `"""Leads scripts of this folder to the tradewind_compat.py at the root of the migrated code."""

import importlib.util
import pathlib
import sys

root = pathlib.Path(__file__).resolve().parents[${depth}] / "${COMPAT_FILE}"
spec = importlib.util.spec_from_file_location("tradewind_compat", root)
module = sys.modules["tradewind_compat"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
`;
}
