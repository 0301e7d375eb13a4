// Starts a real JupyterLab from the checkout's environment, cut off from the user's own settings, kernels and workspaces.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootFolder } from '../../kernel/src/processes/places.ts';

export interface Lab {
  url: string;
  token: string;
  /** The folder that JupyterLab shows; notebooks of the tests are written there. */
  folder: string;
  /** Its configuration folder (`JUPYTER_CONFIG_DIR`). */
  configuration: string;
  /** Its data folder (`JUPYTER_DATA_DIR`): kernelspecs of the tests' own go under it. */
  data: string;
  stop(): Promise<void>;
}

const START_LIMIT = 90_000;

/** News and update checks ask the network, and their pop-up lies over the notebook. */
const SETTINGS: Record<string, object> = {
  '@jupyterlab/apputils-extension/notification': { fetchNews: 'false', checkForUpdates: false, doNotDisturbMode: true },
  '@jupyterlab/notebook-extension/tracker': { windowingMode: 'defer' },
};

export async function startLab(): Promise<Lab> {
  const home = mkdtempSync(join(tmpdir(), 'tradewind-lab-'));
  const place = (name: string) => {
    const path = join(home, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const folder = place('notebooks');
  const runtime = place('runtime');
  const settings = place('settings');
  const configuration = place('config');
  const data = place('data');
  for (const [name, value] of Object.entries(SETTINGS)) {
    const file = join(settings, `${name}.jupyterlab-settings`);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, JSON.stringify(value));
  }
  const token = randomBytes(24).toString('hex');
  const log: string[] = [];
  const child = spawn(
    join(rootFolder(), '.venv', 'bin', 'python'),
    [
      ...['-m', 'jupyterlab', '--no-browser', '--allow-root', '--ServerApp.ip=127.0.0.1', '--ServerApp.port=0'],
      ...[`--ServerApp.root_dir=${folder}`, '--LabApp.expose_app_in_browser=True', '--LabApp.extension_manager=readonly'],
      ...['--ServerApp.terminals_enabled=False', '--LabApp.news_url=None'],
    ],
    {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        JUPYTER_TOKEN: token,
        JUPYTER_CONFIG_DIR: configuration,
        JUPYTER_DATA_DIR: data,
        JUPYTER_RUNTIME_DIR: runtime,
        JUPYTERLAB_SETTINGS_DIR: settings,
        JUPYTERLAB_WORKSPACES_DIR: place('workspaces'),
        IPYTHONDIR: place('ipython'),
        OMP_NUM_THREADS: '1',
      },
    },
  );
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => log.push(text));

  const stop = async () => {
    await ended(child);
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const url = await address(child, runtime, token);
    return { url, token, folder, configuration, data, stop };
  } catch (error) {
    await stop();
    throw new Error(`JupyterLab did not start: ${(error as Error).message}\n${log.join('').slice(-4000)}`);
  }
}

/** The server writes its address into the runtime folder before it answers. */
async function address(child: ChildProcess, runtime: string, token: string): Promise<string> {
  const limit = Date.now() + START_LIMIT;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`);
    if (Date.now() > limit) throw new Error(`it gave no answer within ${START_LIMIT / 1000} s`);
    const file = readdirSync(runtime).find((name) => /^jpserver-\d+\.json$/.test(name));
    if (file) {
      try {
        const { url } = JSON.parse(readFileSync(join(runtime, file), 'utf8')) as { url: string };
        if ((await fetch(`${url}api/status?token=${token}`)).ok) return url;
      } catch {
        // Not whole yet, or not listening yet.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Ends the server, which ends its kernels; what does not listen is killed. */
function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
