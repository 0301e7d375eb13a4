/** What the paper claims of accuracy, as data: Sun et al., arXiv 2510.17852. */
export type Expected = 'agree closely' | 'slightly worse';

export const ACCURACY_CLAIM = {
  /** Per cent, of RMSE and ACC, between frameworks and chips. */
  deviationPct: 5,
  byVariable: 'U0 and S0 agree closely between MindSpore on the 910b and PyTorch on the A100; T0 is slightly worse on MindSpore (Figure 2)',
  /** Of MindSpore's scores against PyTorch's. */
  expected: { U0: 'agree closely', S0: 'agree closely', T0: 'slightly worse' } as Readonly<Record<string, Expected>>,
  source: 'Sun et al., arXiv 2510.17852',
} as const;
