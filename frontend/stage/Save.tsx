// One quiet button: what is on stage as a picture, an animation, or a file of its own.
import { useState } from "preact/hooks";
import type { RefObject } from "preact";
import { animated, roundAt } from "./animation";
import { useSelect, useStage } from "./context";
import { place } from "./narration";
import { asPng, pictureOf, type Picture } from "./picture";
import type { Store } from "./store";

/** Widths that fill a slide, in pixels. */
export const WIDE = 1600;
const MOVING = 960;

export function Save({ root }: { root: RefObject<HTMLElement | null> }) {
  const surroundings = useStage();
  const { store } = surroundings;
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState("");
  const step = useSelect((s) => s.step);
  const save = async (ending: string, make: () => Promise<Blob>) => {
    setSaid("being made …");
    try {
      const blob = await make();
      download(blob, fileName(store, ending));
      setSaid(`saved, ${Math.ceil(blob.size / 1000)} kB`);
    } catch (error) {
      setSaid(error instanceof Error ? error.message : String(error));
    }
  };
  const svg = async () => new Blob([pictureOfStage(store, root.current!).text], { type: "image/svg+xml" });
  const png = async () => asPng(pictureOfStage(store, root.current!));
  const gif = () => animated(surroundings, root.current!.dataset.theme!, MOVING);
  const rounds = store.state.scene!.view.rounds;
  return (
    <span class="lab-save" onKeyDown={(e) => open && e.key === "Escape" && (e.stopPropagation(), setOpen(false))}>
      <button type="button" class="lab-link" aria-expanded={open} onClick={() => (setOpen(!open), setSaid(""))}>
        save
      </button>
      {open && (
        <span class="lab-pop" role="group" aria-label="Save">
          <button type="button" class="lab-button" onClick={() => save("svg", svg)}>
            the molecule as SVG
          </button>
          <button type="button" class="lab-button" onClick={() => save("png", png)}>
            the molecule as PNG
          </button>
          {rounds.length > 0 && (
            <button type="button" class="lab-button" data-step={step} onClick={() => save("gif", gif)}>
              round {rounds[roundAt(store)]!.number}, moving, as GIF
            </button>
          )}
          {store.askFile && (
            <button type="button" class="lab-button" onClick={() => save("html", store.askFile!)}>
              the whole stage as HTML
            </button>
          )}
          <span class="lab-quiet" role="status">
            {said}
          </span>
        </span>
      )}
    </span>
  );
}

/** What the stage's molecule shows now. */
export function pictureOfStage(store: Store, root: Element, width = WIDE): Picture {
  const { scene, step } = store.state;
  const svg = root.querySelector<SVGSVGElement>(".lab-picture svg");
  if (!scene || !svg) throw new Error("nothing is on stage");
  const { header, steps } = scene.view;
  return pictureOf(svg, `${header.title} · ${place(scene, steps[step]!)}`, width);
}

/** Of letters and numbers alone, whatever the molecule is called. */
function fileName(store: Store, ending: string): string {
  const { scene, step } = store.state;
  const { header, steps } = scene!.view;
  const at = { html: "", gif: `round ${roundAt(store) + 1}` }[ending] ?? place(scene!, steps[step]!);
  const words = `${header.title} ${at}`.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return `${words.join("-").slice(0, 80) || "stage"}.${ending}`;
}

function download(blob: Blob, name: string): void {
  const href = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
