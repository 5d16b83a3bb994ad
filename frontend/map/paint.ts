// Draws all points on a canvas: on one scale of colours, or as marks of several shapes.
import { css, diverging, hex, largest, parseHex, sequential, type Palette, type Rgb } from "../shared/colour";
import type { MapView } from "../shared/views";
import type { Places } from "./places";

/** Radius of a point, in px. */
const RADIUS = 4;

/** The scale of the values: symmetric round zero where some are below it, else from their least. */
export function scaleOf({ values: { data } }: MapView, palette: Palette) {
  const least = data.reduce((a, b) => Math.min(a, b), Infinity);
  const high = least < 0 ? largest(data) : data.reduce((a, b) => Math.max(a, b), 0);
  const low = least < 0 ? -high : least;
  const colour = (value: number): Rgb =>
    least < 0 ? diverging(palette, value, high) : sequential(palette, value - low, high - low);
  return { low, high, colour };
}

/** The colour of each group, as the stylesheet has its element. */
export function groupColours(view: MapView, element: Element): string[] {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return view.group_numbers.map((n) => read(`--lab-el-${n}`) || read("--lab-ink"));
}

/** The scale's colours from end to end, for the legend. */
export function ramp({ low, high, colour }: ReturnType<typeof scaleOf>): string {
  const stops = [0, 0.25, 0.5, 0.75, 1].map((t) => css(colour(low + t * (high - low))));
  return `linear-gradient(90deg, ${stops.join(", ")})`;
}

export function paintPoints(
  canvas: HTMLCanvasElement | null,
  view: MapView,
  places: Places,
  [width, height]: readonly [number, number],
  palette: Palette,
): void {
  const brush = canvas?.getContext("2d");
  if (!canvas || !brush) return;
  const dense = Math.max(1, globalThis.devicePixelRatio || 1);
  canvas.width = Math.round(width * dense);
  canvas.height = Math.round(height * dense);
  brush.scale(dense, dense);
  brush.lineWidth = 0.8;
  const edge = getComputedStyle(canvas).getPropertyValue("--lab-quiet").trim();
  const { colour } = scaleOf(view, palette);
  const groups = groupColours(view, canvas);
  for (let p = 0; p < places.x.length; p++) {
    const group = view.groups.data[p];
    const fill = group === undefined ? hex(colour(view.values.data[p]!)) : (groups[group] ?? edge);
    brush.beginPath();
    mark(brush, group ?? 0, places.x[p]!, places.y[p]!);
    brush.fillStyle = fill;
    brush.strokeStyle = group === undefined ? edge : softened(fill);
    brush.fill();
    brush.stroke();
  }
}

/** A see-through edge, so that marks on top of each other can be told apart. */
function softened(colour: string): string {
  const [r, g, b] = parseHex(colour);
  return `rgba(${r},${g},${b},0.5)`;
}

/** Corners of the shapes after the disc, as fractions of a turn round the middle; the radius is RADIUS. */
const CORNERS = [[], [0.125, 0.375, 0.625, 0.875], [0.75, 1.083, 1.417], [0, 0.25, 0.5, 0.75], [0.25, 0.583, 0.917]];

/** One shape a group: disc, square, triangle, diamond, triangle on its head; then the same again. */
export function mark(brush: Pick<CanvasRenderingContext2D, "arc" | "moveTo" | "lineTo" | "closePath">, group: number, x: number, y: number): void {
  const corners = CORNERS[group % CORNERS.length]!;
  if (!corners.length) {
    brush.arc(x, y, RADIUS, 0, 2 * Math.PI);
    return;
  }
  corners.forEach((turn, k) => {
    const [px, py] = [x + 1.2 * RADIUS * Math.cos(2 * Math.PI * turn), y + 1.2 * RADIUS * Math.sin(2 * Math.PI * turn)];
    if (k) brush.lineTo(px, py);
    else brush.moveTo(px, py);
  });
  brush.closePath();
}

/** The same shape as a path, for the legend. */
export function markPath(group: number): string {
  const corners = CORNERS[group % CORNERS.length]!;
  if (!corners.length) return `M${RADIUS} 0A${RADIUS} ${RADIUS} 0 1 1 ${RADIUS} -0.01Z`;
  const at = (turn: number) =>
    `${(1.2 * RADIUS * Math.cos(2 * Math.PI * turn)).toFixed(2)} ${(1.2 * RADIUS * Math.sin(2 * Math.PI * turn)).toFixed(2)}`;
  return `M${corners.map(at).join("L")}Z`;
}
