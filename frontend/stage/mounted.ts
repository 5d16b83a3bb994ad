// A stage mounted afresh for every test, and what the tests do to it.
import { afterEach, beforeEach } from "node:test";
import type { Window } from "happy-dom";
import { aceticBlob, FakeModel, page } from "../shared/testing";
import widget, { UNASKED, type StageTraits } from "./widget";

export let window: Window;
export let el: HTMLElement;
export let model: FakeModel<StageTraits>;
export let clean: () => void;

export const settle = (ms = 30) => new Promise((done) => setTimeout(done, ms));
export const find = (selector: string) => el.querySelector<HTMLElement>(selector)!;
export const text = (selector: string) => find(selector).textContent ?? "";

export async function press(target: HTMLElement, key: string, more: object = {}): Promise<boolean> {
  const event = new window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  let leaked = false;
  const hear = () => {
    leaked = true;
  };
  document.addEventListener("keydown", hear);
  target.dispatchEvent(event as unknown as Event);
  document.removeEventListener("keydown", hear);
  await settle();
  return leaked;
}

export async function click(target: Element): Promise<void> {
  target.dispatchEvent(new window.MouseEvent("click", { bubbles: true }) as unknown as Event);
  await settle();
}

beforeEach(async () => {
  window = page();
  el = document.createElement("div");
  document.body.append(el);
  model = new FakeModel<StageTraits>({ _view: aceticBlob(), _against: null, _gallery: null, ...UNASKED, step: 4, selected_atom: 1, selected_bond: null });
  clean = widget.render({ model, el });
  await settle();
});

afterEach(async () => {
  clean();
  await settle(150);
  await window.happyDOM.close();
});
