// Mounts the stage on each packed view named on the command line, goes through all of its steps
// and opens the whole run; prints, as JSON, what went wrong: by view and step, an error or a text
// that is no text.
import { readFile } from "node:fs/promises";
import { FakeModel, page } from "../shared/testing";
import { decode } from "../shared/wire";
import type { StageView } from "../shared/views";
import widget, { UNASKED, type StageTraits } from "./widget";

const settle = (ms: number) => new Promise((done) => setTimeout(done, ms));
const faults: { view: string; step: string; fault: string }[] = [];
let [view, step] = ["", ""];
const say = (fault: string) => faults.push({ view, step, fault });
process.on("uncaughtException", (error) => say(String(error.stack ?? error).slice(0, 600)));
process.on("unhandledRejection", (error) => say(String(error).slice(0, 600)));
console.error = (...parts: unknown[]) => say(parts.map(String).join(" ").slice(0, 600));

for (const file of process.argv.slice(2)) {
  [view, step] = [file, "mounting"];
  try {
    await goThrough(new DataView(new Uint8Array(await readFile(file)).buffer));
  } catch (error) {
    say(String((error as Error).stack ?? error).slice(0, 600));
  }
}
process.stdout.write(JSON.stringify(faults), () => process.exit(0));

async function goThrough(blob: DataView): Promise<void> {
  const { steps } = decode(blob) as StageView;
  const window = page();
  const el = document.createElement("div");
  document.body.append(el);
  const model = new FakeModel<StageTraits>({ _view: blob, _against: null, _gallery: null, ...UNASKED, step: 0, selected_atom: null, selected_bond: null });
  const clean = widget.render({ model, el });
  await settle(10);
  const said = new Set<string>();
  for (const [at, { name }] of steps.entries()) {
    step = `${at} ${name}`;
    model.set("step", at);
    await settle(0);
    await settle(0);
    const text = el.querySelector(".lab-narration [aria-live]")?.textContent ?? "";
    if (!text.trim()) say("nothing is said");
    said.add(text);
    const odd = /\b(undefined|NaN|null|\[object)\b/.exec(el.textContent ?? "");
    if (odd) say(`the page says ${odd[0]}`);
  }
  step = "whole run";
  el.querySelector<HTMLElement>('[data-tab="run"]')?.click();
  await settle(20);
  if (el.querySelectorAll(".lab-part").length < 4) say("parts of the whole run are missing");
  const odd = /\b(undefined|NaN|null|\[object)\b/.exec(el.textContent ?? "");
  if (odd) say(`the page says ${odd[0]}`);
  step = "all";
  if (said.size < steps.length / 2) say(`${said.size} sentences for ${steps.length} steps: the stage stood still`);
  clean();
  await settle(0);
  await window.happyDOM.close();
}
