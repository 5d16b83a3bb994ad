// The edge matrices of a round, one for each kind of bond, on one colour scale.
import { useMemo } from "preact/hooks";
import { largest } from "../shared/colour";
import { count, num } from "../shared/format";
import type { MatricesView, PropagationView, StepView } from "../shared/views";
import { useStage } from "./context";
import { Matrix } from "./Matrix";
import { absence, NOT_LINEAR } from "./matrices/absence";
import { Comparison, Scale } from "./matrices/Comparison";
import { ofMolecule } from "./matrices/kinds";
import { throughSets, type Scene } from "./scene";
import { nearestPropagation, selectEdge, type Focus } from "./selection";

const SIZE = 104;
/** Where every edge has a matrix of its own there can be hundreds: so many are drawn, and the chosen one. */
export const MOST = 48;

export function Gallery({ scene, step, focus }: { scene: Scene; step: StepView; focus: Focus }) {
  const propagation = nearestPropagation(scene, step);
  const { rounds, chapters } = scene.view;
  const at = step.round >= 0 ? step.round : chapters[step.chapter]?.kind === "input" ? 0 : rounds.length - 1;
  const round = rounds[at];
  const matrices = propagation?.matrices ?? null;
  const none = absence(scene, round, propagation);
  return (
    <section class={scene.hasMatrices ? "lab-gallery" : "lab-gallery lab-bare"} aria-label="Edge matrices">
      <div class="lab-gallery-head">
        <h3 class="lab-heading">
          Edge matrices{round && ` of round ${round.number}`}
          {propagation?.label && `, ${propagation.label}`}
          {matrices && !none && (
            <span class="lab-hint">
              {" "}
              — exact, {matrices.caption}
            </span>
          )}
        </h3>
        {matrices && !none && <Scale {...sizes(scene, matrices)} />}
      </div>
      {none && <p class="lab-quiet">{none}</p>}
      {!none && !matrices && (
        <p class="lab-quiet">
          {NOT_LINEAR}, so there is no exact matrix to show: the lens has its Jacobian, at the message step.
        </p>
      )}
      {matrices && propagation && !none && (
        <Matrices
          scene={scene}
          propagation={propagation}
          matrices={matrices}
          kind={focus.kind}
          chosen={focus.chosen !== "none"}
        />
      )}
    </section>
  );
}

interface MatricesProps {
  scene: Scene;
  propagation: PropagationView;
  matrices: MatricesView;
  kind: number;
  chosen: boolean;
}

function Matrices({ scene, propagation, matrices, kind, chosen }: MatricesProps) {
  const { store } = useStage();
  const { items } = useMemo(() => ofMolecule(scene, propagation)!, [scene, propagation]);
  const { rows, columns, limit } = sizes(scene, matrices);
  const pitch = galleryPitch(rows, columns);
  const draw = (values: Float32Array, name: string) => <Matrix {...{ values, rows, columns, limit, pitch, name }} />;
  const shown = items.filter((_, k) => k < MOST || k === kind);
  return (
    <div class="lab-matrices">
      {shown.map((item) => {
        const { label, values, sigma, edge, edges, bonds } = item;
        const k = items.indexOf(item);
        const noun = throughSets(propagation) ? "message" : "edge";
        return (
          <button
            type="button"
            key={k}
            class="lab-kind"
            aria-pressed={chosen && k === kind}
            data-kind={k}
            title={`${label}: ${count(edges, "message")} a round use this matrix. Click to select one.`}
            onClick={() => edge >= 0 && store.select(selectEdge(scene, propagation, edge))}
          >
            <span class="lab-kind-name">{label}</span>
            {draw(values, `matrix of ${label}`)}
            <span class="lab-caption">
              {bonds > 0 ? count(bonds, "bond") : count(edges, noun)}
              {sigma.length ? ` · σ₁ ${num(sigma[0]!)}` : ` · largest ${num(largest(values))}`}
            </span>
          </button>
        );
      })}
      {shown.length < items.length && (
        <p class="lab-legend">
          {shown.length} of {items.length} matrices are drawn; the matrix of the message in the lens is among them.
        </p>
      )}
      {items.length > 1 && !scene.pair && <Comparison {...{ items, limit, draw }} />}
      {!scene.pair && <p class="lab-legend">
        σ₁: the largest singular value, the most by which this matrix can lengthen a state.
        {matrices.labels.some((label) => /\bconj\b/.test(label)) && " conj: conjugated, beside double bonds."}
      </p>}
    </div>
  );
}

function sizes(scene: Scene, matrices: MatricesView) {
  const table = scene.quantity(matrices.table);
  const [rows, columns] = scene.shape(table) as [number, number];
  return { rows, columns, limit: scene.limit(table) };
}

function galleryPitch(rows: number, columns: number): [number, number] {
  const pitch = Math.min(12, SIZE / Math.max(rows, columns, 1));
  return [pitch, pitch];
}
