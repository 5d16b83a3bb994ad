// A vector times a matrix: what goes in beside the rows, what comes out beneath the columns.
import { useContext, useState } from "preact/hooks";
import { num } from "../shared/format";
import type { Quantity } from "../shared/views";
import { argRow } from "./arithmetic";
import { saying, Titled, useHead, type BlockProps } from "./lines";
import { useStage } from "./context";
import { Formula } from "./Formula";
import { Matrix, matrixPitch } from "./Matrix";
import { named, type Place } from "./plan";
import { channelName } from "./channelNames";
import { isMatrix, type Scene } from "./scene";
import { ActiveCell, Strip } from "./Strip";
import { letterOf } from "./symbols";

export function LinearBlock({ scene, block: { quantity, row }, place, small }: BlockProps & { small: boolean }) {
  const { store } = useStage();
  const active = useContext(ActiveCell);
  const [at, setAt] = useState<{ quantity: Quantity; cell: [number, number] } | null>(null);
  // The block may stand for another product a step later.
  const pointed = at?.quantity === quantity ? at.cell : null;
  const part = useHead(scene, quantity);
  const { propagation } = place;
  const [x, W, b] = quantity.args.map((a) => scene.quantity(a)) as [Quantity, Quantity, Quantity?];
  const [xRow, wRow] = [x, W].map((q) => argRow(scene, quantity, q, row, propagation)) as [number, number];
  const [xs, Ws] = [scene.row(x, xRow, propagation), scene.row(W, wRow, propagation)];
  const result = scene.row(quantity, row, propagation);
  if (!xs || !Ws || !result) return null;
  const [inputs, outputs] = scene.shape(W).slice(-2) as [number, number];
  const perHead = xs.values.length !== inputs;
  const columns = { start: perHead ? 0 : part.start, count: perHead ? outputs : (part.count ?? outputs) };
  const xStart = perHead ? (part.start / outputs) * inputs : 0;
  const size = inputs * outputs;
  // Stacked matrices: the one of the head that is shown.
  const above = Ws.values.length > size ? (part.start / outputs) * size : 0;
  const values = above || Ws.values.length > size ? Ws.values.subarray(above, above + size) : Ws.values;
  const own = active?.quantity === quantity.name && active.row === row;
  const column = own ? active.channel % outputs : undefined;
  const [w, h] = matrixPitch(inputs, columns.count, small ? 116 : 300, small ? 116 : 224, small ? 7.25 : 14);
  const toResult = (c: number) => ({ quantity: quantity.name, row, channel: perHead ? part.start + c : c });
  const point = (cell: [number, number] | null) => {
    setAt(cell && { quantity, cell });
    store.set({ hover: cell && toResult(cell[1]) });
  };
  const biases = b && scene.row(b, argRow(scene, quantity, b, row, propagation), propagation);
  const whole = isMatrix(scene, quantity);
  return (
    <Titled scene={scene} quantity={quantity} small={small}>
      <div class={small ? "lab-linear lab-small" : "lab-linear"}>
        <span class="lab-over">
          <Formula text={named(scene, x, xRow, propagation)} />
        </span>
        <span />
        <span class="lab-over">
          <Formula text={named(scene, W, wRow, propagation)} />
          {!small && <AxisNames />}
        </span>
        <Strip
          held={xs}
          name={saying(scene, x, xRow, place)}
          limit={scene.limit(x)}
          start={xStart}
          count={inputs}
          vertical
          pitch={[small ? 11 : 15, h]}
        />
        <span class="lab-times" aria-hidden="true">
          ×
        </span>
        <Matrix
          values={values}
          rows={inputs}
          columns={outputs}
          {...columns}
          limit={scene.limit(W)}
          pitch={[w, h]}
          name={saying(scene, W, wRow, place)}
          column={column}
          cell={pointed}
          onPoint={point}
          onChoose={(at) => store.set({ cell: toResult(at[1]), hover: null })}
        />
        {biases && b && (
          <>
            <span class="lab-left">
              <Formula text={named(scene, b, 0, propagation)} />
            </span>
            <span class="lab-sign">+</span>
            <Strip
              held={biases}
              name={b.label}
              limit={scene.limit(b)}
              start={biases.values.length > outputs ? part.start : columns.start}
              count={columns.count}
              pitch={[w, 12]}
            />
          </>
        )}
        {!whole && (
          <>
            <span class="lab-left lab-result">
              <Formula text={named(scene, quantity, row, propagation)} />
            </span>
            <span class="lab-sign">=</span>
            <Strip
              held={result}
              name={saying(scene, quantity, row, place)}
              limit={scene.limit(quantity)}
              start={perHead ? part.start : columns.start}
              count={columns.count}
              pitch={[w, 16]}
              legible
            />
          </>
        )}
      </div>
      <p class="lab-magnifier">
        {pointed ? reading(scene, quantity, values, outputs, perHead, pointed) : scales(scene, x, W, quantity)}
      </p>
      {whole && <MatrixBlock scene={scene} quantity={quantity} row={row} place={place} />}
    </Titled>
  );
}

/** Textbooks often write the transpose: which way this matrix is read is always said. */
function AxisNames() {
  return <span class="lab-axis-names">in ↓ out →</span>;
}

function reading(
  scene: Scene,
  result: Quantity,
  values: Float32Array,
  outputs: number,
  /** The matrix is the same for every head, so that its rows and columns belong to none. */
  perHead: boolean,
  [i, c]: [number, number],
) {
  const [x, W] = result.args.map((a) => scene.quantity(a)) as [Quantity, Quantity];
  const value = values[i * outputs + c]!;
  const [from, to] = perHead ? [i, c] : [channelName(scene, x, i), channelName(scene, result, c)];
  return (
    <span data-quantity={scene.base(W).name} data-channel={i * outputs + c} data-value={String(value)}>
      <Formula text={W.symbol} />[{from} → {to}] = {num(value, 4)}
    </span>
  );
}

/** Which colours mean how much, in one line. */
function scales(scene: Scene, x: Quantity, W: Quantity, result: Quantity) {
  const one = (q: Quantity) => (
    <span key={q.name}>
      <Formula text={letterOf(q.symbol)} /> ±{num(scene.limit(q), 2)}
    </span>
  );
  return (
    <span>
      full colour: {one(x)} · {one(W)} · {one(result)}
    </span>
  );
}

/** A row of numbers that is itself a matrix: each of its cells can be spelled out. */
export function MatrixBlock({
  scene,
  quantity,
  row,
  place,
}: {
  scene: Scene;
  quantity: Quantity;
  row: number;
  place: Place;
}) {
  const { store } = useStage();
  const active = useContext(ActiveCell);
  const held = scene.row(quantity, row, place.propagation);
  if (!held) return null;
  const [rows, columns] = scene.shape(quantity) as [number, number];
  const own = active?.quantity === held.quantity.name && active.row === held.row ? active.channel : -1;
  const cell = ([i, c]: [number, number]) => ({
    quantity: held.quantity.name,
    row: held.row,
    channel: i * columns + c,
  });
  const at: [number, number] | null = own >= 0 ? [Math.floor(own / columns), own % columns] : null;
  return (
    <div class="lab-alone">
      <span class="lab-over">
        <Formula text={named(scene, quantity, row, place.propagation)} />
        <AxisNames />
      </span>
      <Matrix
        values={held.values}
        rows={rows}
        columns={columns}
        limit={scene.limit(quantity)}
        pitch={matrixPitch(rows, columns, 300, 224)}
        name={saying(scene, quantity, row, place)}
        cell={at}
        onPoint={(p) => store.set({ hover: p && cell(p) })}
        onChoose={(p) => store.set({ cell: cell(p), hover: null })}
      />
      <p class="lab-magnifier">
        {at ? `[${at[0]} → ${at[1]}] = ${num(held.values[own]!, 4)}` : ""} full colour ±{num(scene.limit(quantity), 2)}
      </p>
    </div>
  );
}
