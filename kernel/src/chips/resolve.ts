/** The word after `%chip` → the engine to run on: its Python and its variables; or a clear no, with what was looked for and what would bring it. */
import { type ChipEntry, FRAMEWORKS, type Framework } from '../records/chips.ts';
import { TradewindError } from '../records/errors.ts';
import { didYouMean } from '../records/nearest.ts';
import { CATALOGUE, type Chip, findChip, type Vendor } from './catalogue.ts';
import { type Detection, type DetectionContext, detect, ownPython } from './detect.ts';
import { lookedFor, verdictOf } from './entries.ts';
import { isSlurm, type Place } from './places.ts';
import { judge } from './usable.ts';
import { engineFiles, type UserEngine, userEngines } from './user-engines.ts';

/** What an engine is, as data: an IPython process bound to a chip, a framework, a Python environment and a place. */
export interface EngineChoice {
  /** The word after `%chip`: `cpu`, `910b`, … */
  chip: string;
  framework: Framework;
  /** As users read it: `CPU · PyTorch`. */
  title: string;
  /** The Python to run it with; its environment must have ipykernel. */
  python: string;
  /** Variables on top of the kernel's own (`CUDA_VISIBLE_DEVICES`, `ASCEND_RT_VISIBLE_DEVICES`, …). */
  environment: Record<string, string>;
  /** Environment modules to load before Python starts, in order. */
  modules: string[];
  /** This machine, or another one (behind a server `python` is empty). */
  place: Place;
}

const LABEL: Record<Framework, string> = { pytorch: 'PyTorch', mindspore: 'MindSpore' };

/**
 * Chooses the engine for `%chip NAME [--framework …]`. Without a framework it is `preferred` (the active one) where that runs there,
 * else the first that does. Never another chip than the one that was named.
 */
export async function resolveEngine(
  name: string,
  framework: Framework | undefined,
  context: DetectionContext,
  preferred: Framework = 'pytorch',
): Promise<EngineChoice> {
  // Wrong words are told before anything is looked for.
  const chip = findChip(name);
  if (chip && framework && chip.refuses?.[framework]) throw refusal(chip, framework);
  // An engine elsewhere says itself whether it is there: this machine's chips have no part in it.
  const remote = chip ? undefined : (await userEngines(context.cwd, context.environment)).engines.find((one) => one.name === name);
  if (remote && remote.place !== 'local') return elsewhere(remote, framework, context.environment);
  const detection = await detect(context);
  return choose(name, framework, detection, context, preferred);
}

/** The same from what was detected already. */
export function choose(
  name: string,
  framework: Framework | undefined,
  detection: Detection,
  context: Pick<DetectionContext, 'cwd' | 'environment'>,
  preferred: Framework = 'pytorch',
): EngineChoice {
  const candidate = detection.candidates.find((one) => one.user?.name === name);
  if (candidate?.user) {
    const { user } = candidate;
    const chip = findChip(user.chip)!;
    sameFramework(user, framework);
    if (!detection.cards.has(chip.name)) throw absent(chip, lookedFor(chip, detection, candidate));
    const verdict = judge(chip, candidate, detection);
    if (!verdict.usable) throw new TradewindError({ code: 'absent', message: verdict.reason!, where: user.where, remedy: verdict.remedy });
    return {
      chip: name,
      framework: user.framework,
      title: `${user.title} · ${LABEL[user.framework]}`,
      python: user.python,
      environment: { ...visible(chip, detection, context.environment), ...user.environment },
      modules: user.modules,
      place: 'local',
    };
  }
  const chip = findChip(name);
  if (!chip) throw unknown(name, detection, context);
  if (framework && chip.refuses?.[framework]) throw refusal(chip, framework);
  if (!detection.cards.has(chip.name)) throw absent(chip, lookedFor(chip, detection));
  const order = framework ? [framework] : [preferred, ...FRAMEWORKS.filter((one) => one !== preferred)];
  const verdicts = order.map((one) => ({ framework: one, ...verdictOf(chip, one, detection) }));
  const usable = verdicts.find((one) => one.usable);
  if (!usable) {
    const first = verdicts[0]!;
    throw new TradewindError({
      code: 'absent',
      message: `${LABEL[first.framework]} cannot run on ${chip.title} here: ${first.reason}`,
      details:
        verdicts
          .slice(1)
          .map((one) => `${LABEL[one.framework]}: ${one.reason}`)
          .join('\n') || undefined,
      remedy: first.remedy,
    });
  }
  return {
    chip: name,
    framework: usable.framework,
    title: `${chip.title} · ${LABEL[usable.framework]}`,
    python: ownPython(context.environment),
    environment: visible(chip, detection, context.environment),
    modules: [],
    place: 'local',
  };
}

function sameFramework(user: UserEngine, framework: Framework | undefined): void {
  if (!framework || framework === user.framework) return;
  throw new TradewindError({
    code: 'usage',
    message: `the engine ${user.name} runs ${LABEL[user.framework]}, not ${LABEL[framework]}`,
    where: user.where,
    remedy: `%chip ${user.name}`,
  });
}

function elsewhere(user: UserEngine, framework: Framework | undefined, own: NodeJS.ProcessEnv): EngineChoice {
  sameFramework(user, framework);
  const { name, environment, modules, place } = user;
  const python = user.python || (isSlurm(place) ? ownPython(own) : '');
  return { chip: name, framework: user.framework, title: `${user.title} · ${LABEL[user.framework]}`, python, environment, modules, place };
}

const VISIBLE: Partial<Record<Vendor, { variable: string; with?: Record<string, string> }>> = {
  // nvidia-smi counts by bus; CUDA by speed unless it is told otherwise.
  nvidia: { variable: 'CUDA_VISIBLE_DEVICES', with: { CUDA_DEVICE_ORDER: 'PCI_BUS_ID' } },
  huawei: { variable: 'ASCEND_RT_VISIBLE_DEVICES' },
  hygon: { variable: 'HIP_VISIBLE_DEVICES' },
  amd: { variable: 'HIP_VISIBLE_DEVICES' },
};

/** Where a machine has several kinds of a vendor's cards, the engine sees those of its own chip; a choice that the user made stands. */
function visible(chip: Chip, detection: Detection, environment: NodeJS.ProcessEnv): Record<string, string> {
  const rule = VISIBLE[chip.vendor];
  const kinds = CATALOGUE.filter((one) => one.vendor === chip.vendor && detection.cards.has(one.name));
  if (!rule || kinds.length < 2 || environment[rule.variable] !== undefined) return {};
  const indices = detection.cards.get(chip.name)!.map((card) => card.index);
  return { ...rule.with, [rule.variable]: indices.sort((a, b) => a - b).join(',') };
}

function refusal(chip: Chip, framework: Framework): TradewindError {
  const other = FRAMEWORKS.find((one) => !chip.refuses?.[one]);
  return new TradewindError({
    code: 'refused',
    message: chip.refuses![framework]!,
    remedy: other ? `%chip ${chip.name} --framework ${other}` : undefined,
  });
}

function absent(chip: Chip, steps: ChipEntry['lookedFor']): TradewindError {
  return new TradewindError({
    code: 'absent',
    message: `no ${chip.title} is here; nothing else is used in its place`,
    details: ['Looked for:', ...steps.map((step) => `  ${step.found ? '✓' : '✗'} ${step.what}: ${step.detail}`)].join('\n'),
    remedy: chip.remedy,
  });
}

function unknown(name: string, detection: Detection, context: Pick<DetectionContext, 'cwd' | 'environment'>): TradewindError {
  const names = [...CATALOGUE.map((one) => one.name), ...detection.candidates.flatMap((one) => one.user?.name ?? [])];
  const file = detection.engineFile ?? engineFiles(context.cwd, context.environment)[0];
  return new TradewindError({
    code: 'usage',
    message: `there is no chip ${name}${didYouMean(name, names)}`,
    details: `Chips: ${names.join(', ')}`,
    remedy: `Engines of your own go into ${file}.`,
  });
}
