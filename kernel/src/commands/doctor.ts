/** `doctor`: says what is here, what is not, and what to do about it. */
import type { DoctorRecord } from '../records/doctor.ts';
import { baseRecord } from './base.ts';
import type { Command } from './command.ts';
import {
  browserCheck,
  chipStackChecks,
  diskCheck,
  engineFileCheck,
  extensionCheck,
  kernelChecks,
  nodeChecks,
  toolChecks,
} from './doctor-checks.ts';
import { pythonChecks } from './doctor-python.ts';

export const doctor: Command<DoctorRecord> = {
  name: 'doctor',
  summary: 'say what is installed, what is missing, and the remedy of each',
  details:
    'Checks Node and its packages, the Python environment against the pinned requirements, room on the disk, the kernelspec, the JupyterLab extension and engines.yaml. For every kind of accelerator of which there is a trace it climbs from driver over firmware and runtime (CANN against the tables of MindSpore and torch_npu, DTK) to the framework, and names the first thing that is missing. Drivers’ tools and a browser for the tests are optional. The exit code is 1 when something that is needed is missing or wrong.',
  examples: ['doctor', 'doctor --json health.json'],
  positionals: [],
  options: [],
  async run(_, context) {
    context.progress({ label: 'looking around', done: 0 });
    const groups = await Promise.all([
      nodeChecks(),
      pythonChecks(context),
      kernelChecks(),
      extensionCheck(),
      diskCheck(context.cwd),
      engineFileCheck(context),
      toolChecks(context),
      chipStackChecks(context),
      browserCheck(context.environment),
    ]);
    const checks = groups.flat();
    const version = (name: string) => checks.find((check) => check.name === name && check.status === 'ok')?.found;
    const versions = Object.fromEntries(
      ['python', 'torch', 'mindspore', 'jupyterlab'].flatMap((name) => (version(name) ? [[name, version(name)!]] : [])),
    );
    return {
      ...baseRecord('doctor', context, versions),
      healthy: checks.every((check) => check.status === 'ok' || check.status === 'optional'),
      checks,
    };
  },
  exitCode: (record) => (record.healthy ? 0 : 1),
};
