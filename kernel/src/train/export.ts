/** A run's metrics for other tools: TensorBoard's event files and MLflow's store, each written by its own library. */
import { runPython } from '../processes/python.ts';
import type { TrainerPlace } from './launch.ts';

export type ExportTarget = 'tensorboard' | 'mlflow';

/**
 * @param to the folder of event files, or the name of MLflow's experiment
 * @returns what was written, in a sentence. Throws a TradewindError that names the package to install where the library is not there.
 */
export async function exportRun(folder: string, target: ExportTarget, to: string, place: TrainerPlace): Promise<string> {
  const { lines, values, where } = await runPython<{ lines: number; values: number; where: string }>({
    ...place,
    module: 'tradewind.runs.export',
    arguments: [folder, `--${target}`, to],
  });
  return `${lines} lines, ${values} values → ${where}`;
}
