// Installs the npm packages from the lock file.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { digest, root, stamp, stamped, unstamp } from './places.mjs';
import { runTool } from './run-tool.mjs';

export async function installNodePackages() {
  const marker = join(root, 'node_modules', '.tradewind-stamp');
  const wanted = digest(join(root, 'package.json'), join(root, 'package-lock.json'));
  if (stamped(marker, wanted)) return 'up to date';
  if (existsSync(marker)) unstamp(marker);
  // No package needs an install script here: native parts come prebuilt inside the packages.
  await runTool('installing the npm packages', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  stamp(marker, wanted);
}
