/**
 * What `npu-smi info -t common|usages|power -i N` prints → a card's figures: for tools whose table leaves them out (`-` for power). Lines of
 * `name : value`; `-t common` puts `Chip ID` before a chip's lines, `-t usages` behind them; the MCU (the card's controller) has lines of its own.
 */
import type { Card } from '../records/chips.ts';

type Figures = Partial<Pick<Card, 'memoryTotalMB' | 'memoryUsedMB' | 'utilisationPct' | 'powerW' | 'temperatureC'>>;

const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** By chip of the card. Power that the card's controller tells is the card's, given to its first chip. */
export function parseNpuDetails(output: string): Map<number, Figures> {
  const chips = new Map<number, Figures>();
  let controllerPower: number | undefined;
  for (const block of blocks(output)) {
    const chip = block.get('chip id');
    const number = (...names: string[]) => {
      const value = names.map((name) => block.get(name)).find((one) => one !== undefined && NUMBER.test(one));
      return value === undefined ? undefined : Number(value);
    };
    const power = number('npu real-time power(w)', 'power dissipation(w)');
    if (/^mcu$/i.test(block.get('chip name') ?? '')) {
      controllerPower ??= power;
      continue;
    }
    if (chip === undefined || !/^\d{1,3}$/.test(chip)) continue;
    const total = number('hbm capacity(mb)') || number('ddr capacity(mb)');
    const rate = number('hbm capacity(mb)') ? number('hbm usage rate(%)') : number('ddr usage rate(%)', 'memory usage rate(%)');
    const found: Figures = {
      memoryTotalMB: total,
      memoryUsedMB: total !== undefined && rate !== undefined ? Math.round((total * rate) / 100) : undefined,
      utilisationPct: number('aicore usage rate(%)'),
      powerW: power,
      temperatureC: number('temperature(c)', 'temperature (c)', 'npu temperature (c)'),
    };
    const told = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
    chips.set(Number(chip), { ...chips.get(Number(chip)), ...told });
  }
  const first = chips.get(Math.min(...chips.keys()));
  if (first && controllerPower !== undefined && [...chips.values()].every((one) => one.powerW === undefined))
    first.powerW = controllerPower;
  return chips;
}

/** The lines of one chip: parted by blank lines. */
function blocks(output: string): Map<string, string>[] {
  return output
    .split(/\r?\n[ \t]*\r?\n/)
    .map((part) => {
      const lines = part.split(/\r?\n/).map((line) => /^\s*([^:]+?)\s*:\s*(.*?)\s*$/.exec(line));
      return new Map(lines.filter((match) => match !== null).map((match) => [match[1]!.toLowerCase(), match[2]!]));
    })
    .filter((block) => block.size > 0);
}
