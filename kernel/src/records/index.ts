/** The record types that a command can give. */
import type { AdviceRecord } from './advice.ts';
import type { BenchmarkRecord } from './benchmark.ts';
import type { ChipsRecord } from './chips.ts';
import type { DatasetRecord } from './dataset.ts';
import type { DoctorRecord } from './doctor.ts';
import type { EnergyRecord } from './energy.ts';
import type { FitRecord } from './fit.ts';
import type { JobsRecord } from './jobs.ts';
import type { MonitorRecord } from './monitor.ts';
import type { ProtocolRecord } from './protocol.ts';
import type { ReportRecord } from './report.ts';
import type { ComparisonRecord, SkillRecord } from './skill.ts';
import type { TogetherRecord } from './together.ts';
import type { RunComparisonRecord, RunsRecord, TrainingRecord } from './training.ts';
import type { TransferRecord } from './transfer.ts';
import type { VerificationRecord } from './verification.ts';
import type { WeightsRecord } from './weights.ts';

export type TradewindRecord =
  | AdviceRecord
  | BenchmarkRecord
  | ChipsRecord
  | ComparisonRecord
  | DatasetRecord
  | DoctorRecord
  | EnergyRecord
  | FitRecord
  | JobsRecord
  | MonitorRecord
  | ProtocolRecord
  | ReportRecord
  | RunComparisonRecord
  | RunsRecord
  | SkillRecord
  | TogetherRecord
  | TrainingRecord
  | TransferRecord
  | VerificationRecord
  | WeightsRecord;
