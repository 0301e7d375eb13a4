/** What the paper claims of accuracy, as data: Sun et al., arXiv 2510.17852. */
export const ACCURACY_CLAIM = {
  /** Per cent, of RMSE and ACC, between frameworks and chips. */
  deviationPct: 5,
  byVariable: 'U0 and S0 agree closely between MindSpore on the 910b and PyTorch on the A100; T0 is slightly worse on MindSpore (Figure 2)',
  source: 'Sun et al., arXiv 2510.17852',
} as const;
