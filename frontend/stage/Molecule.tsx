// RDKit's depiction with states as discs and the message layer on top; atoms and bonds are chosen here.
import { useMemo, useRef, useState } from "preact/hooks";
import { num } from "../shared/format";
import type { Depiction, StepView } from "../shared/views";
import { AtomNames } from "./AtomNames";
import { useSelect, useStage } from "./context";
import { atomPlace, centre, neighbourInDirection, nodePlaces, type Direction, type Point } from "./geometry";
import { isCrowded } from "./Crowded";
import { Discs } from "./Discs";
import { Messages, strengthOf } from "./Messages";
import { describeAtom, describeBond, describeSet, pairNote } from "./narration";
import { Dropped, Halos } from "./Pooled";
import type { Scene } from "./scene";
import { nearestPropagation, selectSet, type Focus, type Selection } from "./selection";
import { Hubs, Outlines, showsSets } from "./Sets";
import { StateChooser } from "./StateChooser";

const ARROWS: Record<string, Direction> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

export function Molecule({ scene, step, focus }: { scene: Scene; step: StepView; focus: Focus }) {
  const { store } = useStage();
  const { molecule } = scene.view;
  const selection = useSelect((s) => s.selection);
  const [cursor, setCursor] = useState<number | null>(null);
  const [pointed, setPointed] = useState("");
  const unit = molecule.bond_length || 30;
  const places = useMemo(() => nodePlaces(scene), [scene]);
  const depiction = useMemo(() => <Drawing molecule={molecule} />, [molecule]);
  const lens = useRef(focus);
  lens.current = focus;
  const targets = useMemo(
    () => (
      <Targets
        scene={scene}
        unit={unit}
        select={(s) => store.select(s)}
        point={setPointed}
        current={() => store.state.selection}
        beside={(atom) => pairNote(scene, lens.current, atom)}
      />
    ),
    [scene, unit],
  );
  const hubs = useMemo(
    () => <HubTargets scene={scene} places={places} unit={unit} select={(set) => store.select(selectSet(scene, set, store.state.selection))} point={setPointed} />,
    [scene, places, unit],
  );
  const sets = { scene, step, focus, places, unit };
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = cursor ?? selection.atom ?? 0;
    const direction = ARROWS[event.key];
    if (direction) setCursor(cursor === null ? at : (neighbourInDirection(molecule, at, direction) ?? at));
    else if (event.key === "Enter") store.select({ atom: at });
    else if (event.key === "b") store.select(nextBond(molecule, at, selection.bond));
    else if (event.key === "Escape") store.select({});
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const shown = cursor !== null && cursor < molecule.atom_labels.length ? cursor : null;
  const box = useMemo(() => viewBox(scene, places, unit), [scene, places, unit]);
  return (
    <section class="lab-molecule">
      <h3 class="lab-heading">
        {heading(scene, step)}
        <span class="lab-hint"> — click an atom or a bond</span>
      </h3>
      <div
        class="lab-picture"
        tabIndex={0}
        role="application"
        aria-label={`Molecule ${scene.view.header.title}, ${molecule.atom_labels.length} atoms. Arrow keys move to a neighbour, Enter selects the atom, b one of its bonds.`}
        onKeyDown={keys}
        onFocus={(e) =>
          e.currentTarget.matches(":focus-visible") && setCursor((c) => c ?? selection.atom ?? focus.node)
        }
        onBlur={() => setCursor(null)}
      >
        <svg viewBox={box.join(" ")} preserveAspectRatio="xMidYMid meet" aria-hidden="true">
          <Chosen molecule={molecule} selection={selection} unit={unit} />
          <Halos scene={scene} pooled={step.nodes} places={places} unit={unit} />
          <Outlines {...sets} />
          <Discs scene={scene} step={step} places={places} unit={unit} />
          {depiction}
          <Dropped scene={scene} pooled={step.nodes} unit={unit} />
          <Hubs {...sets} />
          <Messages scene={scene} step={step} focus={focus} places={places} unit={unit} />
          <AtomNames
            scene={scene}
            places={places}
            sight={[box[2], box[3]]}
            unit={unit}
            atom={scene.view.node_atoms.data[focus.node] ?? -1}
          />
          {focus.node >= 0 && focus.chosen !== "none" && (
            <circle class="lab-ring" {...centre(places[focus.node]!)} r={unit * (scene.isSet(focus.node) ? 0.17 : 0.36)} />
          )}
          {shown !== null && <circle class="lab-cursor" {...centre(atomPlace(molecule, shown))} r={unit * 0.45} />}
          {targets}
          {showsSets(scene, step) && hubs}
        </svg>
        <span class="lab-unseen" aria-live="polite">
          {shown === null ? "" : describeAtom(scene, shown)}
        </span>
      </div>
      <div class="lab-under">
        <span class="lab-pointed" title={crowd(scene, step)}>
          {pointed || (shown !== null ? describeAtom(scene, shown) : legend(scene, step))}
        </span>
        <StateChooser scene={scene} step={step} />
      </div>
    </section>
  );
}

function heading(scene: Scene, step: StepView): string {
  const round = scene.view.rounds[step.round];
  if (!round) return "The molecule";
  const propagation = nearestPropagation(scene, step);
  const what = propagation?.scores ? "Scores of edges" : "Messages";
  return `${what} in round ${round.number}`;
}

/** What the arrows' widths stand for at this step. */
function legend(scene: Scene, step: StepView): string {
  const propagation = step.round >= 0 ? nearestPropagation(scene, step) : null;
  const strength = propagation && strengthOf(step, propagation);
  if (!propagation || !strength || !scene.norms(strength).length) return "";
  const scored = propagation.scores && scene.quantity(propagation.messages).label;
  const plain = scene.pair ? "|Δm|" : "|m|";
  const what = scored || (step.name === "attention" ? propagation.weights_label || "weight" : plain);
  const scale = scene.pair && scene.peers.length ? "full width" : "the widest";
  const rings = isCrowded(propagation) ? ` · rings: all ${what} without a bond` : "";
  return `arrow width: ${what}, ${scale} ${num(scene.widest(strength))}${rings}`;
}

/** What is drawn of more messages than can be told apart; "" where all are. */
function crowd(scene: Scene, step: StepView): string {
  const propagation = step.round >= 0 ? nearestPropagation(scene, step) : null;
  if (!propagation || !isCrowded(propagation)) return "";
  return (
    `Of ${propagation.source.data.length} messages, those along bonds and those into the atom in the lens are arrows. ` +
    "The ring round each atom is as wide as all that it hears from atoms it is not bonded to, added up."
  );
}

/** Goes round the bonds of an atom, so that each can be chosen by key. */
function nextBond(molecule: Depiction, atom: number, now: number | null): Partial<Selection> {
  const own = molecule.bond_labels
    .map((_, b) => b)
    .filter((b) => [0, 1].some((k) => molecule.bonds.data[b * 2 + k] === atom));
  const next = own[(own.indexOf(now ?? -1) + 1) % own.length];
  return next === undefined ? { atom } : { atom, bond: next };
}

/** What is in sight: all places with room for letters and loops, and never nearer than five bonds. */
export function viewBox(scene: Scene, places: Point[], unit: number): [x: number, y: number, width: number, height: number] {
  const { width, height } = scene.view.molecule;
  if (!places.length) return [0, 0, width, height];
  const span = (values: number[], pad: number, least: number) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const size = Math.max(high - low + 2 * pad, least);
    return [(low + high - size) / 2, size] as const;
  };
  const [x, w] = span(
    places.map((p) => p.x),
    1.05 * unit,
    5 * unit,
  );
  const [y, h] = span(
    places.map((p) => p.y),
    0.85 * unit,
    4 * unit,
  );
  return [x, y, w, h];
}

export function Drawing({ molecule }: { molecule: Depiction }) {
  return (
    <g class="lab-depiction">
      {molecule.paths.map((p, k) => {
        const colour = `var(--lab-el-${p.element}, var(--lab-ink))`;
        return p.fill ? (
          <path key={k} class="lab-glyph" d={p.d} style={{ fill: colour }} />
        ) : (
          <path key={k} d={p.d} style={{ stroke: colour, strokeWidth: p.width, fill: "none" }} />
        );
      })}
    </g>
  );
}

function Chosen({ molecule, selection, unit }: { molecule: Depiction; selection: Selection; unit: number }) {
  if (selection.bond === null) return null;
  const [a, b] = [0, 1].map((k) => atomPlace(molecule, molecule.bonds.data[selection.bond! * 2 + k]!)) as [
    Point,
    Point,
  ];
  return <line class="lab-chosen-bond" x1={a.x} y1={a.y} x2={b.x} y2={b.y} stroke-width={unit * 0.5} />;
}

interface HubTargetsProps {
  scene: Scene;
  places: Point[];
  unit: number;
  select: (set: number) => void;
  point: (text: string) => void;
}

/** The hubs of sets, to point at and click: above the bonds that they may lie on. */
function HubTargets({ scene, places, unit, select, point }: HubTargetsProps) {
  return (
    <g class="lab-targets">
      {scene.sets.map((set) => (
        <circle
          key={set}
          {...centre(places[set]!)}
          r={unit * 0.16}
          data-hub={set}
          onClick={() => select(set)}
          onPointerEnter={() => point(describeSet(scene, set))}
          onPointerLeave={() => point("")}
        >
          <title>{describeSet(scene, set)}</title>
        </circle>
      ))}
    </g>
  );
}

interface TargetsProps {
  scene: Scene;
  unit: number;
  select: (selection: Partial<Selection>) => void;
  point: (text: string) => void;
  current: () => Selection;
  /** What is said of an atom beside what it is, by the atom in the lens. */
  beside: (atom: number) => string;
}

/** Invisible, generous places to point at and click: bonds first, atoms above them. */
function Targets({ scene, unit, select, point, current, beside }: TargetsProps) {
  const { molecule } = scene.view;
  const hover = (text: () => string) => ({ onPointerEnter: () => point(text()), onPointerLeave: () => point("") });
  const chooseBond = (bond: number, ends: number[]) => {
    const { atom } = current();
    select({ bond, atom: atom !== null && ends.includes(atom) ? atom : null });
  };
  return (
    <g class="lab-targets">
      {molecule.bond_labels.map((_, b) => {
        const ends = [molecule.bonds.data[b * 2]!, molecule.bonds.data[b * 2 + 1]!];
        const [p, q] = ends.map((a) => atomPlace(molecule, a)) as [Point, Point];
        return (
          <line
            key={b}
            x1={p.x}
            y1={p.y}
            x2={q.x}
            y2={q.y}
            stroke-width={unit * 0.5}
            data-bond={b}
            onClick={() => chooseBond(b, ends)}
            {...hover(() => describeBond(scene, b))}
          >
            <title>{describeBond(scene, b)}</title>
          </line>
        );
      })}
      {molecule.atom_labels.map((_, a) => (
        <circle
          key={a}
          {...centre(atomPlace(molecule, a))}
          r={unit * 0.34}
          data-atom={a}
          onClick={() => select({ atom: a })}
          {...hover(() => describeAtom(scene, a) + beside(a))}
        >
          <title>{describeAtom(scene, a)}</title>
        </circle>
      ))}
    </g>
  );
}
