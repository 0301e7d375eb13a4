/** Colour maps as data, shared by the kernel's static pictures and the browser: perceptually even and safe for colour-blind readers. */
import type { Metric } from './skill.ts';

/**
 * viridis (Smith and van der Walt) and cividis (Nuñez, Anderton and Renslow 2018), sampled from their published tables (CC0).
 * diverging: ours, lightness falling evenly in OKLab from a neutral middle to blue (hue 252°) and to vermilion (32°).
 */
const SAMPLES = {
  viridis:
    '440154 471164 482071 472e7c 443b84 3f4889 3a548c 34608d 2f6c8e 2a768e 26818e 228b8d 1f958b 1fa088 24aa83 2fb47c 42be71 58c765 70cf57 8bd646 a8db34 c5e021 e2e418 fde725',
  cividis:
    '00224e 002a61 003171 1c396f 2d416d 3a486c 45506c 50576c 5b606e 656870 6e6f73 777777 817f78 8c8878 969077 a19975 ada272 b9ab6d c4b468 d0be62 dcc859 e8d24f f5dc41 fee838',
  diverging:
    '014885 03559a 0262b1 0070c9 027de0 0e8cf6 3b9cfd 5facfe 7ebbfe 9bcaff b7d8fe d5e6fa f3f3f3 f9dcd6 fdc5ba fdae9e fb9784 f6816a ef6a52 e5533a d93c22 ca2402 b31e01 9c1901 861401',
} as const;

export type ColourMap = keyof typeof SAMPLES;

/** Which map draws what; a difference is drawn with the diverging one, centred on nought. */
export const METRIC_COLOURS: Record<Metric, ColourMap> = { rmse: 'viridis', acc: 'cividis' };

/** 256 colours, red, green, blue by turns. */
export function colourTable(name: ColourMap): Uint8Array {
  const samples = SAMPLES[name].split(' ').map((hex) => [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)));
  const table = new Uint8Array(256 * 3);
  for (let index = 0; index < 256; index++) {
    const place = (index / 255) * (samples.length - 1);
    const below = Math.min(samples.length - 2, Math.floor(place));
    for (let part = 0; part < 3; part++) {
      const [from, to] = [samples[below]![part]!, samples[below + 1]![part]!];
      table[index * 3 + part] = Math.round(from + (to - from) * (place - below));
    }
  }
  return table;
}

/** The samples as `#rrggbb`, evenly spaced: stops of a gradient. */
export function colourStops(name: ColourMap): string[] {
  return SAMPLES[name].split(' ').map((hex) => `#${hex}`);
}

/** Parts of viridis that stand out from a page: of either kind, of a white one, of a black one. */
const LEGIBLE = { either: [4, 19], light: [1, 17], dark: [9, 24] } as const;

/** One colour a lead: darker later, none too light for a white page or too dark for a black one. */
export function leadColours(count: number, page: keyof typeof LEGIBLE = 'either'): string[] {
  const stops = colourStops('viridis').slice(...LEGIBLE[page]);
  return Array.from({ length: count }, (_, at) => stops[Math.round(((count - 1 - at) / Math.max(1, count - 1)) * (stops.length - 1))]!);
}

/** The place of a value between the limits as an index into the table; values beyond are drawn as the limit. */
export function colourIndex(value: number, [lower, upper]: readonly [number, number]): number {
  return Math.max(0, Math.min(255, Math.round(((value - lower) / (upper - lower)) * 255)));
}

/** Colours of A and B in the curves: apart in hue and in lightness (Okabe and Ito 2008). */
export const CURVE_COLOURS = ['#0072b2', '#d55e00'] as const;
