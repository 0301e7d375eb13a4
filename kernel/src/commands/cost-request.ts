/** What tradewind.cost is told besides the model: the chips with their figures, and the paper's rows that its projections are fitted to. */
import { CATALOGUE } from '../chips/index.ts';
import { PAPER_FORECASTS, PAPER_TRAINING } from '../records/paper.ts';

/** Chips of the catalogue with figures. */
export const WITH_FIGURES = CATALOGUE.flatMap(({ name, title, figures }) => (figures ? [{ name, title, figures }] : []));

export const COST_TABLES = {
  chips: WITH_FIGURES.map(({ name, figures }) => ({ name, ...figures })),
  paper: { forecasts: PAPER_FORECASTS, training: PAPER_TRAINING },
};
