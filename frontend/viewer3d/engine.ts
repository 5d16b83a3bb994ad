// 3Dmol on a page: one copy and one WebGL context for all viewers, let go of when none is left.
import * as bundled from "./3dmol.js";
import type { GLViewer } from "./3dmol.js";
import type { Open, Screen } from "./screen";
import { shapesOf, type Target } from "./targets";

interface Shared {
  engine: typeof bundled;
  /** How many of our viewers are open. */
  open: number;
}

interface Page {
  mpnnLab3D?: Shared;
  $3Dmol?: unknown;
  $3Dmolpromise?: Promise<unknown>;
  mpnnLab3DmolArrived?: () => void;
}

/** What 3Dmol keeps to itself, and has to be undone by whoever closes it. */
interface Inside extends GLViewer {
  divwatcher?: { disconnect(): void };
  intwatcher?: { disconnect(): void };
  hoverTimeout?: ReturnType<typeof setTimeout>;
  getRenderer(): { _upscale: boolean; getContext(): WebGL2RenderingContext | null; isLost(): boolean } & Record<string, unknown>;
  getCanvas(): HTMLCanvasElement;
  targetedObjects(x: number, y: number, objects: object[]): { clickable: { target: Target } }[];
  _handleMouseScroll(event: WheelEvent): void;
  spin(axis: boolean): void;
  stopAnimate(): void;
}

/** Listeners that are not wanted: a wheel that scrolls the page past, drawings we bring back ourselves. */
const UNWANTED = new Set(["wheel", "webglcontextlost", "resize"]);

const page = globalThis as unknown as Page;
/** The copy that came first serves all: each widget brings one of its own. */
const shared = (page.mpnnLab3D ??= { engine: bundled, open: 0 });
shared.engine.setSyncSurface(true);

/** Lets py3Dmol's own views on this page draw without the network. */
export function offerToPy3Dmol(): void {
  page.$3Dmol ??= shared.engine;
  page.$3Dmolpromise ??= Promise.resolve();
  page.mpnnLab3DmolArrived?.();
}

/** Opens a viewer in an element that has a size; throws where there is no WebGL. */
export const open: Open = (element, lost) => {
  const [viewer, undo] = heeding(() => shared.engine.createViewer(element, {}) as Inside);
  viewer.divwatcher?.disconnect();
  viewer.intwatcher?.disconnect();
  const renderer = viewer.getRenderer();
  const gl = renderer.getContext();
  if (!gl) throw new Error("no WebGL");
  shared.open += 1;
  if (renderer._upscale && drawnInSoftware(gl)) {
    renderer._upscale = false; // four times the pixels is too much without a graphics card
    viewer.resize();
  }
  const stage = gl.canvas as EventTarget;
  const onLost = () => lost();
  stage.addEventListener("webglcontextlost", onLost);
  let closed = false;
  const screen: Screen = {
    viewer,
    isLost: () => renderer.isLost(),
    wheel: (event) => viewer._handleMouseScroll(event),
    hit: (event, targets) => hit(viewer, event, targets),
    close: () => {
      if (closed) return;
      closed = true;
      stage.removeEventListener("webglcontextlost", onLost);
      for (const forget of undo) forget();
      clearTimeout(viewer.hoverTimeout);
      viewer.spin(false);
      viewer.stopAnimate();
      const canvas = viewer.getCanvas();
      if (!renderer.isLost()) viewer.clear();
      canvas.remove();
      release(renderer, gl);
      shared.open -= 1;
      if (shared.open === 0 && !othersDraw()) gl.getExtension("WEBGL_lose_context")?.loseContext();
    },
  };
  return screen;
};

function drawnInSoftware(gl: WebGL2RenderingContext): boolean {
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const name = info ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : "";
  return /swiftshader|llvmpipe|software|basic render/i.test(name);
}

/** Makes something, and gives with it what takes away the listeners it has left everywhere. */
function heeding<T>(make: () => T): [T, (() => void)[]] {
  const undo: (() => void)[] = [];
  const real = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (this: EventTarget, type, listener, options) {
    if (UNWANTED.has(type)) return;
    undo.push(() => this.removeEventListener(type, listener, options));
    real.call(this, type, listener, options);
  };
  try {
    return [make(), undo];
  } finally {
    EventTarget.prototype.addEventListener = real;
  }
}

/** The nearest of the targets that lie under the pointer. */
function hit(viewer: Inside, event: MouseEvent, targets: Target[]): Target | null {
  const box = viewer.getCanvas().getBoundingClientRect();
  if (!box.width || !box.height) return null;
  const x = ((event.clientX - box.left) / box.width) * 2 - 1;
  const y = 1 - ((event.clientY - box.top) / box.height) * 2;
  const found = viewer.targetedObjects(x, y, shapesOf(shared.engine, targets));
  return found[0]?.clickable.target ?? null;
}

/** Frees what a viewer holds on the graphics card: the context goes on for the others. */
function release(renderer: Record<string, unknown>, gl: WebGL2RenderingContext): void {
  for (const held of Object.values(renderer)) {
    if (held instanceof WebGLTexture) gl.deleteTexture(held);
    else if (held instanceof WebGLFramebuffer) gl.deleteFramebuffer(held);
    else if (held instanceof WebGLBuffer) gl.deleteBuffer(held);
  }
}

/** Whether py3Dmol's views on the page draw with our copy, and so with our context. */
function othersDraw(): boolean {
  return [...document.querySelectorAll("canvas")].some((c) => "_3dmol_viewer" in c);
}
