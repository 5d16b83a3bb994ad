// A row of numbers as coloured cells; one of them can be pointed at, tabbed to and spelled out.
import { useContext, useMemo } from "preact/hooks";
import { createContext } from "preact";
import { num } from "../shared/format";
import { Hidden, useHidden } from "./Ask";
import { useStage } from "./context";
import { channelTitle } from "./channelNames";
import { type Row } from "./scene";
import type { Cell } from "./store";
import { PaintedTable } from "./Table";

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
  /** Whether the page holds its numbers in full, as a result's. */
  legible?: boolean | undefined;
}

export function Strip(props: StripProps) {
  const { held, name, limit, start = 0, vertical = false } = props;
  const { store } = useStage();
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
  const numbers = useMemo(
    () => (props.legible ? Array.from(held.values.subarray(start, start + count)).join(" ") : undefined),
    [held, start, count, props.legible],
  );
  // Another cell spelled out moves the frame; the cells are not touched.
  const hidden = useHidden(held.quantity.name, held.row);
  const cells = useMemo(
    () => <Painted {...{ held, start, count, limit, w, h, vertical }} />,
    [held, start, count, limit, w, h, vertical],
  );
  if (hidden) return <Hidden width={vertical ? w : w * count} height={vertical ? h * count : h} />;
  const place = at - start;
  const box = {
    left: `${vertical ? 0 : place * w}px`,
    top: `${vertical ? place * h : 0}px`,
    width: `${Math.max(w, 3)}px`,
    height: `${Math.max(h, 3)}px`,
  };
  return (
    <div
      class="lab-strip"
      role="slider"
      tabIndex={0}
      aria-label={name}
      data-quantity={held.quantity.name}
      data-row={held.row}
      data-start={start}
      data-values={numbers}
      aria-valuemin={start}
      aria-valuemax={start + count - 1}
      aria-valuenow={shown}
      aria-valuetext={`${store.state.scene ? channelTitle(store.state.scene, held.quantity, shown) : shown}: ${num(held.values[shown] ?? 0)}`}
      style={vertical ? { width: `${w}px`, height: `${h * count}px` } : { width: `${w * count}px`, height: `${h}px` }}
      onPointerMove={(e) => hoverTo(store, cell(channelAt(e)))}
      onPointerLeave={() => store.set({ hover: null })}
      onClick={(e) => store.set({ cell: cell(channelAt(e)), hover: null })}
      onKeyDown={keys}
      onFocus={(e) =>
        e.currentTarget.matches(":focus-visible") && at < 0 && store.set({ cell: cell(start), hover: null })
      }
    >
      {cells}
      {at >= 0 && <i class="lab-active" style={box} />}
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

interface PaintedProps {
  held: Row;
  start: number;
  count: number;
  limit: number;
  w: number;
  h: number;
  vertical: boolean;
}

function Painted({ held, start, count, limit, w, h, vertical }: PaintedProps) {
  const apart = (vertical ? h : w) >= 5 ? 1 : 0;
  const whole = start === 0 && count === held.values.length;
  const values = useMemo(
    () => (whole ? held.values : held.values.subarray(start, start + count)),
    [held, start, count, whole],
  );
  const shape = vertical ? { rows: count, columns: 1, count: 1 } : { rows: 1, columns: count, count };
  const gap = vertical ? ([1, apart] as const) : ([apart, 1] as const);
  return <PaintedTable values={values} start={0} {...shape} limit={limit} pitch={[w, h]} gap={gap} />;
}
