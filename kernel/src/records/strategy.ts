/** A use's strategy in words, for every form of the report: static pages, Markdown, the terminal and the widget. */
import type { Use } from './report.ts';

/** The strategy; never `equivalent` without a limit where the use works on a dtype that was not measured. */
export function strategyText(use: Use): string {
  const parts = [
    use.unmeasuredDtypes?.length ? `not measured for ${use.unmeasuredDtypes.join(', ')}` : '',
    ...(use.partlyMeasured ?? []).map(({ dtype, passed, samples }) => `${passed} of ${samples} ${dtype} samples passed`),
  ].filter(Boolean);
  if (!parts.length) return use.strategy;
  const known =
    use.strategy === 'equivalent' && use.measured?.dtypes.length ? `equivalent for ${use.measured.dtypes.join(', ')}` : use.strategy;
  return use.strategy === 'equivalent' && !use.measured?.dtypes.length ? parts.join('; ') : `${known}; ${parts.join('; ')}`;
}
