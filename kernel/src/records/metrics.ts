/**
 * Metrics by lead from weighted sums: a table that says what each is called, what it is made of, its formula, source and units.
 *
 * E[x] is the weighted mean over valid cells and initial times, Σ w x / Σ w. d = forecast − truth, a = forecast − climatology, b = truth − climatology.
 */
import { errorQuantile, type RowSumName, type RowTotals, rankShares } from './rowSums.ts';
import { acc, type Normalisation, rmse, type SumName, type WeightedSums } from './scores.ts';

/** Weighted sums over a set of cells, and over its rows where a metric asks for them: of the whole grid and of bands of latitude. */
export type MetricSums = WeightedSums & { rows?: RowTotals };

/** `own`: the variable's units; `squared`: their square; `none`: a pure number. */
export type MetricUnits = 'own' | 'squared' | 'none';

export interface MetricDefinition {
  title: string;
  formula: string;
  source: string;
  units: MetricUnits;
  /** Sums beyond those that every score has. */
  sums: readonly SumName[];
  /** Sums by row that it is made of: it has a value over the whole grid and over regions that go round the globe. */
  rows?: readonly RowSumName[];
  /** Null where it has no value: nothing valid, or a spread of nought below a quotient. */
  value(sums: MetricSums, normalisation: Normalisation, initialTimes: number): number | null;
}

const quotient = (above: number, below: number): number | null => (below > 0 ? above / below : null);
/** 1 − above / below. */
const spared = (above: number, below: number): number | null => {
  const share = quotient(above, below);
  return share === null ? null : 1 - share;
};
const mean = (sums: WeightedSums, name: SumName): number => sums[name]! / sums.validWeight;
/** E[x²] − E[x]², never below nought. Rounding of the two is taken for nought: a constant has no spread. */
function variance(sums: WeightedSums, square: SumName, plain: SumName): number {
  const [whole, shift] = [mean(sums, square), mean(sums, plain) ** 2];
  return whole - shift > 1e-13 * whole ? whole - shift : 0;
}
function correlation(sums: WeightedSums, product: SumName, one: [SumName, SumName], two: [SumName, SumName]): number | null {
  const covariance = mean(sums, product) - mean(sums, one[1]) * mean(sums, two[1]);
  const value = quotient(covariance, Math.sqrt(variance(sums, ...one)) * Math.sqrt(variance(sums, ...two)));
  return value === null ? null : Math.max(-1, Math.min(1, value));
}
const some =
  (value: (sums: WeightedSums) => number | null) =>
  (sums: WeightedSums): number | null =>
    sums.count > 0 && sums.validWeight > 0 ? value(sums) : null;
/** Of power by wavenumber: what lies beyond an eighth of the cells, the effective resolution of most models. */
const smallScale = (power: Float64Array): number =>
  power.reduce((sum, one, wavenumber) => (wavenumber > (power.length - 1) / 4 ? sum + one : sum), 0);
const ofAnomalies = (sums: WeightedSums) => correlation(sums, 'ab', ['aa', 'a'], ['bb', 'b']);

/** Of |error|, over all cells that count. */
const percentile = (q: number) => ({
  title: q === 50 ? 'median absolute error' : `${q}th percentile of the absolute error`,
  formula: `smallest x that |d| doesn’t exceed in ${q} % of the weight, to 0.8 %`,
  source: 'Hyndman and Fan 1996, Amer. Stat. 50, 361–365 (type 1); bins of relative width as in Masson et al. 2019, PVLDB 12, 2195–2205',
  units: 'own' as const,
  sums: [],
  rows: ['errors'] as const,
  value: ({ rows }: MetricSums) => (rows?.errors ? errorQuantile(rows.errors, q / 100) : null),
});

const WMO = 'WMO Manual on the Global Data-processing and Forecasting System (WMO-No. 485), appendix 2.2.34';
const MURPHY = 'Murphy and Epstein 1989, Mon. Wea. Rev. 117, 572–581';

export const METRICS = {
  rmse: {
    title: 'RMSE',
    formula: '√E[d²]; with `paper` normalisation Σ L d² / (N |G|) under the root',
    source: "the paper's appendix",
    units: 'own',
    sums: [],
    value: rmse,
  },
  acc: {
    title: 'ACC',
    formula: 'E[a b] / √(E[a²] E[b²]), uncentred',
    source: "the paper's appendix",
    units: 'none',
    sums: [],
    value: acc,
  },
  mse: {
    title: 'MSE',
    formula: 'E[d²], normalised as RMSE is',
    source: WMO,
    units: 'squared',
    sums: [],
    value: (sums, normalisation, initialTimes) => {
      const root = rmse(sums, normalisation, initialTimes);
      return root === null ? null : root * root;
    },
  },
  mae: { title: 'MAE', formula: 'E[|d|]', source: WMO, units: 'own', sums: ['ad'], value: some((sums) => mean(sums, 'ad')) },
  bias: { title: 'bias', formula: 'E[d]', source: WMO, units: 'own', sums: ['d'], value: some((sums) => mean(sums, 'd')) },
  'error-std': {
    title: 'error standard deviation',
    formula: '√(E[d²] − E[d]²)',
    source: 'Murphy 1988, Mon. Wea. Rev. 116, 2417–2424',
    units: 'own',
    sums: ['d'],
    value: some((sums) => Math.sqrt(variance(sums, 'dd', 'd'))),
  },
  'acc-centred': {
    title: 'ACC, centred',
    formula: '(E[a b] − E[a] E[b]) / √(Var a · Var b)',
    source: `${WMO}; Wilks, Statistical Methods in the Atmospheric Sciences, 9.4.5`,
    units: 'none',
    sums: ['a', 'b'],
    value: some(ofAnomalies),
  },
  'pearson-r': {
    title: 'Pearson r',
    formula: '(E[f t] − E[f] E[t]) / √(Var f · Var t), of the fields themselves',
    source: 'Wilks, 9.4.4',
    units: 'none',
    sums: ['f', 't', 'ff', 'tt', 'ft'],
    value: some((sums) => correlation(sums, 'ft', ['ff', 'f'], ['tt', 't'])),
  },
  'explained-variance': {
    title: 'explained variance',
    formula: '1 − Var d / Var t',
    source: 'Murphy 1988',
    units: 'none',
    sums: ['d', 't', 'tt'],
    value: some((sums) => spared(variance(sums, 'dd', 'd'), variance(sums, 'tt', 't'))),
  },
  'activity-forecast': {
    title: 'activity of the forecast',
    formula: '√Var a: smaller than the truth’s where the forecast is blurred',
    source: 'Ben Bouallègue et al. 2024, Bull. Amer. Meteor. Soc. 105, E864–E883 (there SDAF)',
    units: 'own',
    sums: ['a'],
    value: some((sums) => Math.sqrt(variance(sums, 'aa', 'a'))),
  },
  'activity-truth': {
    title: 'activity of the truth',
    formula: '√Var b',
    source: 'Ben Bouallègue et al. 2024',
    units: 'own',
    sums: ['b'],
    value: some((sums) => Math.sqrt(variance(sums, 'bb', 'b'))),
  },
  'skill-climatology': {
    title: 'skill against climatology',
    formula: '1 − E[d²] / E[b²]',
    source: 'Murphy 1988',
    units: 'none',
    sums: [],
    value: some((sums) => spared(sums.dd, sums.bb)),
  },
  'skill-persistence': {
    title: 'skill against persistence',
    formula: '1 − E[d²] / E[(p − t)²], p: the truth at the initial time, over the cells where it is valid',
    source: 'Murphy 1992, Weather and Forecasting 7, 692–698',
    units: 'none',
    sums: ['pn', 'pd', 'pp'],
    value: some((sums) => spared(sums.pd!, sums.pp!)),
  },
  'murphy-association': {
    title: 'Murphy: association',
    formula: 'r², r the centred correlation of anomalies',
    source: MURPHY,
    units: 'none',
    sums: ['a', 'b'],
    value: some((sums) => {
      const r = ofAnomalies(sums);
      return r === null ? null : r * r;
    }),
  },
  'murphy-conditional-bias': {
    title: 'Murphy: conditional bias',
    formula: '(r − s_a / s_b)², s the standard deviations of the anomalies',
    source: MURPHY,
    units: 'none',
    sums: ['a', 'b'],
    value: some((sums) => {
      const [r, ratio] = [ofAnomalies(sums), quotient(Math.sqrt(variance(sums, 'aa', 'a')), Math.sqrt(variance(sums, 'bb', 'b')))];
      return r === null || ratio === null ? null : (r - ratio) ** 2;
    }),
  },
  'murphy-unconditional-bias': {
    title: 'Murphy: unconditional bias',
    formula: '((E[a] − E[b]) / s_b)²',
    source: MURPHY,
    units: 'none',
    sums: ['a', 'b'],
    value: some((sums) => quotient((mean(sums, 'a') - mean(sums, 'b')) ** 2, variance(sums, 'bb', 'b'))),
  },
  'hit-rate': {
    title: 'hit rate',
    formula: 'hits / (hits + misses): of the cells where the truth lies above the threshold, the share where the forecast does',
    source: 'Wilks, 9.2.1',
    units: 'none',
    sums: ['hits', 'misses'],
    value: some((sums) => quotient(sums.hits!, sums.hits! + sums.misses!)),
  },
  'false-alarm-ratio': {
    title: 'false-alarm ratio',
    formula: 'false alarms / (hits + false alarms)',
    source: 'Wilks, 9.2.1',
    units: 'none',
    sums: ['hits', 'alarms'],
    value: some((sums) => quotient(sums.alarms!, sums.hits! + sums.alarms!)),
  },
  csi: {
    title: 'critical success index',
    formula: 'hits / (hits + misses + false alarms)',
    source: 'Wilks, 9.2.1 (threat score)',
    units: 'none',
    sums: ['hits', 'misses', 'alarms'],
    value: some((sums) => quotient(sums.hits!, sums.hits! + sums.misses! + sums.alarms!)),
  },
  crps: {
    title: 'CRPS, fair',
    formula: 'E[Σ|xᵢ − t| / M − Σᵢ<ⱼ |xᵢ − xⱼ| / (M (M − 1))] of an ensemble’s M members x',
    source: 'Ferro 2014, Q. J. R. Meteorol. Soc. 140, 1917–1923',
    units: 'own',
    sums: ['cr'],
    value: some((sums) => mean(sums, 'cr')),
  },
  spread: {
    title: 'ensemble spread',
    formula: '√E[(M + 1)/M · s²], s² the unbiased variance of the members: equals the RMSE of their mean where the ensemble is reliable',
    source: 'Fortin et al. 2014, J. Hydrometeorol. 15, 1708–1713',
    units: 'own',
    sums: ['ev'],
    value: some((sums) => Math.sqrt(mean(sums, 'ev'))),
  },
  'spread-skill': {
    title: 'spread over skill',
    formula: 'spread / √E[d²], d the error of the ensemble mean; 1 where the ensemble is reliable, less where it is too sure',
    source: 'Fortin et al. 2014',
    units: 'none',
    sums: ['ev'],
    value: some((sums) => {
      const ratio = quotient(sums.ev!, sums.dd);
      return ratio === null ? null : Math.sqrt(ratio);
    }),
  },
  'rank-deviation': {
    title: 'deviation of the rank histogram',
    formula:
      'Σ|sⱼ − 1/(M + 1)|, sⱼ the weight’s share of cells with j of the M members below the truth, ties shared out; 0 where all ranks are alike',
    source: 'Delle Monache et al. 2006, J. Geophys. Res. 111, D24307 (reliability index); Hamill 2001, Mon. Wea. Rev. 129, 550–560',
    units: 'none',
    sums: [],
    rows: ['ranks'],
    value: ({ rows }) => {
      const shares = rows?.ranks ? rankShares(rows.ranks) : null;
      return shares === null ? null : shares.reduce((sum, share) => sum + Math.abs(share - 1 / shares.length), 0);
    },
  },
  'error-p50': percentile(50),
  'error-p90': percentile(90),
  'error-p95': percentile(95),
  'error-p99': percentile(99),
  'small-scale-power': {
    title: 'power at small scales',
    formula:
      'Σ P_f(k) / Σ P_t(k) over zonal wavelengths shorter than 8 cells, P the mean power over rows without a missing cell; less than 1 where the forecast is blurred',
    source: 'Skamarock 2004, Mon. Wea. Rev. 132, 3019–3032',
    units: 'none',
    sums: [],
    rows: ['power_forecast', 'power_truth', 'power_rows'],
    value: ({ rows }) =>
      rows?.power_forecast && rows.power_truth ? quotient(smallScale(rows.power_forecast), smallScale(rows.power_truth)) : null,
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;

export const METRIC_NAMES = Object.keys(METRICS) as MetricName[];

export function metricOf(name: string): MetricDefinition | undefined {
  return (METRICS as Record<string, MetricDefinition>)[name];
}

/** The sums by row that these metrics are made of. */
export function rowSumsFor(metrics: readonly MetricName[]): RowSumName[] {
  return [...new Set(metrics.flatMap((name) => metricOf(name)!.rows ?? []))];
}

/** The sums that these metrics are made of, beyond those that every score has. */
export function sumsFor(metrics: readonly MetricName[]): SumName[] {
  return [...new Set(metrics.flatMap((name): readonly SumName[] => METRICS[name].sums))];
}

/**
 * RMSE of a vector (currents: u and v), in their units: √(E[d_u²] + E[d_v²]). Source: WeatherBench 2 (Rasp et al. 2024), wind vector RMSE.
 */
export function vectorRmse(u: number | null | undefined, v: number | null | undefined): number | null {
  return typeof u === 'number' && typeof v === 'number' ? Math.hypot(u, v) : null;
}
