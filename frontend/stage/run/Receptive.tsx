// What reaches the chosen atom, and after how many rounds: derivatives of its states by all first states.
import { useEffect, useState } from "preact/hooks";
import { largest } from "../../shared/colour";
import { count, num } from "../../shared/format";
import { floats } from "../asking";
import { useSelect, useStage } from "../context";
import type { Scene } from "../scene";
import type { Held, Question } from "../store";
import { Numbers, useAtomRows } from "./Numbers";
import { Part } from "./Part";
import { Small } from "./Small";

/** The receptive field of one atom: `norms` of T + 1 rounds and N atoms, the rest one for each atom. */
export interface Field {
  norms: Float32Array;
  heard: ArrayLike<number>;
  distance: ArrayLike<number>;
}

/** The question for the receptive field of one atom. */
export function receptiveOf({ view }: Scene, atom: number): Question<Field> {
  const [rounds, atoms] = [view.run.titles.length, view.molecule.atom_labels.length];
  return {
    kind: "receptive",
    key: `receptive ${atom}`,
    fields: { atom },
    read: ({ shape, heard, distance }, buffers) => {
      const no = "The kernel's answer is no receptive field.";
      const whole = (list: unknown): list is number[] =>
        Array.isArray(list) && list.length === atoms && list.every(Number.isInteger);
      if (String(shape) !== `${rounds},${atoms}` || !whole(heard) || !whole(distance)) throw new Error(no);
      return { norms: floats(buffers[0], rounds * atoms, no), heard, distance };
    },
  };
}

/** The field that came with the view, as in a file that has no kernel to ask. */
export function sentAlong({ view }: Scene, atom: number): Field | null {
  const sent = view.run.receptive;
  const k = sent ? sent.atoms.data.indexOf(atom) : -1;
  if (!sent || k < 0) return null;
  const [, rounds, atoms] = sent.norms.shape as [number, number, number];
  const own = (array: Int32Array) => array.subarray(k * atoms, (k + 1) * atoms);
  return {
    norms: sent.norms.data.subarray(k * rounds * atoms, (k + 1) * rounds * atoms),
    heard: own(sent.heard.data),
    distance: own(sent.distance.data),
  };
}

/** One waits so long, in ms, for the next choice before the kernel is asked. */
const PAUSE = 120;

export function Receptive({ scene, atom }: { scene: Scene; atom: number }) {
  const { store } = useStage();
  const { run } = scene.view;
  const question = receptiveOf(scene, atom);
  const held = useSelect((s) => s.held[question.key] as Held<Field> | undefined);
  const sent = sentAlong(scene, atom);
  const known = sent ?? (held?.state === "there" ? held.value : null);
  const wanted = run.titles.length > 0 && !known && held === undefined && store.ask !== null;
  useEffect(() => {
    if (!wanted) return;
    const timer = setTimeout(() => store.ask?.(question), PAUSE);
    return () => clearTimeout(timer);
  }, [wanted, question.key]);
  const label = scene.view.molecule.atom_labels[atom]!;
  return (
    <Part
      name="receptive"
      title={`What reaches ${label}`}
      hint="|∂h_i^{t}/∂h_j^{0}|: how far its state after round t moves when the first state of an atom j does"
    >
      {known ? (
        <Shown {...{ scene, atom, label, field: known }} />
      ) : (
        <p class="lab-quiet">
          {run.note ? `${run.note}. ` : store.ask === null && "It is computed by the notebook's kernel: this page has none."}
          {(wanted || held?.state === "asked") && "The kernel takes the derivatives …"}
          {held?.state === "fault" && (
            <>
              <span role="alert">{held.what} </span>
              <button type="button" class="lab-button lab-slim" onClick={() => store.ask?.(question)}>
                ask again
              </button>
            </>
          )}
        </p>
      )}
    </Part>
  );
}

function Shown({ scene, atom, label, field }: { scene: Scene; atom: number; label: string; field: Field }) {
  const { titles } = scene.view.run;
  const atoms = field.heard.length;
  const [chosen, setChosen] = useState(titles.length - 1);
  const round = Math.min(chosen, titles.length - 1);
  const row = (t: number) => Array.from(field.norms.subarray(t * atoms, (t + 1) * atoms));
  const share = (t: number) => {
    const most = largest(row(t));
    return row(t).map((v) => (most ? v / most : 0));
  };
  const after = (t: number) => (t ? `after ${titles[t]!.toLowerCase()}` : "at first");
  const shares = share(round);
  const rows = useAtomRows(scene, Array.from(scene.nodeOfAtom), scene.nodeOfAtom[atom]!);
  return (
    <div class="lab-beside">
      <figure>
        <Small
          scene={scene}
          name={`What reaches ${label} ${after(round)}: a disc on each atom, its area the size of the derivative`}
          atom={atom}
          discs={row(round).map((v, a) => ({ share: shares[a]!, said: `${num(v, 4)} ${after(round)}` }))}
        />
        <figcaption class="lab-quiet">
          {after(round)}: area of a disc = size, the largest {num(largest(row(round)))}
        </figcaption>
      </figure>
      <Numbers
        caption="sizes of the derivatives; bars compare within a round"
        corner="atom"
        rows={rows}
        columns={[
          ...titles.map((title, t) => ({ title, cells: row(t).map((v) => num(v)), bars: share(t), drawn: true })),
          { title: "bonds away", cells: Array.from(field.distance, (d) => (d < 0 ? "no way" : String(d))) },
          { title: "first heard", cells: Array.from(field.heard, (t) => (t < 0 ? "never" : t ? `round ${t}` : "itself")) },
        ]}
        column={round}
        onColumn={setChosen}
      />
      <ByDistance field={field} titles={titles} label={label} />
    </div>
  );
}

/** How many of the atoms so many bonds away have been heard of at all, round by round. */
function ByDistance({ field, titles, label }: { field: Field; titles: string[]; label: string }) {
  const distances = [...new Set(Array.from(field.distance))].sort((a, b) => (a < 0 ? 1 : b < 0 ? -1 : a - b));
  const at = (d: number) => [...Array(field.heard.length).keys()].filter((a) => field.distance[a] === d);
  const heard = (d: number, t: number) => at(d).filter((a) => field.heard[a]! >= 0 && field.heard[a]! <= t).length;
  return (
    <Numbers
      caption={`atoms that ${label} has heard of at all`}
      corner="bonds away"
      rows={distances.map((d) => ({ label: `${d < 0 ? "no way" : d} (${count(at(d).length, "atom")})` }))}
      columns={titles.map((title, t) => ({
        title,
        cells: distances.map((d) => `${heard(d, t)} of ${at(d).length}`),
        bars: distances.map((d) => heard(d, t) / at(d).length),
      }))}
    />
  );
}
