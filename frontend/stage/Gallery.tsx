// The edge matrices of a round, one for each kind of bond, on one colour scale.
import { useMemo } from "preact/hooks";
import { css, diverging, largest } from "../shared/colour";
import { count, num } from "../shared/format";
import type { MatricesView, PropagationView, Quantity, StepView } from "../shared/views";
import { useSelect, useStage } from "./context";
import { Matrix } from "./Matrix";
import { fromSets, throughSets, type Scene } from "./scene";
import { nearestPropagation, selectEdge, type Focus } from "./selection";

const SIZE = 104;
/** Where every edge has a matrix of its own there can be hundreds: so many are drawn, and the chosen one. */
const MOST = 48;

export function Gallery({ scene, step, focus }: { scene: Scene; step: StepView; focus: Focus }) {
  const propagation = nearestPropagation(scene, step);
  const { rounds, chapters } = scene.view;
  const at = step.round >= 0 ? step.round : chapters[step.chapter]?.kind === "input" ? 0 : rounds.length - 1;
  const round = rounds[at];
  const matrices = propagation?.matrices ?? null;
  const exact = matrices === null || matrices.exact;
  const scoring = round?.pool ? round.propagations[round.pool.scoring] : undefined;
  const scored = propagation !== null && propagation === scoring;
  const silent = propagation !== null && propagation.source.data.length === 0;
  return (
    <section class={scene.hasMatrices ? "lab-gallery" : "lab-gallery lab-bare"} aria-label="Edge matrices">
      <div class="lab-gallery-head">
        <h3 class="lab-heading">
          Edge matrices{round && ` of round ${round.number}`}
          {propagation?.label && `, ${propagation.label}`}
          {matrices && !silent && (
            <span class="lab-hint">
              {" "}
              — {exact && "exact, "}
              {matrices.caption}
            </span>
          )}
        </h3>
        {matrices && !silent && <Scale table={scene.quantity(matrices.table)} scene={scene} />}
      </div>
      {silent && <p class="lab-quiet">No bond, no message: there is no matrix to show.</p>}
      {round?.undrawn && (
        <p class="lab-quiet">
          The messages of {round.kind} {round.undrawn}.
        </p>
      )}
      {scored && (
        <p class="lab-quiet">
          What goes along the edges here are{" "}
          {propagation.scores
            ? "a pooling's scores: no matrix makes them."
            : "the states that a pooling scores by: no matrix changes them."}
        </p>
      )}
      {!silent && !scored && !round?.undrawn && (!matrices || !exact) && (
        <p class="lab-quiet">
          {fromSets(scene, propagation)
            ? "What a set sends is what it has heard, scaled: no matrix changes it."
            : propagation?.reads_sender === false
              ? "This layer's message is the edge's own state: it does not read the neighbour's, and no matrix makes it of that."
              : `This layer's message is not one matrix times the neighbour's state${
                matrices
                  ? ": these are its derivatives ∂m/∂h at this state."
                  : ", so there is no exact matrix to show: the lens has its Jacobian, at the message step."
              }`}
        </p>
      )}
      {matrices && propagation && !silent && (
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
  const table = scene.quantity(matrices.table);
  const [rows, columns] = scene.shape(table) as [number, number];
  const limit = scene.limit(table);
  const pitch = galleryPitch(rows, columns);
  const kinds = matrices.labels.length;
  const shown = matrices.labels.map((_, k) => k).filter((k) => k < MOST || k === kind);
  const choose = (k: number) => {
    const edge = propagation.kind.data.indexOf(k);
    if (edge >= 0) store.select(selectEdge(scene, propagation, edge));
  };
  return (
    <div class="lab-matrices">
      {shown.map((k) => {
        const label = matrices.labels[k]!;
        const held = scene.row(table, k, propagation);
        if (!held) return null;
        const bonds = matrices.bonds.data[k]!;
        const edges = matrices.counts.data[k]!;
        const noun = throughSets(propagation) ? "message" : "edge";
        const many = bonds > 0 ? count(bonds, "bond") : count(edges, noun);
        return (
          <button
            type="button"
            key={k}
            class="lab-kind"
            aria-pressed={chosen && k === kind}
            data-kind={k}
            title={`${label}: ${count(edges, "message")} a round use this matrix. Click to select one.`}
            onClick={() => choose(k)}
          >
            <span class="lab-kind-name">{label}</span>
            <Matrix
              values={held.values}
              rows={rows}
              columns={columns}
              limit={limit}
              pitch={pitch}
              name={`matrix of ${label}`}
            />
            <span class="lab-caption">
              {many} · σ₁ {num(matrices.sigma.data[k]!)}
            </span>
          </button>
        );
      })}
      {shown.length < kinds && (
        <p class="lab-legend">
          {shown.length} of {kinds} matrices are drawn; the matrix of the message in the lens is among them.
        </p>
      )}
      {kinds > 1 && (
        <Comparison scene={scene} table={table} matrices={matrices} limit={limit} pitch={pitch} />
      )}
      <p class="lab-legend">
        σ₁: the largest singular value, the most by which this matrix can lengthen a state.
        {matrices.labels.some((label) => /\bconj\b/.test(label)) && " conj: conjugated, beside double bonds."}
      </p>
    </div>
  );
}

function galleryPitch(rows: number, columns: number): [number, number] {
  const pitch = Math.min(12, SIZE / Math.max(rows, columns, 1));
  return [pitch, pitch];
}

interface ComparisonProps {
  scene: Scene;
  table: Quantity;
  matrices: MatricesView;
  limit: number;
  pitch: [number, number];
}

/** One kind's matrix less another's, on the same scale as both. */
function Comparison({ scene, table, matrices, limit, pitch }: ComparisonProps) {
  const { store } = useStage();
  const compared = useSelect((s) => s.compared);
  const last = matrices.labels.length - 1;
  const [a, b] = compared.map((k) => Math.min(k, last)) as [number, number];
  const [rows, columns] = scene.shape(table) as [number, number];
  const difference = useMemo(() => {
    const [x, y] = [a, b].map((k) => scene.row(table, k, null)!.values) as [Float32Array, Float32Array];
    return x.map((v, i) => v - y[i]!);
  }, [scene, table, a, b]);
  const widest = largest(difference);
  const picker = (which: 0 | 1, value: number) => (
    <select
      class="lab-select"
      aria-label={which ? "subtracted kind" : "compared kind"}
      value={String(value)}
      onChange={(e) => {
        const k = Number(e.currentTarget.value);
        store.set({ compared: which ? [a, k] : [k, b] });
      }}
    >
      {matrices.labels.map((label, k) => (
        <option key={k} value={String(k)}>
          {label}
        </option>
      ))}
    </select>
  );
  return (
    <div class="lab-kind lab-comparison">
      <span class="lab-kind-name">
        {picker(0, a)} − {picker(1, b)}
      </span>
      <Matrix
        values={difference}
        rows={rows}
        columns={columns}
        limit={limit}
        pitch={pitch}
        name={`${matrices.labels[a]} less ${matrices.labels[b]}`}
      />
      <span class="lab-caption">
        largest difference {num(widest)}
        {widest > limit && " (past the scale's end)"}
      </span>
    </div>
  );
}

/** One scale for every matrix of the gallery and of the lens. */
function Scale({ scene, table }: { scene: Scene; table: Quantity }) {
  const { palette } = useStage();
  const [rows, columns] = scene.shape(table) as [number, number];
  const limit = scene.limit(table);
  const steps = Array.from({ length: 21 }, (_, k) => css(diverging(palette, ((k - 10) / 10) * limit, limit)));
  return (
    <div class="lab-scale" role="img" aria-label={`Colour scale from ${num(-limit)} through 0 to ${num(limit)}`}>
      <span class="lab-quiet">
        {rows} × {columns}, rows in ↓, columns out →
      </span>
      <span>{num(-limit)}</span>
      <span class="lab-scale-bar">
        {steps.map((c, k) => (
          <i key={k} style={{ background: c }} />
        ))}
      </span>
      <span>+{num(limit)}</span>
    </div>
  );
}
