// Rows over the edges into an atom: neighbours' states, messages, attention.
import { useMemo, useState } from "preact/hooks";
import type { PropagationView, Quantity } from "../shared/views";
import { count, num } from "../shared/format";
import { hides } from "./Ask";
import { useSelect, useStage } from "./context";
import { Formula } from "./Formula";
import { Line, saying } from "./lines";
import { named, type Place } from "./plan";
import { edgeKind, edgeLabel, isView, rowLabel, type Scene } from "./scene";
import { selectEdge } from "./selection";
import { letterOf } from "./symbols";

/** More messages than this are listed only when asked for. */
const MOST_ROWS = 12;
/** Longer names of messages, in characters, would not fit beside their strips. */
const LONGEST_NAME = 11;

interface EdgeRowsProps {
  scene: Scene;
  quantity: Quantity;
  edges: number[];
  place: Place;
  limit: number;
  /** What each row turns into, drawn after it. */
  second?: Quantity | undefined;
  /** Whether the page holds the numbers in full. */
  legible?: boolean;
}

/** One row for each edge into the atom; its name puts that edge in the lens. */
export function EdgeRows({ scene, quantity, edges, place, limit, second, legible }: EdgeRowsProps) {
  const { store } = useStage();
  const p = place.propagation!;
  const hidden = useSelect((s) => edges.find((e) => hides(s, quantity.name, e)));
  const scores = p.scores;
  const norms = p.messages === quantity.name && !scores ? scene.norms(quantity.name) : null;
  const [all, setAll] = useState(false);
  const listed = useMemo(() => (all ? edges : loudestFew(scene, p, edges, place.edge)), [all, scene, p, edges, place.edge]);
  const more = edges.length - MOST_ROWS;
  if (!edges.length) return <p class="lab-quiet">no message reaches this atom</p>;
  return (
    <div>
      {listed.map((e) => {
        const label = (
          <button
            type="button"
            class="lab-edge"
            aria-pressed={e === place.edge}
            data-edge-row={e}
            title={`Put this ${scores ? "score" : "message"} in the lens: ${edgeLabel(scene, p, e)}`}
            onClick={() => store.select(selectEdge(scene, p, e))}
          >
            <Formula text={isView(quantity) ? named(scene, quantity, e, p) : edgeName(scene, quantity, e, place)} />
          </button>
        );
        const next = second && scene.row(second, e, p);
        const note = (
          <>
            <span class="lab-whole">{edgeKind(scene, p, e)}</span>{" "}
            {norms && e !== hidden && <span class="lab-whole">{scene.pair ? "|Δm|" : "|m|"} {num(norms[e]!)}</span>}
            {next && (
              <Line
                scene={scene}
                quantity={second}
                held={next}
                limit={scene.limit(second)}
                label="→"
                legible
                said={saying(scene, second, e, place)}
              />
            )}
          </>
        );
        return (
          <Line
            key={e}
            scene={scene}
            quantity={quantity}
            held={scene.row(quantity, e, p)}
            limit={limit}
            label={label}
            legible={legible}
            said={saying(scene, quantity, e, place)}
            note={note}
          />
        );
      })}
      {more > 0 && (
        <button type="button" class="lab-link" aria-expanded={all} onClick={() => setAll(!all)}>
          {all
            ? `only the ${MOST_ROWS} ${scores ? "largest" : "loudest"}`
            : `+ ${count(more, scores ? "more score" : "more message")}: the ${scores ? "largest" : "loudest"} are listed`}
        </button>
      )}
    </div>
  );
}

/** The loudest of very many, and the one in the lens. */
function loudestFew(scene: Scene, p: PropagationView, edges: number[], own: number): number[] {
  if (edges.length <= MOST_ROWS) return edges;
  const norms = scene.norms(p.messages);
  const few = new Set(edges.toSorted((a, b) => norms[b]! - norms[a]!).slice(0, MOST_ROWS));
  return edges.filter((e) => few.has(e) || e === own);
}

/** All rows lead to the same node: where its name is long, only where they come from is said. */
function edgeName(scene: Scene, quantity: Quantity, edge: number, place: Place): string {
  const name = rowLabel(scene, quantity, edge, place.propagation);
  const said = name.length > LONGEST_NAME ? name.replace(/→.*/, "") : name;
  return `${letterOf(quantity.symbol)} ${said}`;
}

/** The list of all messages into the atom, where the step's own blocks do not hold it. */
export function IncomingBlock({ scene, place }: { scene: Scene; place: Place }) {
  const messages = scene.quantity(place.propagation!.messages);
  const node = scene.view.node_labels[place.node];
  return (
    <div class="lab-block">
      <h4>
        <span class="lab-block-name">All messages into {node}</span>{" "}
        <span class="lab-quiet">click one to put it in the lens</span>
      </h4>
      <EdgeRows
        scene={scene}
        quantity={messages}
        edges={place.incoming}
        place={place}
        limit={scene.limit(messages)}
        legible
      />
    </div>
  );
}
