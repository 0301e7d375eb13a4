/** What every record begins with: its kind, when, with which Tradewind, and where it was made. */
import { arch, platform, release } from 'node:os';
import type { BaseRecord } from '../records/record.ts';
import { TRADEWIND_VERSION } from '../records/version.ts';
import type { SessionAccess } from './command.ts';

/** `versions` are those of the libraries that took part (`{ python: "3.11.7", torch: "2.13.0" }`). */
export function baseRecord<Kind extends string>(
  kind: Kind,
  context: { session?: Pick<SessionAccess, 'active'> },
  versions: Record<string, string> = {},
): BaseRecord<Kind> {
  const active = context.session?.active();
  return {
    kind,
    version: 1,
    createdAt: new Date().toISOString(),
    tradewind: TRADEWIND_VERSION,
    environment: {
      chip: active?.chip ?? 'cpu',
      framework: active?.framework,
      platform: `${platform()} ${release()} ${arch()}`,
      versions: { node: process.versions.node, ...versions },
    },
  };
}
