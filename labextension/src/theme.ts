/** The theme for what is not drawn by CSS: reads the style sheet's colours, and tells when JupyterLab's theme has changed. */
import type { Palette } from './pens.ts';

/** The value of a CSS variable (`--tw-accent`) as it stands on `host` now; variables of variables are resolved. */
export function colour(host: HTMLElement, variable: string): string {
  const probe = document.createElement('span');
  probe.style.cssText = `color: var(${variable}); display: none`;
  host.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** The style sheet's colours that pictures are painted in. */
export function paletteOf(host: HTMLElement): Palette {
  const names = ['text', 'muted', 'rule', 'outline', 'ground', 'bad', 'accent'] as const;
  return Object.fromEntries(names.map((name) => [name, colour(host, `--tw-${name}`)])) as Record<(typeof names)[number], string>;
}

/** Calls `changed` whenever the theme has changed; returns what ends that. */
export function onThemeChange(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ['data-jp-theme-light', 'data-jp-theme-name'] });
  return () => observer.disconnect();
}
