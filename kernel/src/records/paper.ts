/** The paper's tables as data: Sun et al., arXiv 2510.17852. Chips by the catalogue's names; its hardware (Table 1) is in chips/catalogue.ts. */
import type { Framework } from './chips.ts';

export const PAPER = 'Sun et al., arXiv 2510.17852';

/** The models as Tradewind calls them. */
export type PaperModel = 'aigoms' | 'fourcastnet' | 'graphcast';
export const PAPER_MODELS: Readonly<Record<PaperModel, string>> = { aigoms: 'AI-GOMS', fourcastnet: 'FourCastNet', graphcast: 'GraphCast' };

/** Training of AI-GOMS: a row of Table 2 (PyTorch) or 3 (MindSpore). */
export interface PaperTraining {
  table: 'Table 2' | 'Table 3';
  framework: Framework;
  chip: string;
  workers: number;
  batch: number;
  epochSeconds: number;
  epochs: number;
  totalSeconds: number;
}

function training(
  table: PaperTraining['table'],
  framework: Framework,
  rows: readonly (readonly [string, number, number, number, number])[],
) {
  return rows.map(
    ([chip, workers, batch, epochSeconds, epochs]): PaperTraining => ({
      table,
      framework,
      chip,
      workers,
      batch,
      epochSeconds,
      epochs,
      totalSeconds: epochSeconds * epochs,
    }),
  );
}

export const PAPER_TRAINING: readonly PaperTraining[] = [
  ...training('Table 2', 'pytorch', [
    ['a100', 16, 2, 5400, 75],
    ['a100', 16, 1, 8800, 60],
    ['3090', 16, 1, 10200, 65],
    ['910b', 16, 2, 5580, 75],
    ['910b', 16, 1, 8960, 60],
    ['dcu', 16, 1, 12600, 60],
    ['dcu', 32, 1, 6700, 75],
    ['dcu', 64, 1, 4500, 75],
  ]),
  ...training('Table 3', 'mindspore', [
    ['a100', 16, 2, 5500, 75],
    ['a100', 16, 1, 8960, 60],
    ['910b', 16, 2, 5400, 70],
    ['910b', 16, 1, 8800, 55],
  ]),
];

/** Table 4: seconds a forecast step. */
export interface PaperForecast {
  table: 'Table 4';
  model: PaperModel;
  framework: Framework;
  chip: string;
  seconds: number;
}

// biome-ignore format: one line a row
export const PAPER_FORECASTS: readonly PaperForecast[] = [
  { table: 'Table 4', model: 'fourcastnet', framework: 'pytorch', chip: 'a100', seconds: 0.353 },
  { table: 'Table 4', model: 'fourcastnet', framework: 'pytorch', chip: '910b', seconds: 0.389 },
  { table: 'Table 4', model: 'fourcastnet', framework: 'pytorch', chip: 'dcu', seconds: 0.4 },
  { table: 'Table 4', model: 'graphcast', framework: 'pytorch', chip: 'a100', seconds: 1.035 },
  { table: 'Table 4', model: 'graphcast', framework: 'pytorch', chip: '910b', seconds: 1.169 },
  { table: 'Table 4', model: 'aigoms', framework: 'pytorch', chip: 'a100', seconds: 0.675 },
  { table: 'Table 4', model: 'aigoms', framework: 'pytorch', chip: '910b', seconds: 0.68 },
  { table: 'Table 4', model: 'aigoms', framework: 'pytorch', chip: 'dcu', seconds: 0.705 },
  { table: 'Table 4', model: 'aigoms', framework: 'mindspore', chip: 'a100', seconds: 0.598 },
  { table: 'Table 4', model: 'aigoms', framework: 'mindspore', chip: '910b', seconds: 0.605 },
];

/** Table S1: watts, and throughput per watt relative to the A100 = 100. */
export interface PaperEnergy {
  table: 'Table S1';
  chip: string;
  trainingWatts: number;
  trainingEfficiency: number;
  forecastWatts: number;
  forecastEfficiency: number;
}

// biome-ignore format: one line a row
export const PAPER_ENERGY: readonly PaperEnergy[] = [
  { table: 'Table S1', chip: 'a100', trainingWatts: 235, trainingEfficiency: 100, forecastWatts: 100, forecastEfficiency: 100 },
  { table: 'Table S1', chip: '910b', trainingWatts: 200, trainingEfficiency: 115, forecastWatts: 90, forecastEfficiency: 110 },
  { table: 'Table S1', chip: 'dcu', trainingWatts: 180, trainingEfficiency: 91, forecastWatts: 70, forecastEfficiency: 137 },
];

/** Where the paper contradicts itself about energy: both are shown. */
export const PAPER_ENERGY_NOTE =
  'Table S1 gives the 910b 200 W in training against the A100’s 235 W; the paper’s text speaks of an average power increase of about 15 %.';
