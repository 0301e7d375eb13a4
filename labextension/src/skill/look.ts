/** The theme for what is painted, read once until it changes: palette, font, the colour of land, those of the lines. */
import type { Palette } from '../pens.ts';
import { colour, onThemeChange, paletteOf } from '../theme.ts';
import type { Colour } from './raster.ts';

export interface Look {
  now(): { palette: Palette; font: string; land: Colour };
  /** The colour that a CSS variable stands for. */
  series(variable: string): string;
  dispose(): void;
}

/** `changed` is called with every other theme. */
export function lookOf(host: HTMLElement, changed: () => void): Look {
  let kept: (ReturnType<Look['now']> & { series: Map<string, string> }) | undefined;

  function read() {
    if (kept) return kept;
    const { fontFamily } = getComputedStyle(host);
    const found = { palette: paletteOf(host), font: fontFamily, land: landOf(host), series: new Map<string, string>() };
    // What is not on the page yet has no style to keep.
    if (host.isConnected) kept = found;
    return found;
  }

  const forget = onThemeChange(() => {
    kept = undefined;
    changed();
  });

  return {
    now: read,
    series(variable) {
      const { series } = read();
      const known = series.get(variable) ?? colour(host, variable);
      series.set(variable, known);
      return known;
    },
    dispose: forget,
  };
}

function landOf(host: HTMLElement): Colour {
  const [red = 128, green = 128, blue = 128] = (colour(host, '--tw-land').match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}
