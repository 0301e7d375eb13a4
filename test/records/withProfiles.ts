/** A record of an evaluation with small quantiles, spectra and rank histograms. */
import type { SkillRecord } from '../../kernel/src/records/skill.ts';

/** Its first forecasts, `count` of them. */
export const withProfiles = (sample: SkillRecord, count: number): SkillRecord => ({
  ...sample,
  forecasts: sample.forecasts.slice(0, count).map((forecast) => ({
    ...forecast,
    variables: {
      T0: { ...forecast.variables.T0!, units: 'degC', more: { 'error-p99': [0.8, 1.6], 'error-p50': [0.2, null], bias: [0, 0] } },
    },
    regions: {},
    spectra: {
      T0: {
        leads: [0, 1],
        wavenumbers: [1, 2, 4],
        forecast: [
          [1, 0.1, 0.01],
          [1, 0.08, 0],
        ],
        truth: [
          [1, 0.1, 0.02],
          [1, 0.1, 0.03],
        ],
        circles: [12, 10],
      },
    },
    ranks: { T0: { leads: [1], members: 3, together: 1, relative: [[1.6, 0.5, 0.4, 1.5]] } },
  })),
});
