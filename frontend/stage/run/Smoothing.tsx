// How alike the atoms' states become: two lines over the rounds.
import { count, num } from "../../shared/format";
import type { Scene } from "../scene";
import { LineChart } from "./LineChart";
import { Part } from "./Part";

export function Smoothing({ scene }: { scene: Scene }) {
  const { smoothing, note } = scene.view.run;
  if (!smoothing) return <Part name="smoothing" title="Smoothing by round" hint={note} children={null} />;
  const { titles, energy, share, distance, without } = smoothing;
  const part = (t: number) => (share[t] === null ? "" : `, ${num(100 * share[t]!)} % of Σ|h|²`);
  const left = (t: number) => (without[t] ? `; ${count(without[t]!, "pair")} without a direction left out` : "");
  return (
    <Part name="smoothing" title="Smoothing by round" hint="how alike the states of all atoms become; 0 where they are the same">
      <div class="lab-beside">
        <LineChart
          name="Dirichlet energy"
          formula="E = Σ |h_{i}/√(1+d_{i}) − h_{j}/√(1+d_{j})|² over the bonds, d: bonds of the atom (Cai and Wang 2020)"
          titles={titles}
          values={energy}
          said={(t) => `${num(energy[t]!, 4)}${part(t)}`}
        />
        <LineChart
          name="Mean cosine distance"
          formula="1 − cos(h_i, h_j), the mean over all pairs of atoms"
          titles={titles}
          values={distance}
          said={(t) => (distance[t] === null ? "no two states have a direction" : num(distance[t]!, 4)) + left(t)}
        />
      </div>
    </Part>
  );
}
