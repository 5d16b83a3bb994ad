// A number that is hidden until the class has guessed it, and the line that asks for it.
import { useSelect, useStage } from "./context";
import type { StageState } from "./store";

/** What Python asks for: a row of a quantity, or the prediction. */
export interface Asked {
  quantity: string;
  row: number;
  prompt: string;
}

/** Whether a row's numbers are hidden. */
export function hides({ asked, revealed }: StageState, quantity: string, row: number): boolean {
  return asked !== null && !revealed && asked.quantity === quantity && asked.row === row;
}

/** Whether this row's numbers are hidden, as the part of the state that a component reads. */
export function useHidden(quantity: string, row: number): boolean {
  return useSelect((s) => hides(s, quantity, row));
}

/** In the place of numbers that are not shown yet. */
export function Hidden({ width, height }: { width?: number; height?: number }) {
  const style = width === undefined ? undefined : { width: `${width}px`, height: `${height}px` };
  return (
    <span class="lab-hidden" role="img" aria-label="hidden until it is revealed" style={style}>
      ?
    </span>
  );
}

export function AskLine() {
  const { store } = useStage();
  const asked = useSelect((s) => s.asked);
  const revealed = useSelect((s) => s.revealed);
  const guess = useSelect((s) => s.guess);
  if (!asked) return null;
  return (
    <div class="lab-ask" role="group" aria-label="A question">
      <strong>{asked.prompt}</strong>
      <label>
        <span class="lab-quiet">your guess</span>{" "}
        <input
          class="lab-number"
          value={guess}
          readOnly={revealed}
          onInput={(e) => store.set({ guess: e.currentTarget.value })}
          onKeyDown={(e) => e.key === "Enter" && store.set({ revealed: true })}
        />
      </label>
      <button type="button" class="lab-button" aria-pressed={revealed} onClick={() => store.set({ revealed: !revealed })}>
        {revealed ? "Hide again" : "Reveal"}
      </button>
      <span class="lab-unseen" role="status">
        {revealed ? "The number is shown." : ""}
      </span>
    </div>
  );
}
