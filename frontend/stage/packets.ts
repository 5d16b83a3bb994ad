// Packets travelling along the arrows: one frame loop, attributes written directly, no rebuilding.
import { useLayoutEffect, useRef } from "preact/hooks";
import type { RefObject } from "preact";
import { along, type Point, type Way } from "./geometry";

export const PERIOD = 1900;
/** An event on the group that stops its packets where the event's detail says: from 0 to 1. */
export const TRAVEL = "lab-travel";
/** The share of a period in which packets move; then they rest at the arrowheads. */
const MOVING = 0.72;

/** Moves the dots of the group's paths, each along its ways, for as long as the group is on screen. */
export function usePackets(paths: Way[][]): RefObject<SVGGElement | null> {
  const group = useRef<SVGGElement>(null);
  useLayoutEffect(() => {
    const element = group.current;
    if (!element) return undefined;
    const put = (t: number) => place(element, paths, t);
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    let frame = 0;
    let began = 0;
    const tick = (now: number) => {
      began ||= now;
      put(progress(now - began));
      frame = requestAnimationFrame(tick);
    };
    const start = () => {
      cancelAnimationFrame(frame);
      if (still.matches) put(1);
      else frame = requestAnimationFrame(tick);
    };
    if (!still.matches) put(0);
    start();
    still.addEventListener("change", start);
    element.addEventListener(TRAVEL, (event) => {
      cancelAnimationFrame(frame);
      put((event as CustomEvent<number>).detail);
    });
    let shown = true;
    const watch = onScreen(element, (seen) => {
      if (seen && !shown) start();
      else if (!seen) cancelAnimationFrame(frame);
      shown = seen;
    });
    return () => {
      cancelAnimationFrame(frame);
      still.removeEventListener("change", start);
      watch();
    };
  }, [paths]);
  return group;
}

/** How far packets are after `elapsed` ms: 0 at the source, 1 at the arrowhead. */
export function progress(elapsed: number): number {
  const phase = Math.min(1, (elapsed % PERIOD) / PERIOD / MOVING);
  return phase * phase * (3 - 2 * phase);
}

function place(group: SVGGElement, paths: Way[][], t: number): void {
  paths.forEach((ways, k) => group.children[k]!.setAttribute("d", ways.map((way) => dot(along(way, t))).join("")));
}

/** A line of no length: its round caps make a dot as wide as the stroke. */
function dot(p: Point): string {
  return `M${p.x.toFixed(2)} ${p.y.toFixed(2)}h0`;
}

function onScreen(element: Element, changed: (seen: boolean) => void): () => void {
  if (typeof IntersectionObserver === "undefined") return () => {};
  const observer = new IntersectionObserver((entries) => changed(entries.at(-1)!.isIntersecting));
  observer.observe(element);
  return () => observer.disconnect();
}
