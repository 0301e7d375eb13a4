// Bundles the kernel and the command line into kernel/dist (one file each starts faster than two hundred).
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { node } from './places.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, 'kernel', 'dist');

/** Builds kernel/dist/{main,cli}.mjs; chunks that a command loads lazily become files of their own. */
export async function buildKernel() {
  mkdirSync(out, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      main: 'kernel/src/main.ts',
      cli: 'kernel/src/cli.ts',
      snapshots: 'kernel/src/migrate/snapshots.ts',
      'parse-worker': 'kernel/src/migrate/parse-worker.ts',
      'score-worker': 'kernel/src/evaluate/score-worker.ts',
    },
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    sourcemap: 'linked',
    // zeromq carries a native library that it finds beside itself.
    external: ['zeromq'],
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    logLevel: 'warning',
    metafile: true,
  });
  // Chunks are named by their content: those of earlier builds would pile up.
  const written = new Set(Object.keys(metafile.outputs).map((file) => basename(file)));
  for (const name of readdirSync(out)) if (/\.mjs(\.map)?$|^snapshot-/.test(name) && !written.has(name)) rmSync(join(out, name));
  for (const [from, to] of [
    ['web-tree-sitter/web-tree-sitter.wasm', 'web-tree-sitter.wasm'],
    ['tree-sitter-python/tree-sitter-python.wasm', 'tree-sitter-python.wasm'],
  ]) {
    copyFileSync(join(root, 'node_modules', from), join(out, to));
  }
  // Without it the first migration makes them.
  if (existsSync(node)) spawnSync(node, [join(out, 'snapshots.mjs')]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildKernel();
