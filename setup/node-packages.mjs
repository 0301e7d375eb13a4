// Installs the npm packages from the lock file.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { digest, root, stamp, stamped, unstamp } from './places.mjs';
import { runTool } from './run-tool.mjs';

/** npm's own patience without a network is over ten minutes; ours is seconds. */
const RETRY = [
  '--prefer-offline',
  '--fetch-retries=1',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=3000',
  '--fetch-timeout=120000',
];

export async function installNodePackages() {
  const marker = join(root, 'node_modules', '.tradewind-stamp');
  const wanted = digest(join(root, 'package.json'), join(root, 'package-lock.json'));
  if (stamped(marker, wanted)) return 'up to date';
  if (existsSync(marker)) unstamp(marker);
  // No package needs an install script here: native parts come prebuilt inside the packages.
  // `install --no-save` keeps to the lock file and doesn't write it; `npm ci` would refuse where a package index lacks the
  // native parts of other platforms, which are optional and so may be missing from the lock.
  await runTool('installing the npm packages', 'npm', [
    'install',
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    ...RETRY,
  ]);
  stamp(marker, wanted);
}
