// A table of coloured cells, drawn the cheaper way.
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { useStage } from "./context";
import { background, fitsBackground, paintTable, type Table } from "./raster";

export type TableProps = Omit<Table, "palette">;

export function PaintedTable({ values, rows, columns, start, count, limit, pitch, gap }: TableProps) {
  const { palette } = useStage();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [[w, h], [right, under]] = [pitch, gap];
  const table = useMemo(
    (): Table => ({ values, rows, columns, start, count, limit, pitch: [w, h], gap: [right, under], palette }),
    [values, rows, columns, start, count, limit, w, h, right, under, palette],
  );
  const small = fitsBackground(table);
  const drawn = useMemo(() => (small ? background(table) : ""), [table]);
  useLayoutEffect(() => {
    if (!small) paintTable(canvas.current, table);
  }, [table]);
  return small ? <i class="lab-table" style={{ background: drawn }} /> : <canvas class="lab-table" ref={canvas} />;
}
