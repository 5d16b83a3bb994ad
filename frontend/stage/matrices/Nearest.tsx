// How far each kind's matrix is from each other's.
import { num } from "../../shared/format";
import type { Kind } from "./kinds";

export function Nearest({ items, table, nearest }: { items: Kind[]; table: number[][]; nearest: number[] }) {
  return (
    <section class="lab-part">
      <h3 class="lab-heading">Nearest kinds</h3>
      <p class="lab-quiet">Distance of two matrices: |A − B| / √(|A||B|), 0 if equal, √2 if of one size and unlike.</p>
      <div class="lab-scrolled" tabIndex={0} role="group" aria-label="Distances between kinds">
        <table>
          <thead>
            <tr>
              <th>kind</th>
              <th>nearest</th>
              {items.map(({ label }, k) => (
                <th title={label} aria-label={label}>
                  {k + 1}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {items.map(({ label }, k) => (
              <tr>
                <th scope="row">
                  {k + 1} {label}
                </th>
                <td>{items[nearest[k]!]!.label}</td>
                {table[k]!.map((d, j) => (
                  <td class={j === nearest[k] ? "lab-chosen" : ""}>{j === k ? "" : num(d, 2)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
