// Figures whose numbers can be read: the one pointed at, or moved to with the arrows, is named.
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { num } from "../../shared/format";
import { Matrix } from "../Matrix";
import { arranged, type Places } from "./order";

type At = [row: number, column: number];

interface ReadableProps {
  name: string;
  rows: number;
  columns: number;
  said: (at: At) => string;
  /** What stands in the line below while nothing is pointed at. */
  rest: ComponentChildren;
  children: (at: At | null) => ComponentChildren;
}

function Readable({ name, rows, columns, said, rest, children }: ReadableProps) {
  const [at, setAt] = useState<At | null>(null);
  const [i, c] = at ?? [0, 0];
  const goTo = (i: number, c: number) => {
    const within = (x: number, n: number) => Math.max(0, Math.min(n - 1, Math.floor(x)));
    setAt([within(i, rows), within(c, columns)]);
  };
  const keys = (event: KeyboardEvent) => {
    const to = {
      ArrowUp: [i - 1, c], ArrowDown: [i + 1, c], ArrowLeft: [i, c - 1], ArrowRight: [i, c + 1],
      Home: [i, 0], End: [i, columns],
    }[event.key] as At | undefined;
    if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    goTo(...to);
  };
  return (
    <div class="lab-readable">
      <div
        role="slider"
        tabIndex={0}
        aria-label={name}
        aria-valuemax={rows * columns - 1}
        aria-valuenow={i * columns + c}
        aria-valuetext={said([i, c])}
        onKeyDown={keys}
        onFocus={(e) => e.currentTarget.matches(":focus-visible") && goTo(i, c)}
        onBlur={() => setAt(null)}
        onPointerMove={(e) => {
          const box = e.currentTarget.getBoundingClientRect();
          goTo(((e.clientY - box.top) / box.height) * rows, ((e.clientX - box.left) / box.width) * columns);
        }}
        onPointerLeave={() => setAt(null)}
      >
        {children(at)}
      </div>
      <p class="lab-magnifier">{at ? said(at) : rest}</p>
    </div>
  );
}

interface MatrixProps {
  name: string;
  values: Float32Array;
  rows: number;
  columns: number;
  limit: number;
  pitch: [number, number];
  /** Which channel stands where; each in its own place where it is left out. */
  places?: Places;
  rest?: ComponentChildren;
}

export function ReadMatrix({ name, values, rows, columns, limit, pitch, places, rest }: MatrixProps) {
  const drawn = useMemo(() => (places ? arranged(values, places) : values), [values, places]);
  const said = ([i, c]: At) => `[${places?.[0][i] ?? i} → ${places?.[1][c] ?? c}] = ${num(drawn[i * columns + c]!, 4)}`;
  return (
    <Readable {...{ name, rows, columns, said, rest }}>
      {(cell) => <Matrix {...{ values: drawn, rows, columns, limit, pitch, name, cell }} />}
    </Readable>
  );
}

/** All singular values of a matrix as bars, on one scale with the others'. */
export function Bars({ sigma, most, name, width }: { sigma: Float32Array; most: number; name: string; width: number }) {
  const said = ([, c]: At) => `σ${sub(c + 1)} = ${num(sigma[c]!, 4)}`;
  const rest = `σ₁ ${num(sigma[0]!)} … ${num(sigma.at(-1)!)}`;
  return (
    <Readable name={`singular values of ${name}`} rows={1} columns={sigma.length} said={said} rest={rest}>
      {(at) => (
        <div class="lab-bars" style={{ width: `${width}px` }}>
          {Array.from(sigma, (s, k) => (
            <i class={at?.[1] === k ? "lab-chosen" : ""} style={{ height: `${(100 * s) / (most || 1)}%` }} />
          ))}
        </div>
      )}
    </Readable>
  );
}

function sub(n: number): string {
  return String(n).replace(/\d/g, (d) => String.fromCharCode(0x2080 + Number(d)));
}
