/** What every record has in common: a record is the typed, versioned JSON result of a command; all that is shown is drawn from one. */

/** Where a record was made: the chip, and the versions of what took part (`{python: "3.11.7", torch: "2.13.0", …}`). */
export interface Environment {
  chip: string;
  framework?: string;
  platform: string;
  versions: Record<string, string>;
}

export interface BaseRecord<Kind extends string> {
  kind: Kind;
  /** The version of this kind's layout; it grows when a reader of the old layout would misread the new one. */
  version: 1;
  /** ISO 8601, UTC. */
  createdAt: string;
  /** The version of Tradewind that made it. */
  tradewind: string;
  environment: Environment;
}

/** The word that says how a figure came about. Never show one as another. */
export type Provenance = 'measured' | 'documented' | 'projected';

/** Own MIME types of the records that have a widget. */
export const MIME_TYPES = {
  report: 'application/vnd.tradewind.report.v1+json',
  training: 'application/vnd.tradewind.loss.v1+json',
  skill: 'application/vnd.tradewind.skill.v1+json',
  chips: 'application/vnd.tradewind.chips.v1+json',
  together: 'application/vnd.tradewind.together.v1+json',
} as const;
