// Bundles the JupyterLab extension into labextension/dist, the folder that `.venv/share/jupyter/labextensions/tradewind` links to.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { root, stamp, stamped, unstamp } from './places.mjs';

const require = (path) => join(root, 'node_modules', ...path.split('/'));

/** A digest of all that the bundle is made from: sources, styles, schema, and the versions of the packages in it. */
function sourcesDigest() {
  const hash = createHash('sha256');
  for (const folder of ['labextension/src', 'labextension/schema', 'style', 'kernel/src/records'])
    for (const file of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort())
      hash.update(file.slice(root.length)).update(readFileSync(file));
  for (const file of ['package.json', 'package-lock.json', 'labextension/rspack.config.cjs', 'setup/build-extension.mjs'])
    hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** Builds labextension/dist with JupyterLab's own builder (it needs no Python), unless what is there was built from the same sources. */
export async function buildExtension() {
  const mark = join(root, 'labextension', 'dist', '.built');
  const digest = sourcesDigest();
  if (stamped(mark, digest)) return 'up to date';
  unstamp(mark);
  const builder = require('@jupyter/builder/lib/build-labextension.js');
  const core = require('@jupyterlab/core-meta/core.package.json');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [builder, '--core-package-file', core, root], {
    cwd: root,
    maxBuffer: 64 << 20,
  }).catch((error) => {
    throw new Error(`the extension could not be built:\n${error.stdout ?? ''}${error.stderr ?? error.message}`);
  });
  // The builder ends with success after some errors of its own; a bundle without an entry is none.
  const built = JSON.parse(readFileSync(join(root, 'labextension', 'dist', 'package.json'), 'utf8')).jupyterlab._build;
  if (!built?.load || !existsSync(join(root, 'labextension', 'dist', built.load)))
    throw new Error(`the extension could not be built:\n${stdout}${stderr}`);
  stamp(mark, digest);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildExtension();
