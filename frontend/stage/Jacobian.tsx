// The matrix of a message that is not one matrix times the neighbour's state: asked of the kernel.
import { largest } from "../shared/colour";
import { list, num } from "../shared/format";
import type { StepView } from "../shared/views";
import { floats } from "./asking";
import { useSelect, useStage } from "./context";
import { Formula } from "./Formula";
import { matrixPitch } from "./Matrix";
import { ReadMatrix } from "./matrices/Readable";
import type { Place } from "./plan";
import { bondName, edgeLabel, fromSets, type Scene } from "./scene";
import type { Held, Question } from "./store";

/** One message: its round, propagation and edge, as the view counts them. */
export interface EdgePlace {
  round: number;
  propagation: number;
  edge: number;
}

/** The matrix from the state h_j that a message starts from (`start` says which) to the message. */
export interface AskedMatrix {
  values: Float32Array;
  rows: number;
  columns: number;
  exact: boolean;
  start: string;
}

/** The question for the matrix of one message. */
export function matrixOf({ round, propagation, edge }: EdgePlace): Question<AskedMatrix> {
  return {
    kind: "matrix",
    key: `matrix ${round}/${propagation}/${edge}`,
    fields: { round, propagation, edge },
    read: ({ shape, exact, start }, buffers) => {
      const [rows, columns] = Array.isArray(shape) ? (shape as unknown[]) : [];
      const whole = (n: unknown): n is number => Number.isInteger(n) && (n as number) > 0;
      const no = "The kernel's answer is no matrix.";
      if (!whole(rows) || !whole(columns)) throw new Error(no);
      const values = floats(buffers[0], rows * columns, no);
      return { values, rows, columns, exact: exact === true, start: String(start) };
    },
  };
}

/** Whether the step's message has no exact matrix in the view. */
export function lacksMatrix(scene: Scene, step: StepView, place: Place): boolean {
  const { propagation: p, edge } = place;
  if (fromSets(scene, p)) return false; // a set has no state of its own to begin with
  return step.name === "message" && p !== null && edge >= 0 && !(p.matrices?.exact && p.kind.data[edge]! >= 0);
}

export function Jacobian({ scene, step, place }: { scene: Scene; step: StepView; place: Place }) {
  const { store } = useStage();
  const reads = place.propagation!.reads_sender;
  const question = matrixOf({ round: step.round, propagation: step.propagation, edge: place.edge });
  const asked = useSelect((s) => s.held[question.key] as Held<AskedMatrix> | undefined);
  const there = asked?.state === "there" ? asked.value : null;
  const label = edgeLabel(scene, place.propagation!, place.edge);
  return (
    <div class="lab-block" data-block="jacobian">
      <h4>
        <span class="lab-block-name">
          <Formula text={!reads ? "No matrix" : there?.exact ? "Exact matrix" : "Jacobian ∂m/∂h_j at this state"} />
        </span>{" "}
        <Formula text={`message ${label}`} />
      </h4>
      {!reads ? (
        <p class="lab-quiet">
          <Formula text="This message is the edge's own state. It does not read h_j, so no matrix leads from h_j to it." />
        </p>
      ) : there ? (
        <Shown matrix={there} label={label} />
      ) : (
        <p class="lab-quiet">
          For this message there is no exact matrix.{" "}
          {store.ask === null && without(scene)}
          {asked?.state === "asked" && "The kernel computes its Jacobian …"}
          {asked?.state === "fault" && <span role="alert">{asked.what} </span>}
          {store.ask !== null && asked?.state !== "asked" && (
            <button type="button" class="lab-button lab-slim" onClick={() => store.ask?.(question)}>
              <Formula text="compute ∂m/∂h_j" />
            </button>
          )}
        </p>
      )}
    </div>
  );
}

/** What a page without a kernel says of a Jacobian that it does not hold. */
function without(scene: Scene): string {
  const { asked, rounds } = scene.view;
  const none = "Its Jacobian is computed by the notebook's kernel: this page has none. ";
  if (!asked.length) return none;
  const bonds = asked.map((m) => rounds[m.round]!.propagations[m.propagation]!.bond.data[m.edge]!);
  return `${none}It holds those along ${list([...new Set(bonds)].map((b) => bondName(scene, b)))}.`;
}

function Shown({ matrix, label }: { matrix: AskedMatrix; label: string }) {
  const { values, rows, columns, exact, start } = matrix;
  const limit = largest(values);
  return (
    <div class="lab-alone">
      <span class="lab-over">
        <Formula text={start === "step" ? "h_j as the step before left it" : "h_j as it entered the layer"} />
        <span class="lab-axis-names">in ↓ out →</span>
      </span>
      <ReadMatrix
        {...{ values, rows, columns, limit }}
        pitch={matrixPitch(rows, columns, 300, 224)}
        name={`${exact ? "exact matrix" : "Jacobian"} of message ${label}`}
        rest={<Formula text={`${exact ? "m = h_j · W" : "for small changes of h_j alone"} · full colour ±${num(limit, 2)}`} />}
      />
    </div>
  );
}
