// One number written out: the terms of its sum, its result, and how far the model's value is off.
import { useMemo, useState } from "preact/hooks";
import { capital, count, num, rough, signed } from "../shared/format";
import type { PropagationView } from "../shared/views";
import { spell, type Spelling, type Term } from "./arithmetic";
import { Hidden, useHidden } from "./Ask";
import { useStage } from "./context";
import { Formula } from "./Formula";
import { named } from "./plan";
import { channelName } from "./channelNames";
import { isMatrix, rowLabel, type Scene } from "./scene";
import type { Cell } from "./store";

/** How many terms are written before "+ n more terms". */
const FIRST = 8;
/** Where a name is longer than this, or a line, in characters, names stand above their factors. */
const [LONG, WIDE] = [3, 30];

export function SpelledOut({
  scene,
  cell,
  propagation,
}: {
  scene: Scene;
  cell: Cell | null;
  propagation: PropagationView | null;
}) {
  const [all, setAll] = useState(false);
  const [bySize, setBySize] = useState(true);
  const spelling = useMemo(
    () => cell && spell(scene, scene.quantity(cell.quantity), cell.row, cell.channel, propagation),
    [scene, cell?.quantity, cell?.row, cell?.channel, propagation],
  );
  const hidden = useHidden(cell?.quantity ?? "", cell?.row ?? -1);
  if (!spelling)
    return (
      <aside class="lab-spelled">
        <p class="lab-quiet">Point at a cell: its sum is written out here.</p>
      </aside>
    );
  const { quantity, row, channel, value, stored } = spelling;
  const terms = bySize ? spelling.terms.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value)) : spelling.terms;
  const shown = all ? terms : terms.slice(0, FIRST);
  const who = rowLabel(scene, quantity, row, propagation);
  return (
    <aside
      class="lab-spelled"
      aria-label="The number spelled out"
      data-quantity={quantity.name}
      data-row={row}
      data-channel={channel}
      data-value={hidden ? undefined : String(stored)}
      data-recomputed={hidden || value === null ? undefined : String(value)}
    >
      <div class="lab-spelled-head">
        <h4>
          <Formula text={named(scene, quantity, row, propagation)} />
          {where(scene, spelling)}
        </h4>
        <p class="lab-quiet">
          <Formula text={capital(quantity.label)} />
          {who && ` · ${who}`}
        </p>
        <p class="lab-rule">
          <Formula text={scene.pair ? "other run − this run" : spelling.rule} />
        </p>
      </div>
      <div class="lab-spelled-terms">
        {terms.length > 1 && (
          <button type="button" class="lab-link" onClick={() => setBySize(!bySize)}>
            {bySize ? "largest terms first" : "terms in order"} <span aria-hidden="true">⇅</span>
          </button>
        )}
        <ol class="lab-terms">
          {shown.map((term, k) => (
            <TermLine key={k} term={term} spelling={spelling} first={k === 0} tall={shown.some(isWide)} />
          ))}
        </ol>
        {terms.length > FIRST && (
          <button type="button" class="lab-link" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? "fewer terms" : `${spelling.join} ${rest(terms.slice(FIRST))}`}
          </button>
        )}
        {spelling.lines.map((line) => (
          <p key={line} class="lab-working">
            {line}
          </p>
        ))}
      </div>
      <div class="lab-spelled-result">
        {hidden && (
          <p class="lab-equals">
            = <Hidden />
          </p>
        )}
        {!hidden && <p class="lab-equals">
          {Number.isNaN(stored) ? "no counterpart" : `= ${num(value ?? stored, 4)}`}
          {quantity.unit && ` ${quantity.unit}`}
        </p>}
        <p class="lab-provenance">{hidden ? "" : scene.pair ? pairSaid(scene.pair(quantity, row, channel)) : provenance(spelling)}</p>
      </div>
    </aside>
  );
}

function where(scene: Scene, { quantity, channel }: Spelling): string {
  if (scene.width(quantity) === 1) return "";
  const name = channelName(scene, quantity, channel);
  return `[${isMatrix(scene, quantity) ? name.replace(", ", " → ") : name}]`;
}

/** "9 more terms", or that they are all nothing. */
function rest(terms: Term[]): string {
  const nothing = terms.every((t) => t.value === 0);
  return `${count(terms.length, "more term")}${nothing ? ", all 0" : ""}`;
}

function isProduct(term: Term): boolean {
  return term.factors.length > 1;
}

function factorsOf(term: Term): string {
  return isProduct(term) ? term.factors.map((f) => `(${signed(f)})`).join("") : signed(term.factors[0]!);
}

function isWide(term: Term): boolean {
  const line = term.label.length + factorsOf(term).length + signed(term.value).length + 2;
  return isProduct(term) && (term.label.length > LONG || line > WIDE);
}

interface TermProps {
  term: Term;
  spelling: Spelling;
  first: boolean;
  tall: boolean;
}

function TermLine({ term, spelling, first, tall }: TermProps) {
  const { join, picked } = spelling;
  const { store } = useStage();
  return (
    <li class={`${term.mark ? "lab-marked" : ""} ${tall ? "lab-tall" : ""}`}>
      <span class="lab-sign">{first ? "" : join}</span>
      {term.from && term.label ? (
        <button
          type="button"
          class="lab-link lab-term-label"
          title="Spell this number out"
          onClick={() => store.set({ cell: term.from!, hover: null })}
        >
          <Formula text={term.label} />
        </button>
      ) : (
        <span class="lab-term-label">
          <Formula text={term.label} />
        </span>
      )}
      <span class="lab-factors">{factorsOf(term)}</span>
      <span class="lab-product">
        {isProduct(term) || term.value !== term.factors[0]
          ? `= ${signed(term.value)}`
          : (term.mark && picked) || ""}
      </span>
    </li>
  );
}

/** The two numbers behind a difference. */
function pairSaid([mine, other]: [number | undefined, number | undefined]): string {
  const said = (value: number | undefined) => (value === undefined ? "not there" : num(value, 6));
  return `In the other run ${said(other)}, in this one ${said(mine)}.`;
}

function provenance({ quantity, value, stored }: Spelling): string {
  if (value === null) {
    if (quantity.error !== null) {
      return `Recomputed by arithmetic of the lab's own; of all its numbers none differs by more than ${rough(quantity.error)}.`;
    }
    return quantity.op === "recorded" ? "" : "There is nothing to recompute it from.";
  }
  const off = Math.abs(value - stored);
  if (!quantity.recorded) {
    return `Computed here and by the lab from what the model recorded; the two differ by ${rough(off)}.`;
  }
  return `Recomputed from the model's own tensors; the model's value is ${num(stored, 6)}, differs by ${rough(off)}.`;
}
