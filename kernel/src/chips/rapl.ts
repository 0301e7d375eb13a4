/** The processor's own meters of energy: RAPL, as Linux shows it under /sys/class/powercap (Intel's and AMD's alike). Often root's alone to read. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const POWERCAP = '/sys/class/powercap';

export interface RaplZone {
  /** Its number among the packages. */
  index: number;
  name: string;
  file: string;
  /** The counter goes back to zero after this many microjoules. */
  range: number;
}

/** The packages' zones that can be read (their parts, core and uncore, are in them already); `refused` says of one that cannot. */
export async function raplZones(folder = POWERCAP): Promise<{ zones: RaplZone[]; refused?: string }> {
  const zones: RaplZone[] = [];
  let refused: string | undefined;
  const entries = await readdir(folder).catch(() => []);
  for (const entry of entries.sort()) {
    const index = /^intel-rapl:(\d+)$/.exec(entry)?.[1];
    if (index === undefined) continue;
    const place = join(folder, entry);
    try {
      const [name, , range] = await Promise.all(
        ['name', 'energy_uj', 'max_energy_range_uj'].map(async (file) => (await readFile(join(place, file), 'utf8')).trim()),
      );
      if (!name!.startsWith('package')) continue;
      zones.push({ index: Number(index), name: name!, file: join(place, 'energy_uj'), range: Number(range) });
    } catch (error) {
      refused = `${join(place, 'energy_uj')}: ${(error as NodeJS.ErrnoException).code}`;
    }
  }
  return { zones, refused };
}

/** Reads a zone as a counter that never goes back, in joules. */
export function raplCounter(zone: RaplZone): () => Promise<number> {
  const joules = energyCounter(zone.range);
  return async () => joules(Number((await readFile(zone.file, 'utf8')).trim()));
}

/** Joules that never go back, from a counter's readings in microjoules, which turn at `range`. */
export function energyCounter(range: number): (microjoules: number) => number {
  let last = 0;
  let turned = 0;
  return (microjoules) => {
    if (microjoules < last) turned += range;
    last = microjoules;
    return (microjoules + turned) / 1e6;
  };
}
