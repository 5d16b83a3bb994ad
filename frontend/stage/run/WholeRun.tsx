// The run as a whole: what can be seen only when all rounds stand side by side.
import { useMemo } from "preact/hooks";
import { useSelect } from "../context";
import type { Scene } from "../scene";
import type { Focus } from "../selection";
import { Attention } from "./Attention";
import { Colours } from "./Colours";
import { Receptive } from "./Receptive";
import { Smoothing } from "./Smoothing";
import { States } from "./States";

export function WholeRun({ scene, focus }: { scene: Scene; focus: Focus }) {
  const selected = useSelect((s) => s.selection.atom);
  // A bond, or nothing, may be chosen: then it is the atom in the lens.
  const atom = selected ?? scene.view.node_atoms.data[focus.node] ?? -1;
  const parts = useMemo(
    () => (
      <>
        <States scene={scene} atom={atom} />
        {atom >= 0 && <Receptive scene={scene} atom={atom} />}
        <Smoothing scene={scene} />
        <Attention scene={scene} atom={atom} />
        <Colours scene={scene} atom={atom} />
      </>
    ),
    [scene, atom],
  );
  return (
    <div class="lab-run" role="tabpanel" aria-label="Whole run">
      {parts}
    </div>
  );
}
