// Registers the kernelspec, the JupyterLab extension and the `tradewind` command inside .venv, and nowhere else.

import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentFolder, node, python, root } from './places.mjs';

function replaceLink(target, link, kind) {
  rmSync(link, { recursive: true, force: true });
  symlinkSync(target, link, kind);
}

export function register() {
  const share = join(environmentFolder, 'share', 'jupyter');

  const spec = join(share, 'kernels', 'tradewind');
  rmSync(spec, { recursive: true, force: true });
  mkdirSync(spec, { recursive: true });
  const pictures = join(root, 'kernel', 'kernelspec');
  if (existsSync(pictures))
    for (const name of readdirSync(pictures)) if (name.startsWith('logo')) cpSync(join(pictures, name), join(spec, name));
  const kernel = {
    argv: [node, join(root, 'kernel', 'dist', 'main.mjs'), '{connection_file}'],
    display_name: 'Tradewind',
    language: 'python',
    interrupt_mode: 'message',
    metadata: { debugger: true },
  };
  writeFileSync(join(spec, 'kernel.json'), `${JSON.stringify(kernel, null, 2)}\n`);

  const extensions = join(share, 'labextensions');
  mkdirSync(extensions, { recursive: true });
  replaceLink(join(root, 'labextension', 'dist'), join(extensions, 'tradewind'), 'dir');

  const command = join(environmentFolder, 'bin', 'tradewind');
  writeFileSync(command, `#!/bin/sh\nexec "${node}" "${join(root, 'kernel', 'bin', 'tradewind.mjs')}" "$@"\n`);
  chmodSync(command, 0o755);
  // `npx tradewind` in the checkout finds commands here.
  const bin = join(root, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  replaceLink('../../kernel/bin/tradewind.mjs', join(bin, 'tradewind'), 'file');
  chmodSync(join(root, 'kernel', 'bin', 'tradewind.mjs'), 0o755);

  // `import tradewind` works in the environment's own Python, in scripts and engines alike.
  const site = execFileSync(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], { encoding: 'utf8' }).trim();
  writeFileSync(join(site, 'tradewind.pth'), `${join(root, 'kernel', 'python')}\n`);
}
