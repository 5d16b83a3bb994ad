// All kinds side by side, how near they are to each other, and two of them subtracted.
import { useMemo } from "preact/hooks";
import { largest } from "../../shared/colour";
import { list, num } from "../../shared/format";
import { useSelect, useStage } from "../context";
import { MOST } from "../Gallery";
import { matrixPitch } from "../Matrix";
import { Card } from "./Card";
import { Comparison, Scale } from "./Comparison";
import { counterparts, distance, distances, sorted, type Kind, type Kinds } from "./kinds";
import { Nearest } from "./Nearest";
import { placesOf } from "./order";
import { ReadMatrix } from "./Readable";

interface CardsProps {
  title: string;
  mine: Kinds;
  /** Those of another run, and what the two are called. */
  theirs: Kinds | null;
  titles: string[];
  /** Shows an edge of the molecule in the lens. */
  show: (edge: number) => void;
}

export function Cards({ title, mine, theirs, titles, show }: CardsProps) {
  const { sort, order } = useSelect((s) => s.shelf);
  const { rows, columns, items } = mine;
  const held = useMemo(() => {
    const pairs = theirs ? counterparts(mine, theirs) : new Map<Kind, Kind>();
    return { pairs, moved: new Map([...pairs].map(([a, b]) => [a, distance(a, b)])) };
  }, [mine, theirs]);
  const { pairs, moved } = held;
  const near = useMemo(() => {
    const shown = sorted(items, sort, moved).slice(0, MOST);
    return { items: shown, ...distances(shown) };
  }, [mine, sort, held]);
  const look = useMemo(() => {
    const all = [...items, ...pairs.values()];
    const room = pairs.size ? 168 : 208;
    return {
      rows,
      columns,
      limit: Math.max(...all.map((k) => largest(k.values))),
      most: Math.max(...all.map((k) => k.sigma[0]!)),
      pitch: matrixPitch(rows, columns, room, room, 26),
      places: placesOf(all.map((k) => k.values), rows, columns, order),
    };
  }, [mine, held, order]);
  const beside = pairs.size > 0;
  const only = theirs?.items.filter((k) => ![...pairs.values()].includes(k)) ?? [];
  const said = (kind: Kind, k: number) =>
    [
      kind.counted,
      near.items[near.nearest[k]!] && `nearest: ${near.items[near.nearest[k]!]!.label}`,
      beside && (pairs.has(kind) ? `moved by ${num(moved.get(kind)!)}` : `not in “${titles[1]}”`),
    ]
      .filter(Boolean)
      .join(" · ");
  const cards = useMemo(
    () =>
      near.items.map((kind, k) => (
        <Card key={kind} {...{ kind, look, titles: beside ? titles : [], other: pairs.get(kind), said: said(kind, k) }}>
          <Show kind={kind} show={show} />
        </Card>
      )),
    [near, look, titles.join()],
  );
  return (
    <>
      <section class="lab-part">
        <div class="lab-gallery-head">
          <h3 class="lab-heading">
            Edge matrices of {title}
            <span class="lab-hint">, exact</span>
          </h3>
          <Scale {...look} />
        </div>
        {only.length > 0 && (
          <p class="lab-quiet">
            Only in “{titles[1]}”{beside || ", or of another size"}: {list(only.map((k) => k.label))}.
          </p>
        )}
        <div class="lab-cards">{cards}</div>
        <p class="lab-legend">
          {near.items.length < items.length && `The first ${MOST} of ${items.length} are drawn. `}
          |W|: Frobenius norm, the root of the sum of squares. Bars: singular values; W lengthens a state along its k-th
          direction by σₖ, none by more than σ₁.
          {beside && " Moved by: the distance (below) of the two runs' matrices."}
        </p>
      </section>
      {items.length > 1 && (
        <>
          <Nearest {...near} />
          <section class="lab-part">
            <Comparison {...{ items, limit: look.limit }} draw={(values, name) => <ReadMatrix {...{ ...look, values, name }} />} />
          </section>
        </>
      )}
    </>
  );
}

/** The way to a bond of a kind: in the molecule, or in an example of the data set. */
function Show({ kind: { edge, example }, show }: { kind: Kind; show: (edge: number) => void }) {
  const { store } = useStage();
  const key = `example ${example?.row}/${example?.bond}`;
  const asked = useSelect((s) => s.held[key]);
  const read = () => store.set({ tab: "step" });
  const click = () => {
    if (example) return store.ask!({ kind: "example", key, fields: { row: example.row, bond: example.bond }, read });
    show(edge);
    read();
  };
  return (
    <>
      <button type="button" class="lab-link" disabled={example !== null && !store.ask} onClick={click}>
        {example ? `such as ${example.words}` : "show in the lens"}
      </button>
      {asked?.state === "fault" && <span role="alert"> {asked.what}</span>}
    </>
  );
}
