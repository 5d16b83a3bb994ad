// The lens' blocks: strips with signs between them, and rows listed above what becomes of them.
import { useMemo, useState } from "preact/hooks";
import { count } from "../shared/format";
import type { Quantity } from "../shared/views";
import { argRow } from "./arithmetic";
import { EdgeRows } from "./EdgeRows";
import { Formula } from "./Formula";
import { MatrixBlock } from "./LinearBlock";
import { Line, Result, saying, Titled, type BlockProps } from "./lines";
import { named } from "./plan";
import { rank } from "./ranking";
import { isMatrix, isView, type Scene } from "./scene";

/** More atoms than this are listed only when asked for. */
const MOST_NODES = 8;
const SIGNS: Record<string, string> = { add: "+", multiply: "×", dot: "·" };
const SHARED = /^(add|interpolate|sum_|mean_|max_|rows_|sorted_|layer_norm|relu|leaky_relu|elu|silu|flatten|concatenate)/;

function limits(scene: Scene, quantity: Quantity): (q: Quantity) => number {
  if (!SHARED.test(quantity.op)) return (q) => scene.limit(q);
  const all = [quantity, ...quantity.args.map((a) => scene.quantity(a))];
  const limit = Math.max(...all.map((q) => scene.limit(q)));
  return () => limit;
}

/** Elementwise arithmetic: the inputs under one another with their signs, then the result. */
export function StripsBlock({ scene, block: { quantity, row }, place }: BlockProps) {
  const limit = limits(scene, quantity);
  const sign = SIGNS[quantity.op] ?? "";
  const inputs = quantity.args.map((name) => scene.quantity(name));
  return (
    <Titled scene={scene} quantity={quantity}>
      {inputs.map((q, k) => {
        const at = argRow(scene, quantity, q, row, place.propagation);
        return (
          <Line
            key={k}
            scene={scene}
            quantity={q}
            held={scene.row(q, at, place.propagation)}
            limit={limit(q)}
            label={<Formula text={named(scene, q, at, place.propagation)} />}
            said={saying(scene, q, at, place)}
            sign={k ? sign : ""}
          />
        );
      })}
      {isMatrix(scene, quantity) ? (
        <MatrixBlock scene={scene} quantity={quantity} row={row} place={place} />
      ) : (
        <Result scene={scene} quantity={quantity} row={row} place={place} limit={limit(quantity)} />
      )}
    </Titled>
  );
}

/** What was recorded and nothing is made of here: every incoming row of it, or the one row. */
export function PlainBlock({ scene, block: { quantity, row }, place }: BlockProps) {
  // What belongs to the atom that listens is the same for all its edges.
  const edges = quantity.per === "edge" && quantity.op !== "target" ? place.incoming : [];
  return (
    <Titled scene={scene} quantity={quantity}>
      {edges.length > 0 ? (
        <EdgeRows
          scene={scene}
          quantity={quantity}
          edges={edges}
          place={place}
          limit={scene.limit(quantity)}
          legible={!isView(quantity)}
        />
      ) : (
        <Line
          scene={scene}
          quantity={quantity}
          held={scene.row(quantity, row, place.propagation)}
          limit={scene.limit(quantity)}
          label={<Formula text={named(scene, quantity, row, place.propagation)} />}
          said={saying(scene, quantity, row, place)}
          legible
        />
      )}
    </Titled>
  );
}

/** Rows that are put together (messages into an atom, or all atoms) and what becomes of them. */
export function RowsBlock({ scene, block: { quantity, row }, place }: BlockProps) {
  const limit = limits(scene, quantity);
  const source = scene.quantity(quantity.args.at(-1)!);
  const overAtoms = source.per !== "edge";
  const [all, setAll] = useState(false);
  const ranking = useMemo(() => (overAtoms ? rank(scene, quantity, row) : null), [scene, quantity, overAtoms, row]);
  const nodes = ranking?.nodes ?? [];
  const softmax = quantity.op.startsWith("softmax");
  const shown = (all ? nodes : nodes.slice(0, MOST_NODES)).toSorted((a, b) => a - b);
  return (
    <Titled scene={scene} quantity={quantity}>
      {!ranking ? (
        <EdgeRows
          scene={scene}
          quantity={source}
          edges={place.incoming}
          place={place}
          limit={limit(source)}
          second={softmax ? quantity : undefined}
        />
      ) : (
        <div>
          {shown.map((n) => (
            <Line
              key={n}
              scene={scene}
              quantity={source}
              held={scene.row(source, n, null)}
              limit={limit(source)}
              label={scene.view.node_labels[n]}
              said={saying(scene, source, n, place)}
              note={ranking.note(n).map((part) => (
                <span class="lab-whole">{part} </span>
              ))}
            />
          ))}
          {nodes.length > MOST_NODES && (
            <button type="button" class="lab-link" aria-expanded={all} onClick={() => setAll(!all)}>
              {all
                ? `only the ${MOST_NODES} largest`
                : `+ ${count(nodes.length - MOST_NODES, "more atom")}, ${ranking.rest}`}
            </button>
          )}
        </div>
      )}
      {!softmax && <Result scene={scene} quantity={quantity} row={row} place={place} limit={limit(quantity)} />}
    </Titled>
  );
}
