// The stage of an exported file: the same over a store without a kernel.
import { h, render as draw } from "preact";
import { decode } from "../shared/wire";
import type { Handed } from "./boot";
import { fill } from "./fill";
import { matrixOf, type AskedMatrix } from "./Jacobian";
import { Stage } from "./Stage";
import { Store } from "./store";
import { gathered } from "./unpack";
import "./styles";
import "./page.css";

/** Shows what the file holds, where it was when it was written. */
export function open({ trace, element, start }: Handed): Store {
  const store = new Store();
  const number = (text: string | undefined) => (text ? Number(text) : null);
  try {
    const view = decode(gathered(trace), fill);
    store.show(view);
    for (const { values, ...matrix } of view.asked) {
      const [rows, columns] = values.shape as [number, number];
      const value: AskedMatrix = { values: values.data, rows, columns, exact: matrix.exact, start: matrix.start };
      store.hold(matrixOf(matrix).key, { state: "there", value });
    }
    store.goTo(number(start.step) ?? 0);
    store.select({ atom: number(start.atom), bond: number(start.bond) });
  } catch (error) {
    store.fail(error instanceof Error ? error.message : String(error));
  }
  element.textContent = "";
  draw(h(Stage, { store }), element);
  return store;
}

const handed = (globalThis as { mpnnLab?: Handed }).mpnnLab;
if (handed) open(handed);
