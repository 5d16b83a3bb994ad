// A round as an animation: its steps are drawn out of sight, one after the other, messages travelling.
import { render as draw } from "preact";
import { StageContext, type Surroundings } from "./context";
import { encodeGif, type Frame } from "./gif";
import { Molecule } from "./Molecule";
import { place } from "./narration";
import { TRAVEL, progress, PERIOD } from "./packets";
import { painted, pictureOf } from "./picture";
import { focusOn } from "./selection";
import { Store } from "./store";

/** How long a step stays, and a frame of travelling messages, in ms. */
const STAY = 1400;
const FRAME = 80;

/** The round of the step, by its number from 0; the nearest where the step is in none. */
export function roundAt({ state: { scene, step } }: Store): number {
  const { steps, chapters, rounds } = scene!.view;
  const { round, chapter } = steps[step]!;
  if (round >= 0) return round;
  return chapters[chapter]!.kind === "input" ? 0 : rounds.length - 1;
}

/** The round on stage as a GIF of this width, with what is chosen there. */
export async function animated({ store, palette }: Surroundings, theme: string, width: number): Promise<Blob> {
  const { scene, selection, channel } = store.state;
  const round = roundAt(store);
  const own = new Store();
  const root = document.createElement("div");
  Object.assign(root, { className: "lab-root lab-stage", inert: true });
  root.dataset.theme = theme;
  root.style.cssText = "position:fixed;left:-9999px;width:640px;height:480px";
  document.body.append(root);
  const frames: Frame[] = [];
  let height = 0;
  try {
    own.set({ ...own.state, scene, selection, channel });
    for (const [at, step] of scene!.view.steps.entries()) {
      if (step.round !== round) continue;
      own.set({ step: at });
      draw(
        <StageContext.Provider value={{ store: own, palette }}>
          <Molecule scene={scene!} step={step} focus={focusOn(scene!, step, selection)} />
        </StageContext.Provider>,
        root,
      );
      const svg = root.querySelector("svg")!;
      const take = async (ms: number) => {
        const picture = pictureOf(svg, `${scene!.view.header.title} · ${place(scene!, step)}`, width);
        height = picture.height;
        const canvas = await painted(picture);
        frames.push({ pixels: canvas.getContext("2d")!.getImageData(0, 0, width, height).data, ms });
      };
      const packets = svg.querySelector(".lab-packets");
      for (let t = 0; packets && t < PERIOD; t += FRAME) {
        packets.dispatchEvent(new CustomEvent(TRAVEL, { detail: progress(t) }));
        await take(FRAME);
      }
      if (!packets) await take(STAY);
    }
    return new Blob([encodeGif(width, height, frames)], { type: "image/gif" });
  } finally {
    draw(null, root);
    root.remove();
  }
}
