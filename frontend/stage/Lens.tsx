// The arithmetic of the selected atom or bond, with the real numbers.
import { useMemo } from "preact/hooks";
import type { StepView } from "../shared/views";
import { PlainBlock, RowsBlock, StripsBlock } from "./blocks";
import { IncomingBlock } from "./EdgeRows";
import { Titled } from "./lines";
import { useSelect, useStage } from "./context";
import { Formula } from "./Formula";
import { Jacobian, lacksMatrix } from "./Jacobian";
import { LinearBlock, MatrixBlock } from "./LinearBlock";
import { Pick } from "./Pick";
import { activeCell, placeOf, plan, type Block, type Place } from "./plan";
import { bondName, edgeLabel, headed, isView, partName, throughSets, type Scene } from "./scene";
import { loudestOf, type Focus } from "./selection";
import { SpelledOut } from "./SpelledOut";
import { ActiveCell } from "./Strip";

/** More products than this at one step are drawn small, side by side. */
const FEW = 2;
const EDGE_STEPS = new Set(["gather", "edge matrix", "attention", "message"]);

export function Lens({ scene, step, focus }: { scene: Scene; step: StepView; focus: Focus }) {
  const hover = useSelect((s) => s.hover);
  const chosen = useSelect((s) => s.cell);
  const head = useSelect((s) => s.head);
  const place = useMemo(() => placeOf(scene, step, focus), [scene, step, focus]);
  const blocks = useMemo(() => plan(scene, step, place), [scene, step, place]);
  const active = activeCell(scene, blocks, place, hover, chosen, head);
  const small = blocks.filter((b) => b.kind === "linear").length > FEW;
  const listed = EDGE_STEPS.has(step.name) && place.propagation && !blocks.some((b) => listsMessages(scene, b));
  return (
    <ActiveCell.Provider value={active}>
      <section class="lab-lens" aria-label="Lens">
        <div class="lab-lens-head">
          <h3 class="lab-heading">{heading(scene, step, focus)}</h3>
          <Tools scene={scene} blocks={blocks} focus={focus} inRound={step.round >= 0} />
        </div>
        <div class="lab-lens-body">
          <div class="lab-blocks">
            {blocks.length > 1 && (
              <p class="lab-step-formula">
                <Formula text={scene.view.formulas[step.quantities.at(-1)!] ?? ""} />
              </p>
            )}
            {blocks.map((b, k) => (
              <Drawn key={seat(blocks, k)} scene={scene} block={b} place={place} small={small} />
            ))}
            {!blocks.length && <p class="lab-quiet">{nothing(scene, focus)}</p>}
            {lacksMatrix(scene, step, place) && !scene.pair && <Jacobian scene={scene} step={step} place={place} />}
            {listed && place.incoming.length > 0 && <IncomingBlock scene={scene} place={place} />}
          </div>
          <SpelledOut scene={scene} cell={active} propagation={place.propagation} />
        </div>
      </section>
    </ActiveCell.Provider>
  );
}

/** The how-manieth of its kind a block is: the next step's blocks take over the same elements. */
function seat(blocks: Block[], k: number): string {
  const { kind } = blocks[k]!;
  return `${kind} ${blocks.slice(0, k).filter((b) => b.kind === kind).length}`;
}

/** Whether a block already lists all rows over the incoming edges. */
function listsMessages(scene: Scene, block: Block): boolean {
  if (block.kind === "plain") return block.quantity.per === "edge" && block.quantity.op !== "target";
  return block.kind === "rows" && scene.quantity(block.quantity.args.at(-1)!).per === "edge";
}

function Drawn({ small, ...props }: { scene: Scene; block: Block; place: Place; small: boolean }) {
  const { scene, block, place } = props;
  if (block.kind === "linear") return <LinearBlock {...props} small={small} />;
  if (block.kind === "rows") return <RowsBlock {...props} />;
  if (block.kind === "plain") return <PlainBlock {...props} />;
  if (block.kind === "strips" || (block.quantity.args.length && !isView(block.quantity)))
    return <StripsBlock {...props} />;
  return (
    <Titled scene={scene} quantity={block.quantity}>
      <MatrixBlock scene={scene} quantity={block.quantity} row={block.row} place={place} />
    </Titled>
  );
}

function heading(scene: Scene, step: StepView, focus: Focus): string {
  const { node_labels } = scene.view;
  const kind = scene.view.chapters[step.chapter]!.kind;
  if (kind === "readout" || kind === "prediction" || focus.node < 0) return "Lens — the whole molecule";
  const name = node_labels[focus.node];
  if (scene.pair) return `Lens — what differs at ${name}`;
  const { propagation: p, edge } = focus;
  const whom = scene.crowd.atomsOf(focus.node).length > 1 ? name : `atom ${name}`;
  if (step.round < 0 || !p || edge < 0) return `Lens — ${whom}`;
  const bond = p.bond.data[edge]!;
  const scores = p.scores;
  const what = scores ? "score" : "message";
  if (focus.chosen === "bond" && !throughSets(p)) return `Lens — bond ${bondName(scene, bond)}, ${what} into ${name}`;
  if (focus.chosen === "edge" || focus.chosen === "bond") return `Lens — ${what} ${edgeLabel(scene, p, edge)}`;
  const several = loudestOf(scene, p, focus.incoming).length > 1;
  const most = scores ? "largest" : "loudest";
  const loudest = several ? `one of the ${most} ${what}s` : `${most} ${what}`;
  if (focus.chosen === "atom") return `Lens — ${whom}, ${loudest}${several ? ":" : ""} ${edgeLabel(scene, p, edge)}`;
  return `Lens — ${loudest} into ${name}, until you choose`;
}

function nothing(scene: Scene, focus: Focus): string {
  const name = scene.view.node_labels[focus.node];
  return focus.incoming.length
    ? "Nothing is computed for this atom at this step."
    : `No message reaches ${name}: ${focus.propagation?.relation ? "no bond of this type" : "no edge"} leads to it.`;
}

/** The direction of the bond, and which head is shown. */
function Tools({ scene, blocks, focus, inRound }: { scene: Scene; blocks: Block[]; focus: Focus; inRound: boolean }) {
  const { store } = useStage();
  const head = useSelect((s) => s.head);
  const several = blocks
    .flatMap((b) => [b.quantity, ...b.quantity.args.map((a) => scene.quantity(a))])
    .map((q) => scene.base(q))
    .filter(headed);
  const heads = Math.max(0, ...several.map((q) => scene.shape(q)[0]!));
  const part = several[0] ? partName(several[0]) : "head";
  const { propagation: p, edge } = focus;
  const swap = () => {
    const other = scene.view.node_atoms.data[p!.source.data[edge]!]!;
    store.select({ bond: p!.bond.data[edge]!, atom: other });
  };
  return (
    <span class="lab-tools">
      {heads > 1 && (
        <span title={`${heads} ${part}s, counted from 0 as atoms and channels are`}>
          <Pick
            label={part}
            value={Math.min(head, heads - 1)}
            options={Array.from({ length: heads }, (_, k) => String(k))}
            pick={(k) => store.set({ head: Number(k) })}
          />
        </span>
      )}
      {inRound && focus.chosen === "bond" && edge >= 0 && !throughSets(p) && (
        <button type="button" class="lab-button lab-slim" onClick={swap}>
          ⇄ swap direction
        </button>
      )}
    </span>
  );
}
