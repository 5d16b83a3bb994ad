// Weisfeiler-Leman colours round by round: what no network of this kind can tell apart, checked on the states.
import { useState } from "preact/hooks";
import { num } from "../../shared/format";
import type { Scene } from "../scene";
import { Numbers, useAtomRows } from "./Numbers";
import { Part } from "./Part";
import { Small } from "./Small";

export function Colours({ scene, atom }: { scene: Scene; atom: number }) {
  const { colours, titles, note } = scene.view.run;
  const [chosen, setChosen] = useState<number | null>(null);
  const rows = useAtomRows(scene, Array.from(scene.nodeOfAtom), scene.nodeOfAtom[atom] ?? -1);
  const title = "Weisfeiler-Leman colours";
  if (!colours) {
    const why = note || "the graph has no edges along which colours could be refined";
    return <Part name="colours" title={title} hint={why} children={null} />;
  }
  const [rounds, atoms] = colours.colours.shape as [number, number];
  const row = (t: number) => Array.from(colours.colours.data.subarray(t * atoms, (t + 1) * atoms));
  const kinds = (t: number) => new Set(row(t)).size;
  const round = Math.min(chosen ?? rounds - 1, rounds - 1);
  const all = [...Array(rounds).keys()];
  const begin = colours.features ? "atoms begin with a colour for each different row of features" : "all atoms begin alike";
  const bonds = colours.bonds ? "; bonds are told apart by their features" : "";
  return (
    <Part name="colours" title={title} hint={`equal neighbourhoods, equal numbers: ${begin}${bonds}`}>
      <div class="lab-beside">
        <figure>
          <Small
            scene={scene}
            name={`Colours, ${titles[round]}: ${kinds(round)} of them on ${atoms} atoms`}
            atom={atom}
            discs={row(round).map((turn) => ({ share: 1, turn, said: `colour ${turn}` }))}
          />
          <figcaption class="lab-quiet">{titles[round]}: atoms of one colour have one number</figcaption>
        </figure>
        <Numbers
          caption="the colour of each atom, as a number"
          corner="atom"
          rows={rows}
          columns={all.map((t) => ({ title: titles[t]!, cells: row(t).map(String), swatches: row(t), drawn: true }))}
          column={round}
          onColumn={setChosen}
          sums={[
            ["colours", all.map((t) => String(kinds(t)))],
            ["different states", all.map((t) => String(colours.states[t]))],
            ["largest difference within a colour", all.map((t) => num(colours.spread[t]!, 2))],
          ]}
        />
        <div class="lab-prose">
          {colours.said.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </div>
      </div>
    </Part>
  );
}
