/** Opens what one variable of one forecast is scored with: the main thread to plan, every thread to read. Stores are opened once. */
import type { ChunkCache } from './chunkCache.ts';
import { type Inputs, openClimatology, openForecast, openTruth } from './inputs.ts';
import { fixedClimatology } from './meanClimatology.ts';
import { openStore, type Store } from './store.ts';
import { findVariable } from './variables.ts';

export interface Paths {
  forecasts: { name: string; path: string }[];
  truth: string;
  climatology?: string;
  /** For exceedance: a store of thresholds, laid out like a climatology. */
  threshold?: string;
}

export interface Opener {
  store(path: string): Promise<Store>;
  /** `mean`: where no climatology was given, the mean of the truth (see `meanOf`); asked for only then. */
  open(forecast: number, variable: string, mean: (inputs: Pick<Inputs, 'forecast' | 'truth'>) => Promise<Float64Array>): Promise<Inputs>;
}

/** Fields are read through `cache`, which is made when the first one is. */
export function opener(paths: Paths, cache: () => ChunkCache, signal: AbortSignal): Opener {
  const stores = new Map<string, Promise<Store>>();
  const store = (path: string) => {
    const opened = stores.get(path) ?? openStore(path, signal);
    stores.set(path, opened);
    return opened;
  };
  return {
    store,
    async open(index, variable, mean) {
      const truthStore = await store(paths.truth);
      const { units } = (await findVariable(truthStore, variable)).variable.attributes as { units?: string };
      const forecast = await openForecast(await store(paths.forecasts[index]!.path), variable, cache, units);
      const against = { grid: forecast.grid, calendar: forecast.initial.calendar };
      const truth = await openTruth(truthStore, variable, cache, against);
      const climatology = paths.climatology
        ? await openClimatology(await store(paths.climatology), variable, cache, against, truth.units)
        : fixedClimatology(await mean({ forecast, truth }), truth.times.seconds.length, forecast.grid, cache);
      const threshold = paths.threshold
        ? await openClimatology(await store(paths.threshold), variable, cache, against, truth.units)
        : undefined;
      return { forecast, truth, climatology, threshold };
    },
  };
}
