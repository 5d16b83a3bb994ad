// Where the points lie on the page, and which one lies in a direction or under the pointer.
import type { MapView } from "../shared/views";

export interface Places {
  x: Float32Array;
  y: Float32Array;
}

/** Room round the points, and for the axes' names at the left and below, in px. */
const MARGIN = 14;
const NAMES = 16;

/** The points on a page of this size, both axes on one scale, so that distances mean the same along both. */
export function placed({ points }: MapView, width: number, height: number): Places {
  const count = points.shape[0]!;
  const [x, y] = [new Float32Array(count), new Float32Array(count)];
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (let k = 0; k < 2 * count; k++) {
    low[k % 2] = Math.min(low[k % 2]!, points.data[k]!);
    high[k % 2] = Math.max(high[k % 2]!, points.data[k]!);
  }
  const room = [width - 2 * MARGIN - NAMES, height - 2 * MARGIN - NAMES];
  const scale = Math.min(...[0, 1].map((k) => (high[k]! > low[k]! ? room[k]! / (high[k]! - low[k]!) : Infinity)));
  const along = (p: number, k: 0 | 1) => {
    const middle = (low[k]! + high[k]!) / 2;
    return Number.isFinite(scale) ? (points.data[2 * p + k]! - middle) * scale : 0;
  };
  for (let p = 0; p < count; p++) {
    x[p] = (width + NAMES) / 2 + along(p, 0);
    y[p] = (height - NAMES) / 2 - along(p, 1);
  }
  return { x, y };
}

/** The point nearest to a place and no further than `most` px away; -1 for none. */
export function nearest({ x, y }: Places, px: number, py: number, most: number): number {
  let [best, found] = [most * most, -1];
  for (let p = 0; p < x.length; p++) {
    const away = (x[p]! - px) ** 2 + (y[p]! - py) ** 2;
    if (away <= best) [best, found] = [away, p];
  }
  return found;
}

const DIRECTIONS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * The nearest point in an arrow's direction, within 45 degrees of it; -1 for none, null for another
 * key. Points on the very same place are gone through one after another, so that each is reached.
 */
export function neighbour(places: Places, from: number, key: string): number | null {
  const direction = DIRECTIONS[key];
  if (!direction) return null;
  const { x, y } = places;
  const [ux, uy] = direction;
  const forward = ux + uy > 0;
  const twin = twinOf(places, from, forward ? 1 : -1);
  if (twin >= 0) return twin;
  let [best, found] = [Infinity, -1];
  for (let p = 0; p < x.length; p++) {
    const [dx, dy] = [x[p]! - x[from]!, y[p]! - y[from]!];
    const along = dx * ux + dy * uy;
    const aside = Math.abs(dx * uy - dy * ux);
    const away = dx * dx + dy * dy;
    // Of several on one place the one that is come to first.
    if (along > 0 && aside <= along && (away < best || (away === best && !forward))) [best, found] = [away, p];
  }
  return found;
}

function twinOf({ x, y }: Places, from: number, by: number): number {
  for (let p = from + by; p >= 0 && p < x.length; p += by) if (x[p] === x[from] && y[p] === y[from]) return p;
  return -1;
}
