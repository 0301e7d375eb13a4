/** The line under every display: when, with what and on what it was made. */
import type { BaseRecord } from '../records/record.ts';

/** `2026-11-24 03:40 UTC · Tradewind 0.1.0 · linux 6.1 x64 · python 3.11.7, torch 2.13.0`. */
export function provenanceOf(record: BaseRecord<string>): string {
  const moment = new Date(record.createdAt);
  const when = Number.isNaN(moment.getTime()) ? record.createdAt : `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const { platform, versions } = record.environment;
  const made = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [when, `Tradewind ${record.tradewind}`, platform, made.join(', ')].filter(Boolean).join(' · ');
}
