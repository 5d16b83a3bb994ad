// What the viewer needs of a 3D engine on the page; the tests bring one that only takes notes.
import type { GLViewer } from "./3dmol.js";
import type { Target } from "./targets";

export interface Screen {
  viewer: GLViewer;
  isLost(): boolean;
  wheel(event: WheelEvent): void;
  /** What lies under the pointer, the nearest of it. */
  hit(event: MouseEvent, targets: Target[]): Target | null;
  close(): void;
}

/** Opens a screen in an element; throws where it cannot. `lost` is called when the drawing is taken away. */
export type Open = (element: HTMLElement, lost: () => void) => Screen;
