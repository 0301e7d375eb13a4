/** The record of `benchmark`: what was measured on the engines that are here, and a place for every row of the paper's tables. */
import type { ChipFigures, Framework } from './chips.ts';
import type { PaperEnergy, PaperForecast, PaperTraining } from './paper.ts';
import type { BaseRecord } from './record.ts';

/** Seconds of one kind of step: the middle half of the timed steps about their median; the first call is warm-up and stands by itself. */
export interface StepTimes {
  first: number;
  seconds: number[];
  median: number;
  low: number;
  high: number;
}

export interface MeasuredBenchmark {
  model: string;
  framework: Framework;
  chip: string;
  /** What the device said of itself, read back from a computation. */
  device: string;
  version: string;
  /** At the size of its paper, or much smaller. */
  size: 'published' | 'reduced';
  settings: Record<string, unknown>;
  batch: number;
  forecast: StepTimes;
  training: StepTimes;
  /** Mean watts while it ran, where a meter is. */
  watts?: number;
  meter?: string;
}

/** A row of the paper with what a fit that has not seen it projects, and what was measured here at that size. */
export interface Placed<Row> {
  paper: Row;
  projected: number;
  measured?: number;
}

export interface BenchmarkRecord extends BaseRecord<'benchmark'> {
  measured: MeasuredBenchmark[];
  /** Engines that are here and were not measured, with the reason. */
  without: { name: string; reason: string }[];
  hardware: { chip: string; title: string; figures: ChipFigures }[];
  forecasts: Placed<PaperForecast>[];
  trainings: Placed<PaperTraining>[];
  energy: PaperEnergy[];
  /** Error bars of the projections. */
  forecastFactor: number;
  trainingFactor: number;
}
