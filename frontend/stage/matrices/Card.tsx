// One kind of bond: its matrix, its singular values, who has it, and the same in another run.
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { largest } from "../../shared/colour";
import { num } from "../../shared/format";
import { less, type Kind } from "./kinds";
import type { Places } from "./order";
import { Bars, ReadMatrix } from "./Readable";

/** What all cards of a page have in common. */
export interface Look {
  rows: number;
  columns: number;
  limit: number;
  /** Largest singular value of all. */
  most: number;
  pitch: [number, number];
  places: Places;
}

interface CardProps {
  kind: Kind;
  look: Look;
  /** The same kind in another run, and what the two runs are called. */
  other: Kind | undefined;
  titles: string[];
  /** What is said below; then the way to see a bond of it. */
  said: string;
  children: ComponentChildren;
}

export function Card({ kind, look, other, titles, said, children }: CardProps) {
  const { label, values } = kind;
  const difference = useMemo(() => other && less(other.values, values), [other, values]);
  return (
    <div class="lab-card" role="group" aria-label={label}>
      <h4>{label}</h4>
      <div class="lab-card-row">
        <One {...kind} look={look} title={titles[0]} />
        {other && <One {...other} look={look} title={titles[1]} />}
        {difference && <One {...{ look, label }} values={difference} title="difference" />}
      </div>
      <p class="lab-quiet">{said}</p>
      {children}
    </div>
  );
}

interface OneProps {
  label: string;
  values: Float32Array;
  /** Left out of a difference. */
  sigma?: Float32Array;
  size?: number;
  look: Look;
  title: string | undefined;
}

function One({ label, values, sigma, size, look, title }: OneProps) {
  const name = title ? `${label}, ${title}` : label;
  const rest = sigma ? `|W| ${num(size!)}` : `largest ${num(largest(values))}`;
  return (
    <div class="lab-one">
      {title && <span class="lab-kind-name">{title}</span>}
      <ReadMatrix {...{ ...look, values, rest }} name={`matrix of ${name}`} />
      {sigma && <Bars {...{ sigma, name }} most={look.most} width={look.columns * look.pitch[0]} />}
    </div>
  );
}
