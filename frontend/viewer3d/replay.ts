// py3Dmol's calls, made on 3Dmol's viewer as Python has checked them.
import type { GLViewer } from "./3dmol.js";

export interface Call {
  /** Arguments of getModel, where a model's method is called. */
  on: unknown[] | null;
  method: string;
  args: unknown[];
}

const STYLES = new Set(["setStyle", "addStyle", "setColorByElement", "setColorByProperty", "mapAtomProperties"]);
const MOVING = new Set(["spin", "animate", "vibrate", "resumeAnimate"]);
/** Where among a call's arguments the length of a movement stands, in ms. */
const DURATION: Record<string, number> = {
  rotate: 2,
  zoom: 1,
  zoomTo: 1,
  center: 1,
  translate: 2,
  translateScene: 2,
};

/** Whether a call only says how atoms look, so that it can be made again at any time. */
export function isStyle({ method }: Call): boolean {
  return STYLES.has(method);
}

/** Makes the calls in order; what goes wrong with one is said, and the others are made all the same. */
export function replay(viewer: GLViewer, calls: Call[], still: boolean): string[] {
  const faults: string[] = [];
  for (const call of calls) {
    if (still && MOVING.has(call.method)) continue;
    try {
      make(viewer, call, still);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      faults.push(`${call.method}(…) could not be done: ${reason}`);
    }
  }
  return faults;
}

function make(viewer: GLViewer, { on, method, args }: Call, still: boolean): void {
  const target = on === null ? viewer : viewer.getModel(...(given(on) as [number?]));
  if (!target) throw new Error("there is no model yet");
  const values = given(args);
  const at = DURATION[method];
  if (still && at !== undefined && values.length > at) values[at] = 0;
  const act = (target as unknown as Record<string, unknown>)[method];
  if (typeof act !== "function") throw new Error("this version of 3Dmol does not know it");
  act.apply(target, values);
}

/** 3Dmol keeps what it is given and changes it: copies; what is null was not said. */
function given(args: unknown[]): unknown[] {
  return args.map((value) => (value === null ? undefined : structuredClone(value)));
}

/** Whether `longer` begins with all of `calls`. */
export function continues(calls: Call[], longer: Call[]): boolean {
  return calls.length <= longer.length && calls.every((c, k) => JSON.stringify(c) === JSON.stringify(longer[k]));
}
