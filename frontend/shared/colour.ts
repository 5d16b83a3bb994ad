// Colour scales: symmetric round zero for signed numbers, one-sided for sizes. Colours come from
// theme.css; here they are only mixed.

export type Rgb = [number, number, number];

/** Five stops from the most negative through zero to the most positive, and the ink round them. */
export interface Palette {
  diverging: Rgb[];
  sequential: Rgb[];
  key: string;
}

const DIVERGING = ["--lab-neg-2", "--lab-neg-1", "--lab-zero", "--lab-pos-1", "--lab-pos-2"];
const SEQUENTIAL = ["--lab-seq-0", "--lab-seq-1", "--lab-seq-2"];

/** The palette as the element's stylesheet gives it now. */
export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (name: string) => parseHex(style.getPropertyValue(name).trim());
  const diverging = DIVERGING.map(read);
  const sequential = SEQUENTIAL.map(read);
  return { diverging, sequential, key: [...diverging, ...sequential].join(";") };
}

/** `#rrggbb` as numbers; mid grey where no stylesheet speaks (nothing is drawn to a screen then). */
export function parseHex(text: string): Rgb {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text);
  if (!match) return [128, 128, 128];
  return [parseInt(match[1]!, 16), parseInt(match[2]!, 16), parseInt(match[3]!, 16)];
}

/** The place of `value` on a scale symmetric round zero: −1 .. 1, 0 for a scale of no width. */
export function position(value: number, limit: number): number {
  return limit > 0 && !Number.isNaN(value) ? Math.max(-1, Math.min(1, value / limit)) : 0;
}

export function diverging(palette: Palette, value: number, limit: number): Rgb {
  return mix(palette.diverging, (position(value, limit) + 1) / 2);
}

export function sequential(palette: Palette, value: number, limit: number): Rgb {
  return mix(palette.sequential, Math.max(0, position(value, limit)));
}

export function css(rgb: Rgb): string {
  return `rgb(${rgb[0]},${rgb[1]},${rgb[2]})`;
}

/** The same in fewer letters, for long lists of colours. */
export function hex([r, g, b]: Rgb): string {
  return `#${((1 << 24) | (r << 16) | (g << 8) | b).toString(16).slice(1)}`;
}

function mix(stops: Rgb[], t: number): Rgb {
  const x = t * (stops.length - 1);
  const i = Math.min(Math.floor(x), stops.length - 2);
  const [a, b] = [stops[i]!, stops[i + 1]!];
  const f = x - i;
  const part = (k: 0 | 1 | 2) => Math.round(a[k] + (b[k] - a[k]) * f);
  return [part(0), part(1), part(2)];
}

/** The largest absolute value: the limit of a symmetric scale. */
export function largest(values: ArrayLike<number>): number {
  let limit = 0;
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]!) > limit) limit = Math.abs(values[i]!); // NaN is passed over
  return limit;
}
