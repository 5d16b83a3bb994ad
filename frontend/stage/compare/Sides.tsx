// Which of two runs the lens shows, what each of them says, and what was changed between them.
import { num, signed } from "../../shared/format";
import { useHidden } from "../Ask";
import { useSelect, useStage } from "../context";
import type { Scene } from "../scene";
import type { Against, Side } from "../store";
import { dropAll, dropChange } from "./changes";

export function Sides({ scene, against }: { scene: Scene; against: Against }) {
  const { store } = useStage();
  const side = useSelect((s) => s.side);
  const ownScale = useSelect((s) => s.ownScale);
  const { view, difference } = against;
  const said = [scene.view, view.view].map((v) => v.header.predictions[0]);
  const unit = said[0]?.unit ? ` ${said[0].unit}` : "";
  const alike = said[0] && said[1] && said[0].unit === said[1].unit;
  const hidden = useHidden(scene.view.steps.at(-1)?.quantities.at(-1) ?? "", 0);
  const less = alike ? `${signed(said[1]!.value - said[0]!.value)}${unit}` : "";
  const choice = (value: Side, title: string, number: string) => (
    <label key={value} class="lab-side" data-side={value}>
      <input type="radio" name={`side-${id}`} checked={side === value} onChange={() => store.set({ side: value })} />
      <span class="lab-side-title">{title}</span> <b>{hidden ? "?" : number}</b>
    </label>
  );
  const id = idOf(store);
  return (
    <div class="lab-sides">
      <div role="radiogroup" aria-label="Which run is shown">
        {choice("this", view.title, said[0] ? num(said[0].value) + unit : "")}
        {choice("other", view.other_title, said[1] ? num(said[1].value) + (said[1].unit ? ` ${said[1].unit}` : "") : "")}
        {difference && choice("difference", "difference", less)}
      </div>
      {side === "difference" && (
        <label class="lab-quiet">
          <input
            type="checkbox"
            checked={ownScale}
            onChange={(e) => store.set({ ownScale: e.currentTarget.checked })}
          />{" "}
          on a scale of its own
        </label>
      )}
      {view.edits.length > 0 && (
        <ul class="lab-edits" aria-label="What was changed">
          {view.edits.map((edit, k) => (
            <li key={edit.words} class="lab-chip">
              {edit.words}
              {store.ask && (
                <button
                  type="button"
                  class="lab-drop"
                  aria-label={`Undo: ${edit.words}`}
                  title="Undo"
                  onClick={() => dropChange(store, k)}
                >
                  ✕
                </button>
              )}
            </li>
          ))}
          {store.ask && view.edits.length > 1 && (
            <li>
              <button type="button" class="lab-link" onClick={() => dropAll(store)}>
                undo all
              </button>
            </li>
          )}
        </ul>
      )}
      {!difference && <p class="lab-quiet">Their states differ in width or in rounds: nothing can be subtracted.</p>}
    </div>
  );
}

const IDS = new WeakMap<object, string>();

/** Radio buttons of one stage are one group, on a page with several, each with a module of its own. */
function idOf(store: object): string {
  if (!IDS.has(store)) IDS.set(store, Math.random().toString(36).slice(2));
  return IDS.get(store)!;
}
