// "What if": one thing that the model is told, or one message, is changed; the model stays the same.
import { useState } from "preact/hooks";
import { useFocus, useSelect, useStage } from "../context";
import { bondName, edgeLabel, type Scene } from "../scene";
import { addChange, asked, type Change } from "./changes";

const ELEMENTS = ["H", "C", "N", "O", "F", "Si", "P", "S", "Cl", "Br", "I"];
const BONDS = ["single", "double", "triple", "aromatic"];
const FACTORS = [0, 0.5, 2, -1];

export function WhatIf({ scene }: { scene: Scene }) {
  const { store } = useStage();
  const { now: step, focus } = useFocus();
  const held = asked(useSelect((s) => s.held));
  if (!step || !focus) return null;
  const { molecule, node_atoms, feature_names, edge_feature_names } = scene.view;
  const atom = node_atoms.data[focus.node] ?? -1;
  const { propagation: p, edge } = focus;
  const bond = p && edge >= 0 ? p.bond.data[edge]! : -1;
  const ask = (change: Change) => addChange(store, change);
  return (
    <div class="lab-what-if" role="group" aria-label="What if">
      {atom >= 0 && (
        <Line title={`${molecule.atom_labels[atom]} were`}>
          <Pick label="element" options={ELEMENTS} take={(element) => ask({ atom, element })} />
          <Pick label="charge" options={["−1", "0", "+1"]} take={(c) => ask({ atom, charge: Number(c.replace("−", "-")) })} />
          <Feature names={feature_names} take={(feature, to) => ask({ atom, feature, to })} />
        </Line>
      )}
      {bond >= 0 && (
        <Line title={`${bondName(scene, bond)} were`}>
          <Pick label="kind of bond" options={BONDS} take={(to) => ask({ bond, to })} />
          <Feature names={edge_feature_names} take={(feature, to) => ask({ bond, feature, to })} />
        </Line>
      )}
      {p && edge >= 0 && step.round >= 0 && step.propagation >= 0 && (
        <Line title={`the message ${edgeLabel(scene, p, edge)} were`}>
          {FACTORS.map((times) => (
            <button
              type="button"
              key={times}
              class="lab-button lab-slim"
              onClick={() => ask({ round: scene.view.rounds[step.round]!.number, propagation: step.propagation, edge, times })}
            >
              {times === 0 ? "silent" : `× ${times === 0.5 ? "½" : String(times).replace("-", "−")}`}
            </button>
          ))}
        </Line>
      )}
      <p class="lab-quiet" role="status">
        {held?.state === "asked" && "The kernel runs the model again …"}
        {held?.state === "fault" && held.what}
        {!held && "The model stays the same; what is not changed is told as before."}
      </p>
    </div>
  );
}

function Line({ title, children }: { title: string; children: preact.ComponentChildren }) {
  return (
    <div class="lab-what">
      <span>What if {title}</span> {children}
    </div>
  );
}

function Pick({ label, options, take }: { label: string; options: string[]; take: (option: string) => void }) {
  return (
    <select
      class="lab-select"
      aria-label={label}
      value=""
      onChange={(e) => {
        const { value } = e.currentTarget;
        e.currentTarget.value = "";
        if (value) take(value);
      }}
    >
      <option value="">{label} …</option>
      {options.map((option) => (
        <option key={option} value={option}>
          {option}
        </option>
      ))}
    </select>
  );
}

/** Any one feature, by its name; of a model of one's own they have none, and are not offered. */
function Feature({ names, take }: { names: string[]; take: (feature: string, to: number) => void }) {
  const [name, setName] = useState("");
  if (!names.length) return null;
  return (
    <span class="lab-feature">
      <select class="lab-select" aria-label="feature" value={name} onChange={(e) => setName(e.currentTarget.value)}>
        <option value="">a feature …</option>
        {names.map((n) => (
          <option key={n} value={n}>
            {n}
          </option>
        ))}
      </select>
      {name && (
        <input
          class="lab-number"
          type="number"
          step="any"
          aria-label={`new value of ${name}`}
          placeholder="value"
          onKeyDown={(e) => {
            const { value } = e.currentTarget;
            if (e.key === "Enter" && value !== "") take(name, Number(value));
          }}
        />
      )}
    </span>
  );
}
