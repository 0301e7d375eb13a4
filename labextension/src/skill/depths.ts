/** Variables that are one quantity at several depths: `T0`, `T100`, `T500`. */
export interface Level {
  name: string;
  quantity: string;
  /** Metres. */
  depth: number;
}

function levelOf(name: string): Level | undefined {
  const parts = /^([A-Za-z_]*[A-Za-z])_?(\d+(?:\.\d+)?)$/.exec(name);
  return parts ? { name, quantity: parts[1]!, depth: Number(parts[2]) } : undefined;
}

/** The levels of `variable`'s quantity from the surface down; none where its name has no depth. */
export function depthsOf(variables: readonly string[], variable: string): Level[] {
  const own = levelOf(variable);
  if (!own) return [];
  return variables
    .flatMap((name) => levelOf(name) ?? [])
    .filter(({ quantity }) => quantity === own.quantity)
    .sort((a, b) => a.depth - b.depth);
}

export function depthTitle(depth: number): string {
  return `${depth} m`;
}
