// The run as a whole: what can be seen only when all rounds stand side by side.
import type { Scene } from "../scene";
import type { Focus } from "../selection";
import { States } from "./States";

export function WholeRun({ scene, focus }: { scene: Scene; focus: Focus }) {
  return (
    <div class="lab-run" role="tabpanel" aria-label="Whole run">
      <States scene={scene} focus={focus} />
    </div>
  );
}
