/** Where an engine lives, as data: this machine, a Jupyter server or gateway, a user's server on a JupyterHub, a Slurm allocation. */

/** Where a token is to be read; the token itself is never here. */
export type Token = { env: string } | { file: string };

/** A Jupyter Server or Enterprise Gateway. */
export interface ServerPlace {
  url: string;
  kernelspec: string;
  token?: Token;
}

/** A user's server behind a JupyterHub, which the hub starts. */
export interface HubPlace {
  /** The hub's address, without `/hub`. */
  hub: string;
  /** Without it the token's own user. */
  user?: string;
  /** A named server; the unnamed one is `''`. */
  server: string;
  kernelspec: string;
  token: Token;
}

/** How an engine's messages reach it on its node. */
export const REACHES = ['ssh', 'srun'] as const;
export type Reach = (typeof REACHES)[number];

export interface SlurmPlace {
  slurm: {
    /** Options for srun, one an element: `--partition=npu`. */
    options: string[];
    /** An allocation that is there; without one srun takes the one that it runs in, or makes one. */
    job?: { number: string } | { env: string };
    reach: Reach;
  };
}

export type Place = 'local' | ServerPlace | HubPlace | SlurmPlace;

/** As users read it: `at https://…`, `in a Slurm allocation`. */
export function placeName(place: Place): string {
  if (place === 'local') return 'on this machine';
  if ('slurm' in place) return 'in a Slurm allocation';
  return 'hub' in place ? `at ${place.hub} (JupyterHub)` : `at ${place.url}`;
}

export function isSlurm(place: Place): place is SlurmPlace {
  return place !== 'local' && 'slurm' in place;
}
