/** What is shown as a file: the whole picture as PNG or SVG, its fields as NetCDF, a chart's values as CSV. */
import { leadTitle, type SkillRecord } from '../../../kernel/src/records/skill.ts';
import { pictureBlob, saveFile } from '../download.ts';
import { type Chart, chartCsv } from './chart.ts';
import { ENDINGS, type Figure, type Format, netcdfOf, paintingOf } from './export.ts';
import type { FieldKey, FieldSource } from './fields.ts';
import { metricTitle, metricUnit } from './metrics.ts';

export interface Shown {
  record: SkillRecord;
  source: FieldSource;
  choice: FieldKey;
}

const nameOf = ({ record, choice }: Pick<Shown, 'record' | 'choice'>) =>
  `skill-${record.forecasts.map(({ name }) => name).join('-')}-${choice.variable}-${choice.metric}`;

/** Rejects with why it can't be made. */
export async function savePicture(format: Format, shown: Shown, figure: () => Omit<Figure, 'title'>): Promise<void> {
  const { record, choice } = shown;
  const lead = leadTitle(record.leadTimes[choice.lead]!);
  const names = record.forecasts.map(({ name }) => name).join(' and ');
  const title = `${metricTitle(choice.metric)} of ${choice.variable} at ${lead}`;
  const content =
    format === 'NetCDF'
      ? new Blob([fieldsAsFile(shown, title)], { type: 'application/x-netcdf' })
      : await pictureBlob(format, paintingOf({ ...figure(), title: `${title}: ${names}` }));
  saveFile(content, `${nameOf(shown)}-${lead}`, ENDINGS[format]);
}

export function saveChart(chart: Chart, shown: Pick<Shown, 'record' | 'choice'>): void {
  saveFile(new Blob([chartCsv(chart, shown.record.provenance)], { type: 'text/csv' }), `${nameOf(shown)}-${chart.title}`, 'csv');
}

function fieldsAsFile({ record, source, choice }: Shown, title: string): Uint8Array<ArrayBuffer> {
  const all = record.forecasts.flatMap(({ name }, at) => {
    const field = source.get(at, choice);
    return field ? [{ name, field }] : [];
  });
  const fields = all.filter(({ field }) => field.grid === all[0]!.field.grid);
  if (fields.length === 0) throw new Error('this lead has no map here');
  const { variable, metric, lead } = choice;
  return netcdfOf({ record, fields, variable, metric, title, units: metricUnit(record, variable, metric), lead });
}
