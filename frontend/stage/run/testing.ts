// Views of acetic acid with a whole run to look at, for the tests.
import { floats, repacked } from "../../shared/testing";
import { decode } from "../../shared/wire";
import type { ReceptiveView, StageView } from "../../shared/views";
import { Scene } from "../scene";

/** The acetic view, its run changed. */
export function changed(change: (view: StageView) => void): StageView {
  const view = decode<StageView>(repacked(() => undefined));
  change(view);
  return view;
}

export function sceneOf(change: (view: StageView) => void = () => undefined): Scene {
  return new Scene(changed(change));
}

/** The receptive field of atom 1, the carbon amid the others, over two rounds. */
export function fields(): ReceptiveView {
  return {
    atoms: { shape: [1], data: new Int32Array([1]) },
    norms: floats([1, 3, 4], [0, 2, 0, 0, 0.5, 1.25, 0.25, 0, 0.4, 1, 0.2, 0.1]),
    heard: { shape: [1, 4], data: new Int32Array([1, 0, 1, 2]) },
    distance: { shape: [1, 4], data: new Int32Array([1, 0, 1, 1]) },
  };
}
