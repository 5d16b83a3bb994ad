// The viewer: a picture in space, how it is drawn, what its colours stand for, and what is selected.
import { useEffect, useRef, useState } from "preact/hooks";
import { css, diverging, sequential, type Palette } from "../shared/colour";
import { num } from "../shared/format";
import { isPlain } from "../shared/keys";
import { useDark, usePalette } from "../shared/theme";
import type { Colours } from "../shared/views";
import { hidable, STYLES, type Style } from "./drawing";
import { Picture, type Choose, type Unpainted } from "./Picture";
import type { Open } from "./screen";
import type { Target } from "./targets";
import { atomWords, bondWords, chosenWords } from "./words";

export interface ViewerProps {
  shown: Unpainted;
  height: number;
  channel: number | null;
  fault: string | null;
  open: Open;
  choose: Choose;
  set: (change: { _style?: Style; hydrogens?: boolean; channel?: number | null }) => void;
}

export function Viewer({ shown, height, channel, fault, open, choose, set }: ViewerProps) {
  const root = useRef<HTMLDivElement>(null);
  const dark = useDark();
  const palette = usePalette(root, dark);
  const [pointed, point] = useState<Target | null>(null);
  const [faults, setFaults] = useState<string[]>([]);
  const { solid, colours } = shown;
  useEffect(() => point(null), [solid]);
  const chosen = solid ? chosenWords(solid, colours, shown.atom, shown.bond) : "";
  const under = pointed && solid && within(pointed, shown) ? wordsOf(pointed, shown) : chosen;
  return (
    <div
      class="lab-root lab-viewer3d"
      ref={root}
      data-theme={dark ? "dark" : "light"}
      data-lm-suppress-shortcuts="true"
      onKeyDown={(event) => isPlain(event) && event.stopPropagation()}
    >
      <div class="lab-viewer-bar">
        {solid && <strong class="lab-viewer-name">{solid.name || "molecule"}</strong>}
        {solid && <span class="lab-quiet">{solid.how.split(",")[0] === "3D" ? solid.how : "flat"}</span>}
        {solid?.drawn && (
          <label class="lab-viewer-right">
            <span class="lab-quiet">drawn as </span>
            <select class="lab-select" value={shown.style} onChange={(e) => set({ _style: e.currentTarget.value as Style })}>
              {STYLES.map((style) => (
                <option key={style}>{style}</option>
              ))}
            </select>
          </label>
        )}
        {solid && hidable(solid).size > 0 && (
          <label>
            <input
              type="checkbox"
              checked={shown.hydrogens}
              onChange={(e) => set({ hydrogens: e.currentTarget.checked })}
            />{" "}
            hydrogens
          </label>
        )}
      </div>
      {fault && (
        <p class="lab-viewer-note" role="alert">
          The molecule could not be shown: {fault}
        </p>
      )}
      {solid?.reason && (
        <p class="lab-viewer-note" role="status">
          Drawn flat, without 3D coordinates: {solid.reason}.
        </p>
      )}
      {faults.map((text) => (
        <p class="lab-viewer-note" role="alert" key={text}>
          {text}
        </p>
      ))}
      <Picture shown={shown} height={height} open={open} choose={choose} point={point} faults={setFaults} />
      <div class="lab-viewer-under">
        <span class="lab-viewer-words">
          {under || <span class="lab-quiet">{solid ? "click an atom or a bond; drag to turn" : "drag to turn"}</span>}
        </span>
        {colours && palette && <Scale colours={colours} palette={palette} channel={channel} set={set} />}
      </div>
      <span class="lab-unseen" aria-live="polite">
        {chosen}
      </span>
    </div>
  );
}

interface ScaleProps {
  colours: Colours;
  palette: Palette;
  channel: number | null;
  set: ViewerProps["set"];
}

/** What the colours stand for, and the ends of their scale. */
function Scale({ colours, palette, channel, set }: ScaleProps) {
  const { channels, limit, signed } = colours;
  const stops = [0, 0.25, 0.5, 0.75, 1].map((t) =>
    css(signed ? diverging(palette, (2 * t - 1) * limit, limit) : sequential(palette, t * limit, limit)),
  );
  const known = channel !== null && channel < channels.length ? channel : null;
  return (
    <span class="lab-viewer-scale">
      {channels.length > 0 ? (
        <label>
          <span class="lab-quiet">atom colour </span>
          <select
            class="lab-select"
            value={known === null ? "" : String(known)}
            onChange={(e) => set({ channel: e.currentTarget.value === "" ? null : Number(e.currentTarget.value) })}
          >
            <option value="">{known === null ? colours.words : "size of the state"}</option>
            {channels.map((name, c) => (
              <option key={c} value={String(c)}>
                {name}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <span class="lab-quiet">{colours.words} </span>
      )}
      <span class="lab-caption">{signed ? num(-limit, 2) : "0"}</span>
      <i class="lab-viewer-ramp" style={{ background: `linear-gradient(90deg, ${stops.join(", ")})` }} />
      <span class="lab-caption">{num(limit, 2)}</span>
    </span>
  );
}

function within({ what, number }: Target, { solid }: Unpainted): boolean {
  return number < (what === "atom" ? solid!.atom_labels : solid!.bond_descriptions).length;
}

function wordsOf({ what, number }: Target, { solid, colours }: Unpainted): string {
  return what === "atom" ? atomWords(solid!, colours, number) : bondWords(solid!, number);
}
