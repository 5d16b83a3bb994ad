// What the lens' blocks are made of: a titled block, and a labelled strip in it.
import type { ComponentChildren } from "preact";
import { capital, num } from "../shared/format";
import type { Quantity } from "../shared/views";
import { useHidden } from "./Ask";
import { useSelect } from "./context";
import { Formula } from "./Formula";
import { named, type Block, type Place } from "./plan";
import { headed, rowLabel, type Row, type Scene } from "./scene";
import { Strip } from "./Strip";

export interface BlockProps {
  scene: Scene;
  block: Block;
  place: Place;
}

export function Titled({
  scene,
  quantity,
  small = false,
  children,
}: {
  scene: Scene;
  quantity: Quantity;
  /** Drawn small, beside its neighbours. */
  small?: boolean;
  children: ComponentChildren;
}) {
  return (
    <div class={small ? "lab-block lab-small-block" : "lab-block"} data-block={quantity.name}>
      <h4>
        <span class="lab-block-name">
          <Formula text={capital(quantity.label)} />
        </span>{" "}
        <Formula text={scene.view.formulas[quantity.name] ?? quantity.symbol} />
      </h4>
      {children}
    </div>
  );
}

/** The part of a row that belongs to the chosen head; all of it where there are none. */
export function useHead(scene: Scene, quantity: Quantity): { start: number; count: number | undefined } {
  const head = useSelect((s) => s.head);
  const shape = scene.shape(quantity);
  if (!headed(quantity) || shape.length < 2) return { start: 0, count: undefined };
  const width = shape.slice(1).reduce((a, b) => a * b, 1);
  return { start: Math.min(head, shape[0]! - 1) * width, count: width };
}

interface LineProps {
  scene: Scene;
  quantity: Quantity;
  held: Row | null;
  label: ComponentChildren;
  said: string;
  limit: number;
  sign?: string;
  note?: ComponentChildren;
  rule?: boolean;
  /** Whether the page holds its numbers in full. */
  legible?: boolean | undefined;
}

/** One labelled strip; a lone number is written out beside its cell. */
export function Line({ scene, quantity, held, label, said, limit, sign, note, rule, legible }: LineProps) {
  const part = useHead(scene, scene.base(quantity));
  const hidden = useHidden(held?.quantity.name ?? "", held?.row ?? -1);
  if (!held) return null;
  const single = (part.count ?? held.values.length) === 1;
  return (
    <div class={rule ? "lab-line lab-total" : "lab-line"}>
      <span class="lab-sign" aria-hidden="true">
        {sign}
      </span>
      <span class="lab-label">{label}</span>
      <Strip held={held} name={said} limit={limit} legible={legible} {...part} />
      <span class="lab-note">
        {single && !hidden && <b class="lab-number">{num(held.values[part.start]!, 4)}</b>} {note}
      </span>
    </div>
  );
}

/** What an operation gave, under a line. */
export function Result({
  scene,
  quantity,
  row,
  place,
  limit,
}: {
  scene: Scene;
  quantity: Quantity;
  row: number;
  place: Place;
  limit: number;
}) {
  return (
    <Line
      scene={scene}
      quantity={quantity}
      held={scene.row(quantity, row, place.propagation)}
      limit={limit}
      sign="="
      rule
      legible
      label={<Formula text={named(scene, quantity, row, place.propagation)} />}
      said={saying(scene, quantity, row, place)}
    />
  );
}

/** What a strip is, for those who cannot see it. */
export function saying(scene: Scene, quantity: Quantity, row: number, place: Place): string {
  const who = rowLabel(scene, quantity, row, place.propagation);
  return who ? `${quantity.label} ${who}` : quantity.label;
}
