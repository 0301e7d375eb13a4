/** Numbers, durations and times as the widgets write them. */

/** `1,240` */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `1 use`, `1,240 uses` */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : plural}`;
}

/** A measured value with `digits` significant digits; very large and very small ones by powers of ten: `0.0124`, `3.2e-7`. */
export function number(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text =
    size >= 1e6 || size < 1e-3 ? value.toExponential(digits - 1).replace(/\.?0+e/, 'e') : String(Number(value.toPrecision(digits)));
  return text.replace('e+', 'e').replace(/^-/, '−');
}

/** `0.8 s`, `42 s`, `5 min 3 s`, `2 h 05 min`, `3 d 4 h` */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '–';
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `24 Nov 2026, 03:28 UTC` */
export function moment(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const day = time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  return `${day}, ${time.toISOString().slice(11, 16)} UTC`;
}

/** Two paths without the folders that they have in common: `a/b/model`, `a/b/model_ms` → `model`, `model_ms`. */
export function withoutCommonFolders(first: string, second: string): [string, string] {
  const [a, b] = [first.replace(/\/+$/, '').split('/'), second.replace(/\/+$/, '').split('/')];
  let common = 0;
  while (common < a.length - 1 && common < b.length - 1 && a[common] === b[common]) common++;
  return [a.slice(common).join('/'), b.slice(common).join('/')];
}
