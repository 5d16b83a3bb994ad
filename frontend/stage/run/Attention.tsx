// How much of each atom the readout takes in, step by step.
import { useState } from "preact/hooks";
import { largest } from "../../shared/colour";
import { num } from "../../shared/format";
import { useStage } from "../context";
import { channelTitle } from "../channelNames";
import { type Scene } from "../scene";
import { gathered } from "./channels";
import { Heat } from "./Heat";
import { Numbers, useAtomRows } from "./Numbers";
import { Part } from "./Part";
import { Small } from "./Small";

/** More columns than this are drawn as cells. */
const MOST = 10;

const TITLE = "What the readout takes in";

export function Attention({ scene, atom }: { scene: Scene; atom: number }) {
  const { quantities, summed, note } = scene.view.run.attention;
  const hint = summed ? "shares of the atoms, 1 in all in each column" : "how much of each atom counts; these do not add up to 1";
  return (
    <Part name="attention" title={TITLE} hint={note || hint}>
      {quantities.length > 0 && <Shares scene={scene} atom={atom} quantities={quantities} />}
    </Part>
  );
}

function Shares({ scene, atom, quantities }: { scene: Scene; atom: number; quantities: string[] }) {
  const { store } = useStage();
  const [chosen, setChosen] = useState<number | null>(null);
  const shares = quantities.map((name) => scene.base(scene.quantity(name)));
  const first = shares[0]!;
  const nodes = scene.view.node_labels.map((_, n) => n).filter((n) => n < scene.rows(first) && scene.crowd.there(n, first.nodes));
  const columns = shares.flatMap((q, k) =>
    Array.from({ length: scene.width(q) }, (_, c) => ({
      title: shares.length > 1 ? `step ${k + 1}` : scene.width(q) > 1 ? channelTitle(scene, q, c) : "share",
      values: nodes.map((n) => q.values!.data[n * scene.width(q) + c]!),
    })),
  );
  const column = Math.min(chosen ?? (shares.length > 1 ? columns.length - 1 : 0), columns.length - 1);
  const shown = columns[column]!;
  const most = largest(shown.values);
  const { molecule } = scene.view;
  const share = (a: number) => {
    const row = nodes.indexOf(scene.crowd.nodeAt(a, scene.nodeOfAtom[a]!, first.nodes));
    return row < 0 ? null : shown.values[row]!;
  };
  const own = atom < 0 ? -1 : scene.crowd.nodeAt(atom, scene.nodeOfAtom[atom]!, first.nodes);
  const rows = useAtomRows(scene, nodes, own);
  return (
    <div class="lab-beside">
      <figure>
        <Small
          scene={scene}
          name={`${shown.title}: a disc on each atom, its area the share`}
          atom={atom}
          discs={molecule.atom_labels.map((_, a) => {
            const value = share(a);
            return { share: most && value ? value / most : 0, said: value === null ? "not there any more" : num(value, 4) };
          })}
        />
        <figcaption class="lab-quiet">
          {shown.title}: area of a disc = share, the largest {num(most)}
        </figcaption>
      </figure>
      {columns.length <= MOST ? (
        <Numbers
          caption="shares; bars compare within a column"
          corner="atom"
          rows={rows}
          columns={columns.map(({ title, values }) => ({
            title,
            cells: values.map((v) => num(v)),
            bars: values.map((v) => v / (largest(values) || 1)),
            drawn: true,
          }))}
          column={column}
          onColumn={setChosen}
        />
      ) : (
        <Heat
          name={`${TITLE}: ${nodes.length} atoms, ${columns.length} columns`}
          caption={<span class="lab-quiet">full colour {num(largest(first.values!.data), 2)}</span>}
          labels={nodes.map((n) => scene.view.node_labels[n]!)}
          columns={(c) => columns[c]!.title}
          values={gathered(scene, first, nodes, [...columns.keys()])}
          limit={largest(first.values!.data)}
          chosen={nodes.indexOf(own)}
          onChoose={(row) => store.select({ atom: scene.view.node_atoms.data[nodes[row]!]! })}
          onPoint={setChosen}
        />
      )}
    </div>
  );
}
