/** What sums by row show beyond single figures: power by zonal wavenumber (does the forecast blur with lead?) and rank histograms (is the ensemble reliable?), for a few leads. */
import { evenlySpread } from './evenlySpread.ts';
import { METRICS, metricOf } from './metrics.ts';
import { meanPower, type RowTotals, rankShares } from './rowSums.ts';

/** Mean power of forecast and truth by band of zonal wavenumbers, over the rows of latitude without a missing cell. */
export interface Spectrum {
  /** Indices into the record's `leadTimes`. */
  leads: number[];
  /** The mean wavenumber of each band, waves round the circle; from 1. Single ones up to 16, beyond twelve bands an octave. */
  wavenumbers: number[];
  /** By lead and band, power of one wavenumber: the variable's units squared. */
  forecast: number[][];
  truth: number[][];
  /** By lead: how many rows (over the initial times) counted. */
  circles: number[];
}

/** How often the truth had each rank among the members. */
export interface RankHistogram {
  leads: number[];
  members: number;
  /** How many ranks stand together in a bar: more than one of large ensembles. */
  together: number;
  /** By lead and bar: the share of the weight over what a reliable ensemble would have; 1 where all ranks are alike. */
  relative: number[][];
}

const LEADS = 6;
const BARS = 64;
const [SINGLE, PER_OCTAVE] = [16, 12];

/** At most six of the leads that have a value, evenly spread, first and last among them. */
function chosen(leads: number[]): number[] {
  return evenlySpread(leads.length, LEADS).map((at) => leads[at]!);
}

const short = (value: number): number => Number(value.toPrecision(5));

/** The bands [from, to) of the wavenumbers from 1 to `highest`. */
export function bandsOf(highest: number): [number, number][] {
  const bands: [number, number][] = [];
  for (let from = 1, step = 0; from <= highest; ) {
    let to = from + 1;
    if (from > SINGLE) {
      do to = Math.round(SINGLE * 2 ** (++step / PER_OCTAVE)) + 1;
      while (to <= from);
    }
    to = Math.min(to, highest + 1);
    bands.push([from, to]);
    from = to;
  }
  return bands;
}

/** From the totals of each lead; undefined where no lead has a row without a missing cell. */
export function spectrumOf(totals: readonly (RowTotals | undefined)[]): Spectrum | undefined {
  const leads = chosen([...totals.keys()].filter((lead) => (totals[lead]?.power_rows?.[0] ?? 0) > 0));
  if (leads.length === 0) return undefined;
  const bands = bandsOf(totals[leads[0]!]!.power_forecast!.length - 1);
  const banded = (name: 'power_forecast' | 'power_truth') =>
    leads.map((lead) => {
      const power = meanPower(totals[lead]![name]!, totals[lead]!.power_rows!)!;
      return bands.map(([from, to]) => short(power.slice(from, to).reduce((sum, one) => sum + one, 0) / (to - from)));
    });
  return {
    leads,
    wavenumbers: bands.map(([from, to]) => (from + to - 1) / 2),
    forecast: banded('power_forecast'),
    truth: banded('power_truth'),
    circles: leads.map((lead) => totals[lead]!.circles!),
  };
}

/** From the totals of each lead; undefined where nothing was ranked. */
export function rankHistogramOf(totals: readonly (RowTotals | undefined)[]): RankHistogram | undefined {
  const shares = totals.map((one) => (one?.ranks ? rankShares(one.ranks) : null));
  const leads = chosen([...shares.keys()].filter((lead) => shares[lead] !== null));
  if (leads.length === 0) return undefined;
  const ranks = shares[leads[0]!]!.length;
  const together = Math.ceil(ranks / BARS);
  return {
    leads,
    members: ranks - 1,
    together,
    relative: leads.map((lead) =>
      Array.from({ length: Math.ceil(ranks / together) }, (_, bar) => {
        const own = shares[lead]!.slice(bar * together, (bar + 1) * together);
        return short((own.reduce((sum, one) => sum + one, 0) * ranks) / own.length);
      }),
    ),
  };
}

/** The quantiles of |error| among the names, with the share of the weight that doesn't exceed them: `90 %`; lowest first. */
export function errorQuantiles(names: readonly string[]): { metric: string; title: string }[] {
  return Object.keys(METRICS)
    .filter((name) => names.includes(name) && metricOf(name)!.rows?.includes('errors'))
    .map((metric) => ({ metric, title: `${metric.replace('error-p', '')} %` }));
}
