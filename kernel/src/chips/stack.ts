/**
 * What lies between a card and a framework, looked at from below: device and driver, firmware, runtime (CANN, DTK, CUDA), framework.
 * The first thing that is missing is what to mend; what stands on it is not judged. A vendor of whom there is no trace is not spoken of.
 */
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Check } from '../records/doctor.ts';
import type { Vendor } from './catalogue.ts';
import type { Candidate, Detection } from './detect.ts';
import { CANN_OF_MINDSPORE, CANN_OF_TORCH_NPU, cannFits } from './supported.ts';

/** A step of a stack: what was found, or what to do. */
interface Step {
  name: string;
  look(): Promise<{ found?: string; missing?: string; remedy?: string; wrong?: boolean }>;
}

export interface StackContext {
  detection: Detection;
  environment: NodeJS.ProcessEnv;
  /** Where the system's folders are; tests have a root of their own. */
  root?: string;
}

/** The checks of every vendor of whom there is a trace: a card, a device file or an installed runtime. */
export async function stackChecks(context: StackContext): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [vendor, title, steps] of STACKS) {
    if (await hasTrace(vendor, context)) checks.push(...(await climb(title, steps(context))));
  }
  return checks;
}

/** Looks from below; everything above the first fault is left out, as it stands on it. */
async function climb(title: string, steps: readonly Step[]): Promise<Check[]> {
  const checks: Check[] = [];
  for (const step of steps) {
    const { found, missing, remedy, wrong } = await step.look();
    const name = `${title}: ${step.name}`;
    if (missing === undefined) {
      checks.push({ name, status: 'ok', found: found ?? '' });
      continue;
    }
    const above = steps.slice(steps.indexOf(step) + 1).map((one) => one.name);
    const rest = above.length > 0 ? ` (${above.join(', ')}: not looked at, they stand on it)` : '';
    checks.push({ name, status: wrong ? 'wrong' : 'missing', found: `${missing}${rest}`, remedy });
    break;
  }
  return checks;
}

const at = ({ root = '/' }: StackContext, path: string) => join(root, path);
const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
const text = (path: string) => readFile(path, 'utf8').catch(() => undefined);

/** `Version=25.2.0` of a version.info, `version=8.5.0` of an install.info. */
export function versionIn(content: string | undefined): string | undefined {
  return /^\s*version\s*=\s*(\S+)/im.exec(content ?? '')?.[1];
}

/** Cards that a tool or framework reported. The device file of Hygon's is AMD's too, so by itself it says nothing of whose it is. */
function cardsOf(vendor: Vendor, { tools }: Detection): number {
  return tools.reduce((sum, tool) => sum + tool.cards.filter((card) => card.vendor === vendor).length, 0);
}

const TRACES: Partial<Record<Vendor, readonly string[]>> = {
  nvidia: ['/dev/nvidiactl', '/proc/driver/nvidia/version'],
  huawei: ['/dev/davinci_manager', '/usr/local/Ascend/driver', '/usr/local/Ascend/ascend-toolkit', '/usr/local/Ascend/cann'],
  hygon: ['/opt/dtk', '/opt/hyhal'],
};

async function hasTrace(vendor: Vendor, context: StackContext): Promise<boolean> {
  if (cardsOf(vendor, context.detection) > 0) return true;
  const found = await Promise.all((TRACES[vendor] ?? []).map((path) => exists(at(context, path))));
  return found.includes(true);
}

function toolStep(vendor: Vendor, tool: string, context: StackContext, remedy: string): Step {
  return {
    name: tool,
    async look() {
      const cards = cardsOf(vendor, context.detection);
      if (cards > 0) return { found: `${cards} ${cards === 1 ? 'card' : 'cards'}` };
      const said = context.detection.tools.filter((one) => one.vendors.includes(vendor)).map((one) => `${one.tool}: ${one.detail}`);
      return { missing: said.join('; ') || 'no card was reported', remedy };
    },
  };
}

/** The framework of each Python, on these cards; one that sees them is enough. */
function frameworkStep(
  target: Record<string, string>,
  context: StackContext,
  remedy: string,
  judge?: (one: Candidate) => Promise<string | undefined>,
): Step {
  return {
    name: 'framework',
    async look() {
      const told: string[] = [];
      const seeing: string[] = [];
      for (const one of context.detection.candidates) {
        const found = one.probe.targets.find((kind) => kind.name === target[one.framework]);
        const who = one.user?.name ?? one.framework;
        const fault = found && found.devices.length > 0 ? await judge?.(one) : undefined;
        if (fault) return { missing: `${who}: ${fault}`, remedy, wrong: true };
        if (found && found.devices.length > 0) seeing.push(`${who}: ${found.detail}`);
        else if (target[one.framework]) told.push(`${who}: ${found?.detail ?? one.probe.checked}`);
      }
      return seeing.length > 0 ? { found: seeing.join('; ') } : { missing: told.join('; ') || 'no framework for it', remedy };
    },
  };
}

/** Where CANN is: the environment's word, else where its installers put it; newest layout first. */
export async function cannFolder(context: StackContext): Promise<string | undefined> {
  const { environment } = context;
  const named = [environment.ASCEND_HOME_PATH, environment.ASCEND_TOOLKIT_HOME].filter((one) => one !== undefined);
  const usual = ['/usr/local/Ascend/cann', '/usr/local/Ascend/ascend-toolkit/latest'].map((one) => at(context, one));
  for (const folder of [...named, ...usual]) if (await exists(folder)) return folder;
  return undefined;
}

/** `8.5.0`, `8.3.RC1`: from the toolkit's install.info (a folder a processor), else from the compiler's version.info. */
export async function cannVersion(folder: string): Promise<string | undefined> {
  const parts = await readdir(folder).catch(() => []);
  for (const part of parts.filter((name) => name.endsWith('-linux')).sort()) {
    const version = versionIn(await text(join(folder, part, 'ascend_toolkit_install.info')));
    if (version) return version;
  }
  return versionIn(await text(join(folder, 'compiler', 'version.info')));
}

function ascend(context: StackContext): Step[] {
  return [
    {
      name: 'driver',
      async look() {
        const version = versionIn(await text(at(context, '/usr/local/Ascend/driver/version.info')));
        const loaded = await exists(at(context, '/dev/davinci_manager'));
        if (loaded || cardsOf('huawei', context.detection) > 0) return { found: version ?? 'loaded' };
        return {
          missing: version ? `${version} is installed, but /dev/davinci_manager is not there: it is not loaded` : 'no /dev/davinci_manager',
          remedy:
            'Install Ascend’s HDK driver (Ascend-hdk-*-npu-driver_*.run --full) as root and restart; in a container pass /dev/davinci*, /dev/davinci_manager, /dev/devmm_svm and /dev/hisi_hdc.',
        };
      },
    },
    toolStep(
      'huawei',
      'npu-smi',
      context,
      'npu-smi comes with the driver (/usr/local/bin/npu-smi); run npu-smi info: the account must be in the group HwHiAiUser.',
    ),
    {
      name: 'firmware',
      async look() {
        const version = versionIn(await text(at(context, '/usr/local/Ascend/firmware/version.info')));
        // A container has the host's driver mounted, seldom the firmware's folder: cards that answer have firmware.
        return { found: version ?? 'not told (npu-smi reports cards, so it runs)' };
      },
    },
    {
      name: 'CANN',
      async look() {
        const folder = await cannFolder(context);
        if (!folder)
          return {
            missing: 'no CANN: neither ASCEND_HOME_PATH nor /usr/local/Ascend/cann nor ascend-toolkit/latest',
            remedy: 'Install Ascend-cann-toolkit and the kernels (ops) for the chip, of the version that fits MindSpore or torch_npu.',
          };
        const version = await cannVersion(folder);
        if (!context.environment.ASCEND_OPP_PATH) {
          return {
            missing: `${version ?? 'of unknown version'} in ${folder}, but its environment is not loaded (ASCEND_OPP_PATH is not set)`,
            remedy: `source ${folder}/set_env.sh (for ascend-toolkit/latest: the set_env.sh above it), in the shell or the module that starts Jupyter.`,
            wrong: true,
          };
        }
        return { found: `${version ?? 'of unknown version'} in ${folder}` };
      },
    },
    frameworkStep(
      { pytorch: 'npu', mindspore: 'Ascend' },
      context,
      'Install the MindSpore, or torch with torch_npu, that was built for this CANN; the tables are in docs/chips.md.',
      async (one) => {
        const folder = await cannFolder(context);
        const cann = folder && (await cannVersion(folder));
        if (!cann) return undefined;
        const npu = /torch_npu (\d[\w.]*)/.exec(one.probe.targets.find((kind) => kind.name === 'npu')?.detail ?? '')?.[1];
        const [name, version, table] =
          one.framework === 'mindspore'
            ? ['MindSpore', one.probe.version!, CANN_OF_MINDSPORE]
            : ['torch_npu', npu ?? '', CANN_OF_TORCH_NPU];
        return cannFits(table!, version!, cann) === 'no'
          ? `${name} ${version} wants CANN ${table![version!.replace(/\+.*$/, '')]!.join(' or ')}, and ${cann} is here`
          : undefined;
      },
    ),
  ];
}

function dcu(context: StackContext): Step[] {
  return [
    {
      name: 'driver',
      async look() {
        if (await exists(at(context, '/dev/kfd'))) return { found: '/dev/kfd' };
        return {
          missing: 'no /dev/kfd: the driver is not loaded',
          remedy:
            'Load the hycu driver (as root: modprobe hycu); in a container pass --device=/dev/kfd --device=/dev/dri and the group video.',
        };
      },
    },
    toolStep('hygon', 'hy-smi', context, 'hy-smi comes with the driver (/opt/hyhal/bin); rocm-smi with DTK: module load the site’s DTK.'),
    {
      name: 'DTK',
      async look() {
        const places = [context.environment.ROCM_PATH, context.environment.DTKROOT, at(context, '/opt/dtk')].filter(
          (one) => one !== undefined,
        );
        for (const place of places) {
          for (const file of ['version', 'version-dev']) {
            const version = (await text(join(place, '.info', file)))?.trim().split('\n')[0];
            if (version) return { found: `${version} in ${place}` };
          }
        }
        return {
          missing: `no DTK in ${places.join(', ')}`,
          remedy: 'module load the site’s DTK (compiler/dtk/… on Sugon’s machines), or source /opt/dtk/env.sh.',
        };
      },
    },
    frameworkStep(
      { pytorch: 'hip' },
      context,
      'Install Sugon’s own wheel of torch for this DTK and Python (its name has dtk and cp in it); one from PyPI is built for CUDA or the CPU.',
    ),
  ];
}

function nvidia(context: StackContext): Step[] {
  return [
    {
      name: 'driver',
      async look() {
        const version = /Kernel Module\s+(?:for \S+\s+)?(\d[\d.]*)/.exec(
          (await text(at(context, '/proc/driver/nvidia/version'))) ?? '',
        )?.[1];
        if (version || cardsOf('nvidia', context.detection) > 0) return { found: version ?? 'loaded' };
        return {
          missing: 'the kernel module is not loaded (/proc/driver/nvidia/version)',
          remedy: 'Install NVIDIA’s driver; in a container start it with --gpus all.',
        };
      },
    },
    toolStep(
      'nvidia',
      'nvidia-smi',
      context,
      'Run nvidia-smi: its message says what is wrong between it and the driver (often a driver that was updated and wants a restart).',
    ),
    frameworkStep(
      { pytorch: 'cuda', mindspore: 'GPU' },
      context,
      'Install a CUDA build of torch that is no newer than the driver (nvidia-smi shows the newest CUDA that it can), or name a Python that has one in engines.yaml.',
    ),
  ];
}

const STACKS: readonly (readonly [Vendor, string, (context: StackContext) => Step[]])[] = [
  ['huawei', 'Ascend', ascend],
  ['hygon', 'DCU', dcu],
  ['nvidia', 'NVIDIA', nvidia],
];
