/** What was detected → the entries of a chips record: one a chip of the catalogue, one an engine of the user's. */
import { type ChipEntry, type EngineEntry, type EngineState, FRAMEWORKS, type Framework } from '../records/chips.ts';
import { type Chip, findChip, identify } from './catalogue.ts';
import { type Candidate, type Detection, shownChips } from './detect.ts';
import { placeName } from './places.ts';
import { judge, TARGETS, type Verdict } from './usable.ts';

/** The engines that a session has started. */
export type StartedEngines = readonly { chip: string; framework: Framework; state: EngineState; reason?: string }[];

export function chipEntries(detection: Detection, started: StartedEngines = []): ChipEntry[] {
  return [
    ...shownChips(detection).map((chip) => catalogueEntry(chip, detection, started)),
    ...userEntries(detection, started),
    ...remoteEntries(detection, started),
  ];
}

function catalogueEntry(chip: Chip, detection: Detection, started: StartedEngines): ChipEntry {
  const cards = detection.cards.get(chip.name) ?? [];
  return {
    name: chip.name,
    title: chip.title,
    present: cards.length > 0,
    cards,
    lookedFor: lookedFor(chip, detection),
    remedy: cards.length > 0 ? undefined : chip.remedy,
    figures: chip.figures,
    engines: FRAMEWORKS.map((framework) => engineEntry(chip.name, framework, verdictOf(chip, framework, detection), started)),
  };
}

function userEntries(detection: Detection, started: StartedEngines): ChipEntry[] {
  return detection.candidates.flatMap((candidate) => {
    const { user } = candidate;
    const chip = user && findChip(user.chip);
    if (!user || !chip) return [];
    const cards = detection.cards.get(chip.name) ?? [];
    return {
      name: user.name,
      title: user.title,
      present: cards.length > 0,
      cards,
      lookedFor: [{ what: user.where, found: true, detail: `${user.python} for ${chip.title}` }, ...lookedFor(chip, detection, candidate)],
      remedy: cards.length > 0 ? undefined : chip.remedy,
      engines: [engineEntry(user.name, candidate.framework, judge(chip, candidate, detection), started)],
    };
  });
}

/** Engines on other machines: present once they run, since nothing is asked of a server before it is used. */
function remoteEntries(detection: Detection, started: StartedEngines): ChipEntry[] {
  return detection.remote.map((user) => {
    const engine = engineEntry(user.name, user.framework, { usable: true }, started);
    const running = engine.state === 'idle' || engine.state === 'busy';
    return {
      name: user.name,
      title: user.title,
      present: running,
      cards: [],
      lookedFor: [{ what: user.where, found: running, detail: `${placeName(user.place)}; ${running ? 'connected' : 'not connected yet'}` }],
      remedy: running ? undefined : `%chip ${user.name} connects to it.`,
      engines: [engine],
    };
  });
}

/** The verdict on the environment that set-up made; where it is no, an engine of the user's that can is the remedy. */
export function verdictOf(chip: Chip, framework: Framework, detection: Detection): Verdict {
  const own = detection.candidates.find((one) => !one.user && one.framework === framework)!;
  const verdict = judge(chip, own, detection);
  if (verdict.usable || chip.refuses?.[framework]) return verdict;
  const other = detection.candidates.find(
    (one) => one.user?.chip === chip.name && one.framework === framework && judge(chip, one, detection).usable,
  );
  return other ? { ...verdict, remedy: `%chip ${other.user!.name} has it (${other.user!.where}).` } : verdict;
}

function engineEntry(chip: string, framework: Framework, verdict: Verdict, started: StartedEngines): EngineEntry {
  const engine = started.find((one) => one.chip === chip && one.framework === framework);
  return {
    framework,
    ...verdict,
    state: engine?.state ?? (verdict.usable ? 'stopped' : 'absent'),
    reason: engine?.reason ?? verdict.reason,
  };
}

/** How a framework's view of a vendor's cards is called. */
const VIEW: Record<string, string> = {
  cuda: 'torch.cuda',
  hip: 'torch.version.hip',
  npu: 'torch_npu',
  GPU: 'MindSpore’s GPU target',
  Ascend: 'MindSpore’s Ascend target',
};

/** Every step that was taken to find the chip, in order: the driver's tools, its device file, the frameworks. */
export function lookedFor(chip: Chip, detection: Detection, only?: Candidate): ChipEntry['lookedFor'] {
  if (chip.vendor === 'cpu') return processorSteps(detection, only);
  const steps: ChipEntry['lookedFor'] = [];
  for (const tool of detection.tools.filter((one) => one.vendors.includes(chip.vendor))) {
    const mine = tool.cards.some((card) => identify(card.vendor, card.name, card.memoryTotalMB).name === chip.name);
    steps.push({ what: tool.tool, found: mine, detail: tool.detail });
  }
  for (const file of detection.deviceFiles.filter((one) => one.vendor === chip.vendor)) {
    steps.push({
      what: file.path,
      found: file.found,
      detail: file.found ? 'the driver is loaded' : 'no such device: the driver is not loaded',
    });
  }
  for (const candidate of only ? [only] : detection.candidates.filter((one) => !one.user)) {
    const { framework, probe } = candidate;
    const name = TARGETS[framework][chip.vendor];
    if (name === undefined) continue;
    const target = probe.targets.find((one) => one.name === name) ?? probe.targets.find((one) => !one.built);
    const mine = target?.devices.some((card) => identify(chip.vendor, card.name, card.memoryTotalMB).name === chip.name) ?? false;
    steps.push({ what: VIEW[name]!, found: mine, detail: target?.detail ?? probe.checked });
  }
  return steps;
}

function processorSteps(detection: Detection, only?: Candidate): ChipEntry['lookedFor'] {
  const card = detection.cards.get('cpu')?.[0];
  const candidates = only ? [only] : detection.candidates.filter((one) => !one.user);
  return [
    { what: 'processor', found: true, detail: card?.name ?? '' },
    ...candidates.map(({ framework, probe }) => ({
      what: framework === 'pytorch' ? 'PyTorch' : 'MindSpore',
      found: probe.version !== null,
      detail: probe.version === null ? probe.checked : `${probe.version} (${probe.checked})`,
    })),
  ];
}
