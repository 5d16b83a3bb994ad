// A table of numbers written out, most often with a row for each atom, and bars or swatches behind them.
import { useStage } from "../context";
import type { Scene } from "../scene";

export interface Column {
  title: string;
  cells: string[];
  /** How far the bar behind each number reaches, 0 to 1. */
  bars?: number[];
  /** Numbers of colours instead: equal ones look equal. */
  swatches?: number[];
  /** Whether the column can be put on the molecule. */
  drawn?: boolean;
}

export interface Row {
  label: string;
  /** Chooses what the row is of, where that can be. */
  choose?: () => void;
  chosen?: boolean;
}

interface NumbersProps {
  caption: string;
  corner: string;
  rows: Row[];
  columns: Column[];
  /** The column on the molecule. */
  column?: number;
  onColumn?: (column: number) => void;
  /** Rows at the foot: a name, and a cell for each column. */
  sums?: [string, string[]][];
}

/** The rows of these nodes; choosing one chooses its atom. */
export function useAtomRows({ view }: Scene, nodes: number[], chosen: number): Row[] {
  const { store } = useStage();
  return nodes.map((node) => {
    const atom = view.node_atoms.data[node]!;
    const choose = atom < 0 ? {} : { choose: () => store.select({ atom }) };
    return { label: view.node_labels[node]!, chosen: node === chosen, ...choose };
  });
}

export function Numbers({ caption, corner, rows, columns, column, onColumn, sums = [] }: NumbersProps) {
  return (
    <div class="lab-scroll" tabIndex={0} role="group" aria-label={caption}>
      <table class="lab-numbers">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{corner}</th>
            {columns.map(({ title, drawn }, c) => (
              <th key={c} scope="col">
                {drawn ? <Press label={title} pressed={c === column} act={() => onColumn?.(c)} /> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ label, choose, chosen }, r) => (
            <tr key={r}>
              <th scope="row">{choose ? <Press label={label} pressed={!!chosen} act={choose} /> : label}</th>
              {columns.map((one, c) => (
                <td key={c} class={one.swatches && "lab-swatch"} style={styleOf(one, r)}>
                  {one.cells[r]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
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
      </table>
    </div>
  );
}

function Press({ label, pressed, act }: { label: string; pressed: boolean; act: () => void }) {
  return (
    <button type="button" class="lab-link" aria-pressed={pressed} onClick={act}>
      {label}
    </button>
  );
}

function styleOf({ bars, swatches }: Column, row: number) {
  if (swatches) return { "--lab-turn": swatches[row]! } as Record<string, number>;
  return bars && { backgroundSize: `${(100 * bars[row]!).toFixed(1)}% 100%` };
}
