/** The record of `doctor`: what is here, what is not, and the remedy of each. */
import type { BaseRecord } from './record.ts';

export interface Check {
  /** `node`, `python`, `torch`, `mindspore`, `jupyterlab`, `kernelspec`, `extension`, `npu-smi`, … */
  name: string;
  status: 'ok' | 'missing' | 'wrong' | 'optional';
  found: string;
  remedy?: string;
}

export interface DoctorRecord extends BaseRecord<'doctor'> {
  healthy: boolean;
  checks: Check[];
}
