// The states of all atoms after every round, on one scale: a row is an atom, a column a channel.
import { useMemo, useState } from "preact/hooks";
import { largest } from "../../shared/colour";
import { num } from "../../shared/format";
import { useSelect, useStage } from "../context";
import { channelTitle } from "../channelNames";
import { type Scene } from "../scene";
import { channelOrder, gathered, ORDERS, statesOf, type Order, type Shown } from "./channels";
import { Heat } from "./Heat";
import { Part } from "./Part";

export function States({ scene, atom }: { scene: Scene; atom: number }) {
  const shown = useMemo(() => statesOf(scene), [scene]);
  const [order, setOrder] = useState<Order>("index");
  const limit = Math.max(
    ...shown.map(({ quantity, nodes }) => Math.max(0, ...nodes.map((n) => largest(scene.row(quantity, n, null)!.values)))),
  );
  return (
    <Part
      name="states"
      title="States by round"
      hint={`a row for each atom, a column for each channel, one scale ±${num(limit, 2)}`}
    >
      <label class="lab-choice">
        <span class="lab-quiet">channels </span>
        <select class="lab-select" value={order} onChange={(e) => setOrder(e.currentTarget.value as Order)}>
          {ORDERS.map(([name, label]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <div class="lab-states">
        {shown.map((one) => (
          <Round key={one.title} {...{ scene, one, shown, order, limit, atom }} />
        ))}
      </div>
    </Part>
  );
}

interface RoundProps {
  scene: Scene;
  one: Shown;
  shown: Shown[];
  order: Order;
  limit: number;
  atom: number;
}

function Round({ scene, one, shown, order, limit, atom }: RoundProps) {
  const { store } = useStage();
  const now = useSelect((s) => s.step);
  const { title, step, quantity, nodes } = one;
  const { node_atoms, node_labels, steps } = scene.view;
  const channels = useMemo(
    () => channelOrder(scene, shown, scene.width(quantity), order),
    [scene, quantity, order],
  );
  const values = useMemo(() => gathered(scene, quantity, nodes, channels), [quantity, nodes, channels]);
  const own = scene.crowd.nodeAt(atom, scene.nodeOfAtom[atom] ?? -1, quantity.nodes);
  const choose = (row: number) => {
    const chosen = node_atoms.data[nodes[row]!]!;
    if (chosen >= 0) store.select({ atom: chosen });
  };
  return (
    <Heat
      name={`${title}: states of ${nodes.length} atoms, ${channels.length} channels each`}
      current={steps[now]?.chapter === steps[step]!.chapter}
      caption={
        <button type="button" class="lab-link" onClick={() => store.goTo(step)}>
          {title}
        </button>
      }
      labels={nodes.map((n) => node_labels[n]!)}
      columns={(k) => channelTitle(scene, quantity, channels[k]!)}
      values={values}
      limit={limit}
      chosen={nodes.indexOf(own)}
      onChoose={choose}
    />
  );
}
