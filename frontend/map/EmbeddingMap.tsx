// The states of many molecules, or of their atoms, as points in a plane: one of them can be chosen.
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Palette } from "../shared/colour";
import { num } from "../shared/format";
import { isPlain } from "../shared/keys";
import { useDark, usePalette } from "../shared/theme";
import type { MapView } from "../shared/views";
import { markPath, paintPoints, ramp, scaleOf } from "./paint";
import { nearest, neighbour, placed } from "./places";

interface MapProps {
  view: MapView | null;
  fault: string;
  selected: number | null;
  choose: (point: number | null) => void;
}

/** How near the pointer has to come to a point, in px. */
const NEAR = 14;
const HEIGHT = 420;

export function EmbeddingMap(props: MapProps) {
  const root = useRef<HTMLDivElement>(null);
  const dark = useDark();
  const palette = usePalette(root, dark);
  return (
    <div
      class="lab-root lab-map"
      ref={root}
      tabIndex={-1}
      data-theme={dark ? "dark" : "light"}
      data-lm-suppress-shortcuts="true"
      onKeyDown={(e) => isPlain(e) && e.stopPropagation()}
    >
      {props.fault && (
        <p class="lab-fault" role="alert">
          The map could not be shown: {props.fault}
        </p>
      )}
      {!props.fault && props.view && palette && <Drawn {...props} view={props.view} palette={palette} />}
    </div>
  );
}

function Drawn({ view, selected, choose, palette }: MapProps & { view: MapView; palette: Palette }) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(640);
  const [hovered, setHovered] = useState(-1);
  const [cursor, setCursor] = useState<number | null>(null);
  useLayoutEffect(() => {
    const measure = () => setWidth(box.current?.clientWidth || 640);
    measure();
    if (typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(measure);
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const places = useMemo(() => placed(view, width, HEIGHT), [view, width]);
  useLayoutEffect(
    () => paintPoints(canvas.current, view, places, [width, HEIGHT], palette),
    [view, places, palette],
  );
  const count = places.x.length;
  const own = selected !== null && selected < count ? selected : null;
  const at = cursor !== null && cursor < count ? cursor : null;
  const under = (event: MouseEvent) => {
    const frame = box.current!.getBoundingClientRect();
    return nearest(places, event.clientX - frame.left, event.clientY - frame.top, NEAR);
  };
  const keys = (event: KeyboardEvent) => {
    if (!isPlain(event)) return;
    const now = at ?? own ?? 0;
    const to = neighbour(places, now, event.key);
    if (to !== null) setCursor(at === null ? now : to < 0 ? now : to);
    else if (event.key === "Home" || event.key === "End") setCursor(event.key === "Home" ? 0 : count - 1);
    else if (event.key === "Enter") choose(now);
    else if (event.key === "Escape") choose(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const shown = hovered >= 0 ? hovered : (at ?? own);
  const said = shown === null ? "" : describe(view, shown);
  const ring = (point: number | null, name: string) =>
    point !== null && point >= 0 && <circle class={name} cx={places.x[point]} cy={places.y[point]} r="8" />;
  const axes = view.shares.map((s, k) => `principal component ${k + 1}: ${num(100 * s)} % of the variance`);
  return (
    <>
      <h3 class="lab-heading">{view.title}</h3>
      <div
        class="lab-points"
        ref={box}
        style={{ height: `${HEIGHT}px` }}
        tabIndex={0}
        role="application"
        aria-label={`${view.title}, ${count} points. Across ${axes[0]}, up ${axes[1]}. Arrow keys move to the nearest point in that direction, Enter chooses it.`}
        onPointerMove={(e) => setHovered(under(e))}
        onPointerLeave={() => setHovered(-1)}
        onClick={(e) => {
          const point = under(e);
          if (point >= 0) choose(point);
        }}
        onKeyDown={keys}
        onBlur={() => setCursor(null)}
      >
        <canvas ref={canvas} style={{ width: `${width}px`, height: `${HEIGHT}px` }} />
        <svg width={width} height={HEIGHT} aria-hidden="true">
          {ring(own, "lab-ring")}
          {ring(hovered, "lab-cursor")}
          {ring(at, "lab-cursor")}
        </svg>
        <span class="lab-axis-x">{axes[0]} →</span>
        <span class="lab-axis-y">{axes[1]} →</span>
      </div>
      <div class="lab-map-under">
        <p aria-live="polite">{said || "Point at a molecule, or go from one to the next with the arrow keys."}</p>
        <Legend view={view} palette={palette} />
      </div>
    </>
  );
}

/** What a point is, and its number where it has one. */
function describe(view: MapView, point: number): string {
  const name = view.names[view.molecule.data[point]!] ?? "";
  const whole = view.atoms.length ? `${view.atoms[point]} of ${name}` : name;
  const value = view.values.data[point];
  return value === undefined ? whole : `${whole}: ${view.value_name} ${num(value)}${view.unit && ` ${view.unit}`}`;
}

function Legend({ view, palette }: { view: MapView; palette: Palette }) {
  if (view.group_names.length) {
    return (
      <ul class="lab-legend">
        {view.group_names.map((name, g) => (
          <li key={name}>
            <svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
              <path d={markPath(g)} style={{ fill: `var(--lab-el-${view.group_numbers[g]}, var(--lab-ink))` }} />
            </svg>
            {name}
          </li>
        ))}
      </ul>
    );
  }
  const scale = scaleOf(view, palette);
  return (
    <span class="lab-legend">
      {view.value_name} {num(scale.low)}
      <i style={{ background: ramp(scale) }} />
      {num(scale.high)} {view.unit}
    </span>
  );
}
