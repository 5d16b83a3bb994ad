// One kind's matrix less another's, on the same scale as both; and that scale.
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { css, diverging, largest } from "../../shared/colour";
import { num } from "../../shared/format";
import { useSelect, useStage } from "../context";
import { Pick } from "../Pick";
import { less } from "./kinds";

export interface Sized {
  rows: number;
  columns: number;
  limit: number;
}

interface ComparisonProps {
  items: { label: string; values: Float32Array }[];
  limit: number;
  draw: (values: Float32Array, name: string) => ComponentChildren;
}

export function Comparison({ items, limit, draw }: ComparisonProps) {
  const { store } = useStage();
  const compared = useSelect((s) => s.compared);
  const [a, b] = compared.map((k) => Math.min(k, items.length - 1)) as [number, number];
  const difference = useMemo(() => less(items[a]!.values, items[b]!.values), [items[a]!.values, items[b]!.values]);
  const widest = largest(difference);
  const labels = items.map(({ label }) => label);
  return (
    <div class="lab-kind lab-comparison">
      <span class="lab-kind-name">
        <Pick label="compared kind" unseen value={a} options={labels} pick={(k) => store.set({ compared: [+k, b] })} /> −{" "}
        <Pick label="subtracted kind" unseen value={b} options={labels} pick={(k) => store.set({ compared: [a, +k] })} />
      </span>
      {draw(difference, `${items[a]!.label} less ${items[b]!.label}`)}
      <span class="lab-caption">
        largest difference {num(widest)}
        {widest > limit && " (past the scale's end)"}
      </span>
    </div>
  );
}

/** One scale for every matrix of a gallery and of the lens. */
export function Scale({ rows, columns, limit }: Sized) {
  const { palette } = useStage();
  const steps = Array.from({ length: 21 }, (_, k) => css(diverging(palette, ((k - 10) / 10) * limit, limit)));
  return (
    <div class="lab-scale" role="img" aria-label={`Colour scale from ${num(-limit)} through 0 to ${num(limit)}`}>
      <span class="lab-quiet">
        {rows} × {columns}, rows in ↓, columns out →
      </span>
      <span>{num(-limit)}</span>
      <span class="lab-scale-bar">
        {steps.map((c, k) => (
          <i key={k} style={{ background: c }} />
        ))}
      </span>
      <span>+{num(limit)}</span>
    </div>
  );
}
