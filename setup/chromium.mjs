// The browser of the browser tests: a Chromium or Chrome that is there, else Debian's package when this may install it.
import { existsSync } from 'node:fs';
import { Fault } from './fault.mjs';
import { runTool } from './run-tool.mjs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

export function findChromium(environment = process.env) {
  return [environment.TRADEWIND_CHROMIUM, ...PLACES].find((place) => place && existsSync(place));
}

export async function installChromium() {
  if (findChromium()) return 'up to date';
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Fault(
      'The browser tests need Chromium or Chrome, and none was found',
      'Install one (Debian: apt install chromium) or set TRADEWIND_CHROMIUM to its path.',
    );
  }
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await runTool('refreshing the package lists', 'apt-get', ['update'], { environment });
  await runTool('installing Chromium', 'apt-get', ['install', '-y', 'chromium'], { environment });
}
