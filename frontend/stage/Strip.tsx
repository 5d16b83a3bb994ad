// A row of numbers as coloured cells; one of them can be pointed at, tabbed to and spelled out.
import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import { createContext } from "preact";
import { css, diverging, type Palette } from "../shared/colour";
import { num } from "../shared/format";
import { useStage } from "./context";
import type { Row } from "./scene";
import type { Cell } from "./store";

/** Up to this many channels are elements of the page; more are drawn on a canvas. */
export const MOST_ELEMENTS = 32;

/** The cell spelled out at the moment. */
export const ActiveCell = createContext<Cell | null>(null);

export interface StripProps {
  held: Row;
  /** What it is, for those who cannot see it. */
  name: string;
  limit: number;
  /** Which channels: all, or one head's. */
  start?: number;
  count?: number;
  /** Width and height of a cell with its gap, in px. */
  pitch?: [number, number];
  vertical?: boolean;
}

export function Strip(props: StripProps) {
  const { held, name, limit, start = 0, vertical = false } = props;
  const { store, palette } = useStage();
  const active = useContext(ActiveCell);
  const count = props.count ?? held.values.length;
  const [w, h] = props.pitch ?? [cellPitch(count), 15];
  const own = active?.quantity === held.quantity.name && active.row === held.row;
  const at = own && active.channel >= start && active.channel < start + count ? active.channel : -1;
  const cell = (channel: number): Cell => ({ quantity: held.quantity.name, row: held.row, channel });
  const channelAt = (event: PointerEvent | MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const share = vertical ? (event.clientY - box.top) / box.height : (event.clientX - box.left) / box.width;
    return start + Math.max(0, Math.min(count - 1, Math.floor(share * count)));
  };
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const now = at < 0 ? start : at;
    const to = keyTarget(event.key, now, start, start + count - 1);
    if (to === null && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    store.set({ hover: null, cell: cell(to ?? now) });
  };
  const shown = at >= 0 ? at : start;
  return (
    <div
      class={vertical ? "lab-strip lab-vertical" : "lab-strip"}
      role="slider"
      tabIndex={0}
      aria-label={name}
      aria-valuemin={start}
      aria-valuemax={start + count - 1}
      aria-valuenow={shown}
      aria-valuetext={`channel ${shown}: ${num(held.values[shown] ?? 0)}`}
      style={vertical ? { width: `${w}px`, height: `${h * count}px` } : { width: `${w * count}px`, height: `${h}px` }}
      onPointerMove={(e) => hoverTo(store, cell(channelAt(e)))}
      onPointerLeave={() => store.set({ hover: null })}
      onClick={(e) => store.set({ cell: cell(channelAt(e)), hover: null })}
      onKeyDown={keys}
      onFocus={(e) =>
        e.currentTarget.matches(":focus-visible") && at < 0 && store.set({ cell: cell(start), hover: null })
      }
    >
      {count <= MOST_ELEMENTS ? (
        cells(held, start, count, limit, palette, at, w, h)
      ) : (
        <Painted {...props} count={count} pitch={[w, h]} active={at} palette={palette} />
      )}
    </div>
  );
}

function hoverTo(store: ReturnType<typeof useStage>["store"], cell: Cell): void {
  const now = store.state.hover;
  if (now && now.quantity === cell.quantity && now.row === cell.row && now.channel === cell.channel) return;
  store.set({ hover: cell });
}

function keyTarget(key: string, now: number, first: number, last: number): number | null {
  const to = { ArrowRight: now + 1, ArrowDown: now + 1, ArrowLeft: now - 1, ArrowUp: now - 1, Home: first, End: last }[
    key
  ];
  return to === undefined ? null : Math.max(first, Math.min(last, to));
}

/** Width of a cell so that a strip of `count` stays within some 184 px. */
export function cellPitch(count: number): number {
  return Math.min(11.5, Math.max(184 / Math.max(count, 1), 1));
}

function cells(
  held: Row,
  start: number,
  count: number,
  limit: number,
  palette: Palette,
  active: number,
  w: number,
  h: number,
) {
  return Array.from({ length: count }, (_, k) => {
    const channel = start + k;
    const value = held.values[channel]!;
    return (
      <i
        key={k}
        class={channel === active ? "lab-cell lab-active" : "lab-cell"}
        data-quantity={held.quantity.name}
        data-row={held.row}
        data-channel={channel}
        data-value={String(value)}
        style={{ width: `${w}px`, height: `${h}px`, backgroundColor: css(diverging(palette, value, limit)) }}
      />
    );
  });
}

interface PaintedProps extends StripProps {
  count: number;
  pitch: [number, number];
  active: number;
  palette: Palette;
}

/** A wide strip, painted; the cell pointed at stands in the page as an element of its own. */
function Painted({ held, limit, start = 0, count, pitch: [w, h], vertical, active, palette }: PaintedProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, height] = vertical ? [w, h * count] : [w * count, h];
  useLayoutEffect(() => {
    const brush = prepare(canvas.current, width, height);
    if (!brush) return;
    for (let k = 0; k < count; k++) {
      brush.fillStyle = css(diverging(palette, held.values[start + k]!, limit));
      if (vertical) brush.fillRect(0, k * h, w - 1, h + 0.5);
      else brush.fillRect(k * w, 0, w + 0.5, h - 1);
    }
  }, [held.values, limit, start, count, w, h, palette]);
  const place = vertical
    ? { top: `${(active - start) * h}px`, width: `${w}px`, height: `${Math.max(h, 3)}px` }
    : { left: `${(active - start) * w}px`, width: `${Math.max(w, 3)}px`, height: `${h}px` };
  return (
    <>
      <canvas ref={canvas} />
      {active >= 0 && (
        <i
          class="lab-cell lab-active lab-floating"
          style={place}
          data-quantity={held.quantity.name}
          data-row={held.row}
          data-channel={active}
          data-value={String(held.values[active])}
        />
      )}
    </>
  );
}

/** A cleared brush on a canvas of this many CSS pixels, sharp on dense screens; null without one. */
export function prepare(canvas: HTMLCanvasElement | null, width: number, height: number) {
  const brush = canvas?.getContext("2d");
  if (!canvas || !brush) return null;
  const dense = Math.max(1, globalThis.devicePixelRatio || 1);
  canvas.width = Math.ceil(width * dense);
  canvas.height = Math.ceil(height * dense);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  brush.scale(dense, dense);
  return brush;
}
