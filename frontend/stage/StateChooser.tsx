// What the atoms' colours stand for: the size of the state, or one channel of it, with its scale.
import { css, diverging, sequential } from "../shared/colour";
import { num } from "../shared/format";
import type { StepView } from "../shared/views";
import { useSelect, useStage } from "./context";
import { channelTitle } from "./channelNames";
import { type Scene } from "./scene";

export function StateChooser({ scene, step }: { scene: Scene; step: StepView }) {
  const { store, palette } = useStage();
  const chosen = useSelect((s) => s.channel);
  if (!scene.has(step.state)) return null;
  const state = scene.quantity(step.state);
  const width = scene.width(state);
  const channel = chosen !== null && chosen < width ? chosen : null;
  const signedScale = channel !== null || (width === 1 && !scene.oneSided(state));
  const limit = signedScale ? scene.limit(state) : scene.widest(step.state);
  const stops = [0, 0.25, 0.5, 0.75, 1].map((t) =>
    css(signedScale ? diverging(palette, (2 * t - 1) * limit, limit) : sequential(palette, t * limit, limit)),
  );
  return (
    <span class="lab-state">
      <label>
        <span class="lab-quiet">atom colour </span>
        <select
          class="lab-select"
          value={channel === null ? "" : String(channel)}
          onChange={(e) => store.set({ channel: e.currentTarget.value === "" ? null : Number(e.currentTarget.value) })}
        >
          <option value="">size of {state.label.split(":")[0] || "the state"}</option>
          {width > 1 &&
            Array.from({ length: width }, (_, c) => (
              <option key={c} value={String(c)}>
                {channelTitle(scene, state, c)}
              </option>
            ))}
        </select>
      </label>
      <span class="lab-ramp-end">{signedScale ? num(-limit, 2) : "0"}</span>
      <i class="lab-ramp" style={{ background: `linear-gradient(90deg, ${stops.join(", ")})` }} />
      <span class="lab-ramp-end">{num(limit, 2)}</span>
    </span>
  );
}
