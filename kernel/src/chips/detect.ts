/** What is here: the drivers' tools, the machine's processor, and what the frameworks of each Python report, put together by chip. */
import { access } from 'node:fs/promises';
import { defaultPython } from '../processes/places.ts';
import { type Card, FRAMEWORKS, type Framework } from '../records/chips.ts';
import { CATALOGUE, type Chip, identify, type Vendor } from './catalogue.ts';
import { type ProbeAnswer, probe } from './probe.ts';
import { processor } from './processor.ts';
import { askTools, type ReportedCard, type ToolAnswer } from './tools.ts';
import { type UserEngine, userEngines } from './user-engines.ts';

/** One Python that an engine can run on, with what its framework said. */
export interface Candidate {
  python: string;
  framework: Framework;
  environment: Record<string, string>;
  /** Absent for the environment that set-up made. */
  user?: UserEngine;
  probe: ProbeAnswer;
}

export interface Detection {
  tools: ToolAnswer[];
  candidates: Candidate[];
  /** The user's engines on other machines: nothing is asked of them until one is used. */
  remote: UserEngine[];
  engineFile?: string;
  /** Cards by the catalogue's chip names. */
  cards: Map<string, Card[]>;
  /** Device files of drivers that are loaded: evidence where a tool is missing. */
  deviceFiles: { vendor: Vendor; path: string; found: boolean }[];
}

export interface DetectionContext {
  cwd: string;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
  progress?: (progress: { label: string; done: number; total?: number; unit?: string }) => void;
}

const DEVICE_FILES: readonly { vendor: Vendor; path: string }[] = [
  { vendor: 'nvidia', path: '/dev/nvidiactl' },
  { vendor: 'huawei', path: '/dev/davinci_manager' },
  { vendor: 'hygon', path: '/dev/kfd' },
  { vendor: 'amd', path: '/dev/kfd' },
];

/** The Python of the environment that set-up made, unless TRADEWIND_PYTHON names another. */
export function ownPython(environment: NodeJS.ProcessEnv): string {
  return environment.TRADEWIND_PYTHON || defaultPython();
}

/** Looks for everything, side by side. Throws only when engines.yaml is at fault or the user stopped it. */
export async function detect(context: DetectionContext): Promise<Detection> {
  const { cwd, environment, signal } = context;
  context.progress?.({ label: 'looking for chips', done: 0 });
  const [tools, { file, engines }, deviceFiles] = await Promise.all([
    askTools(environment, signal),
    userEngines(cwd, environment),
    Promise.all(
      DEVICE_FILES.map(async ({ vendor, path }) => ({
        vendor,
        path,
        found: await access(path).then(
          () => true,
          () => false,
        ),
      })),
    ),
  ]);
  const reported = tools.flatMap((tool) => tool.cards);
  const wanted = [
    ...FRAMEWORKS.map((framework) => ({
      python: ownPython(environment),
      framework,
      environment: {},
      user: undefined as UserEngine | undefined,
    })),
    ...engines
      .filter((user) => user.place === 'local')
      .map((user) => ({ python: user.python, framework: user.framework, environment: user.environment, user })),
  ];
  let done = 0;
  const candidates = await Promise.all(
    wanted.map(async (one): Promise<Candidate> => {
      const answer = await probe({
        ...one,
        variables: one.environment,
        modules: one.user?.modules,
        environment,
        cwd,
        signal,
        cards: reported.map((card) => `${card.vendor} ${card.index} ${card.name}`),
      });
      context.progress?.({ label: 'asking the frameworks', done: ++done, total: wanted.length });
      return { ...one, probe: answer };
    }),
  );
  signal.throwIfAborted();
  return {
    tools,
    candidates,
    remote: engines.filter((user) => user.place !== 'local'),
    engineFile: file,
    cards: byChip(reported, candidates),
    deviceFiles,
  };
}

/** Which vendor a framework's target speaks of. PyTorch's `hip` is AMD's and Hygon's; a card that is not named as AMD's is Hygon's. */
const TARGET_VENDORS: Record<string, (name: string) => Vendor> = {
  cuda: () => 'nvidia',
  GPU: () => 'nvidia',
  npu: () => 'huawei',
  Ascend: () => 'huawei',
  hip: (name) => (/amd|radeon|instinct|gfx9[04]|MI\d{2,3}/i.test(name) ? 'amd' : 'hygon'),
};

function byChip(reported: readonly ReportedCard[], candidates: readonly Candidate[]): Map<string, Card[]> {
  const cards = new Map<string, Card[]>([['cpu', [processor()]]]);
  const seen = new Set<string>();
  const add = (vendor: Vendor, { vendor: _, ...card }: Card & { vendor?: Vendor }) => {
    const key = `${vendor} ${card.index}`;
    if (seen.has(key)) return;
    seen.add(key);
    const { name } = identify(vendor, card.name, card.memoryTotalMB);
    cards.set(name, [...(cards.get(name) ?? []), card]);
  };
  // hy-smi and rocm-smi may speak of the same cards: the first to do so is heard.
  for (const card of reported) add(card.vendor, card);
  // In a container the frameworks may see cards where no tool is; a tool's word about a vendor's cards stands.
  const told = new Set(reported.map((card) => card.vendor));
  for (const { probe: answer } of candidates) {
    for (const target of answer.targets) {
      for (const device of target.devices) {
        const vendor = TARGET_VENDORS[target.name]?.(device.name);
        if (vendor && !told.has(vendor)) add(vendor, device);
      }
    }
  }
  return cards;
}

/** The chips to show: all that the catalogue names, and a catch-all where a card of it is here. */
export function shownChips(detection: Detection): Chip[] {
  return CATALOGUE.filter((chip) => !chip.catchAll || detection.cards.has(chip.name));
}
