/** The drivers' own tools: which there are, how they are asked, and what they answered here. The tool is run; nothing is assumed from its being there. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Card } from '../records/chips.ts';
import { parseNpuSmi } from './ascend.ts';
import type { Vendor } from './catalogue.ts';
import { parseNpuDetails } from './npu-details.ts';
import { NVIDIA_ARGUMENTS, parseNvidiaSmi } from './nvidia.ts';
import { parseRocmSmi, ROCM_ARGUMENTS } from './rocm.ts';

interface Tool {
  name: string;
  /** Whose cards it may speak of. */
  vendors: readonly Vendor[];
  arguments: readonly string[];
  /** Where its installer puts it when that is not on the PATH. */
  places: readonly string[];
  parse(output: string): (Card & { vendor?: Vendor })[];
  /** Asks further where its answer left out power; cards come back with what it told. */
  complete?(cards: ReportedCard[], ask: (words: readonly string[]) => Promise<string>): Promise<ReportedCard[]>;
}

export const TOOLS: readonly Tool[] = [
  { name: 'nvidia-smi', vendors: ['nvidia'], arguments: NVIDIA_ARGUMENTS, places: ['/usr/lib/wsl/lib'], parse: parseNvidiaSmi },
  {
    name: 'npu-smi',
    vendors: ['huawei'],
    arguments: ['info'],
    places: ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin'],
    parse: parseNpuSmi,
    complete: completeNpus,
  },
  {
    name: 'hy-smi',
    vendors: ['hygon'],
    arguments: ROCM_ARGUMENTS,
    places: ['/opt/hyhal/bin', '/usr/local/hyhal/bin'],
    parse: parseRocmSmi,
  },
  {
    name: 'rocm-smi',
    vendors: ['hygon', 'amd'],
    arguments: ROCM_ARGUMENTS,
    places: ['/opt/rocm/bin', '/opt/dtk/bin'],
    parse: parseRocmSmi,
  },
];

/** Where the table tells no card's power (`-` or `NA`), each card is asked for its own figures. Cards of several chips count them one by one. */
async function completeNpus(cards: ReportedCard[], ask: (words: readonly string[]) => Promise<string>): Promise<ReportedCard[]> {
  if (cards.length === 0 || cards.some((card) => card.powerW !== undefined)) return cards;
  return Promise.all(
    cards.map(async (card) => {
      const details = parseNpuDetails(await ask(['info', '-t', 'common', '-i', String(card.index)]));
      return { ...details.get(0), ...Object.fromEntries(Object.entries(card).filter(([, value]) => value !== undefined)) } as ReportedCard;
    }),
  );
}

export interface ReportedCard extends Card {
  vendor: Vendor;
}

export interface ToolAnswer {
  tool: string;
  vendors: readonly Vendor[];
  /** Did it report a card? */
  found: boolean;
  /** What came of it, in a sentence. */
  detail: string;
  cards: ReportedCard[];
}

/** A tool that hangs (a card that fell off its bus does that) is given up after this. */
const PATIENCE_MS = 15_000;

/** Asks every tool, side by side; the answers are in the table's order. */
export function askTools(environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<ToolAnswer[]> {
  return Promise.all(TOOLS.map((tool) => ask(tool, environment, signal)));
}

/** A tool that reported cards, to be asked again. */
export interface PresentTool {
  name: string;
  /** What it reported at first. */
  first: ReportedCard[];
  /** Asks once more; a tool that fails this time reports no card. */
  ask(signal: AbortSignal): Promise<ReportedCard[]>;
}

/** The tools that are here and report cards; of two that speak of the same vendor's cards the first is heard. */
export async function presentTools(environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<PresentTool[]> {
  const answers = await askTools(environment, signal);
  const heard = new Set<Vendor>();
  return answers.flatMap((answer, at) => {
    const first = answer.cards.filter((card) => !heard.has(card.vendor));
    for (const card of first) heard.add(card.vendor);
    if (first.length === 0) return [];
    const vendors = new Set(first.map((card) => card.vendor));
    return [
      {
        name: answer.tool,
        first,
        ask: async (one: AbortSignal) => (await ask(TOOLS[at]!, environment, one)).cards.filter((card) => vendors.has(card.vendor)),
      },
    ];
  });
}

/** The cards that a tool's output tells of; `more` gives its output for other words, where it is to be asked further. */
export async function cardsOf(tool: Tool, output: string, more: (words: readonly string[]) => Promise<string>): Promise<ReportedCard[]> {
  const cards = tool.parse(output).map((card) => ({ ...card, vendor: card.vendor ?? tool.vendors[0]! }));
  return tool.complete ? tool.complete(cards, more) : cards;
}

async function ask(tool: Tool, environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<ToolAnswer> {
  const answer = (found: boolean, detail: string, cards: ReportedCard[] = []): ToolAnswer => ({
    tool: tool.name,
    vendors: tool.vendors,
    found,
    detail,
    cards,
  });
  const program = await find(tool, environment);
  if (!program) return answer(false, 'not on the PATH');
  const { failure, output } = await run(program, tool.arguments, environment, signal);
  signal.throwIfAborted();
  const cards = await cardsOf(tool, output, async (words) => (await run(program, words, environment, signal)).output);
  if (cards.length > 0) return answer(true, `${cards.length} ${cards.length === 1 ? 'card' : 'cards'}: ${names(cards)}`, cards);
  const said = output
    .split('\n')
    .map((line) => line.trim())
    .find((line) => /[a-z]/i.test(line));
  return answer(false, failure ? `it failed (${failure})${said ? `: ${said}` : ''}` : `it reported no card${said ? `: ${said}` : ''}`);
}

function names(cards: readonly Card[]): string {
  const count = new Map<string, number>();
  for (const card of cards) count.set(card.name, (count.get(card.name) ?? 0) + 1);
  return [...count].map(([name, number]) => (number === 1 ? name : `${number} × ${name}`)).join(', ');
}

/** The program's path: on the PATH first, then where its installer puts it. */
async function find(tool: Tool, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const folders = [...(environment.PATH ?? '').split(delimiter).filter(Boolean), ...tool.places];
  for (const folder of folders) {
    const path = join(folder, tool.name);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}

function run(
  program: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<{ failure?: string; output: string }> {
  return new Promise((resolve) => {
    execFile(
      program,
      words,
      { env: { ...environment, LC_ALL: 'C' }, timeout: PATIENCE_MS, signal, maxBuffer: 2 ** 24 },
      (error, stdout, stderr) => {
        if (!error) return resolve({ output: stdout });
        const failure = error.killed
          ? `no answer in ${PATIENCE_MS / 1000} s`
          : error.code === undefined
            ? error.message
            : `exit code ${error.code}`;
        resolve({ failure, output: stdout.trim() === '' ? stderr : stdout });
      },
    );
  });
}
