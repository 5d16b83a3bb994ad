// A table with a row for each atom, its numbers written out, and bars or swatches behind them.
import { useStage } from "../context";
import type { Scene } from "../scene";

export interface Column {
  title: string;
  cells: string[];
  /** How far the bar behind each number reaches, 0 to 1. */
  bars?: number[];
  /** A swatch's number instead: equal ones look equal. */
  swatches?: number[];
  /** Whether the column can be put on the molecule. */
  drawn?: boolean;
}

interface AtomTableProps {
  scene: Scene;
  caption: string;
  /** The nodes of the rows. */
  nodes: number[];
  columns: Column[];
  /** The column on the molecule. */
  column: number;
  onColumn: (column: number) => void;
  /** The framed atom's node. */
  chosen: number;
  /** Rows below the atoms: a name, and a cell for each column. */
  sums?: [string, string[]][];
}

export function AtomTable(props: AtomTableProps) {
  const { scene, caption, nodes, columns, column, onColumn, chosen, sums = [] } = props;
  const { store } = useStage();
  const { node_atoms, node_labels } = scene.view;
  return (
    <div class="lab-scroll" tabIndex={0} role="group" aria-label={`${caption}, table`}>
      <table class="lab-numbers">
        <caption class="lab-unseen">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">atom</th>
            {columns.map(({ title, drawn }, c) => (
              <th key={c} scope="col">
                {drawn ? (
                  <button type="button" class="lab-link" aria-pressed={c === column} onClick={() => onColumn(c)}>
                    {title}
                  </button>
                ) : (
                  title
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {nodes.map((node, r) => (
            <tr key={node} class={node === chosen ? "lab-chosen" : undefined}>
              <th scope="row">
                <button
                  type="button"
                  class="lab-link"
                  aria-pressed={node === chosen}
                  onClick={() => node_atoms.data[node]! >= 0 && store.select({ atom: node_atoms.data[node]! })}
                >
                  {node_labels[node]}
                </button>
              </th>
              {columns.map((one, c) => (
                <td key={c} class={one.swatches && "lab-swatch"} style={styleOf(one, r)}>
                  {one.cells[r]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {sums.length > 0 && (
          <tfoot>
            {sums.map(([name, cells]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {cells.map((cell, c) => (
                  <td key={c}>{cell}</td>
                ))}
              </tr>
            ))}
          </tfoot>
        )}
      </table>
    </div>
  );
}

function styleOf({ bars, swatches }: Column, row: number) {
  if (swatches) return { "--lab-turn": swatches[row]! } as Record<string, number>;
  return bars ? { backgroundSize: `${(100 * bars[row]!).toFixed(1)}% 100%` } : undefined;
}
