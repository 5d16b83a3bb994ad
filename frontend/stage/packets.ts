// Packets travelling along the arrows: one frame loop, attributes written directly, no rebuilding.
import { useEffect, useRef } from "preact/hooks";
import type { RefObject } from "preact";
import { along, type Way } from "./geometry";

const PERIOD = 1900;
/** The share of a period in which packets move; then they rest at the arrowheads. */
const MOVING = 0.72;

/** Moves the children of the group, one for each way, for as long as the group is on screen. */
export function usePackets(ways: Way[], travelling: boolean): RefObject<SVGGElement | null> {
  const group = useRef<SVGGElement>(null);
  useEffect(() => {
    const element = group.current;
    if (!element || !travelling) return undefined;
    const put = (t: number) => place(element, ways, t);
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
    put(still.matches ? 1 : 0);
    start();
    still.addEventListener("change", start);
    const watch = onScreen(element, (seen) => (seen ? start() : cancelAnimationFrame(frame)));
    return () => {
      cancelAnimationFrame(frame);
      still.removeEventListener("change", start);
      watch();
    };
  }, [ways, travelling]);
  return group;
}

/** How far packets are after `elapsed` ms: 0 at the source, 1 at the arrowhead. */
export function progress(elapsed: number): number {
  const phase = Math.min(1, (elapsed % PERIOD) / PERIOD / MOVING);
  return phase * phase * (3 - 2 * phase);
}

function place(group: SVGGElement, ways: Way[], t: number): void {
  const packets = group.children;
  for (let k = 0; k < packets.length && k < ways.length; k++) {
    const p = along(ways[k]!, t);
    packets[k]!.setAttribute("cx", p.x.toFixed(2));
    packets[k]!.setAttribute("cy", p.y.toFixed(2));
  }
}

function onScreen(element: Element, changed: (seen: boolean) => void): () => void {
  if (typeof IntersectionObserver === "undefined") return () => {};
  const observer = new IntersectionObserver((entries) => changed(entries.at(-1)!.isIntersecting));
  observer.observe(element);
  return () => observer.disconnect();
}
