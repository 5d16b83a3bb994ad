// The page "Edge matrices": every kind of bond of a molecule or a data set, and the same in another run.
import { useMemo } from "preact/hooks";
import type { KindsView } from "../../shared/views";
import { useFocus, useSelect, useStage } from "../context";
import { Jacobian } from "../Jacobian";
import { Pick } from "../Pick";
import { placeOf } from "../plan";
import { edgeLabel, type Scene } from "../scene";
import { nearestPropagation, selectEdge } from "../selection";
import type { Shelf } from "../store";
import { absence, NOT_LINEAR } from "./absence";
import { Cards } from "./Cards";
import { choicesOf, stepOf, titleOf, type Choice } from "./choices";
import { ofDataset, ofMolecule } from "./kinds";

export function EdgeMatrices({ scene }: { scene: Scene }) {
  const { store } = useStage();
  const { now, focus } = useFocus();
  const gallery = useSelect((s) => s.gallery);
  const against = useSelect((s) => s.against);
  const shelf = useSelect((s) => s.shelf);
  const choices = useMemo(() => choicesOf(scene), [scene]);
  const near = nearestPropagation(scene, now!);
  const inRound = (c: Choice, r: number) => near === null || scene.view.rounds[r]!.propagations[c.propagation] === near;
  const choice = choices.find((c) => c.rounds.some((r) => inRound(c, r))) ?? choices[0];
  const over = gallery && shelf.over === "dataset" ? gallery : null;
  const here = (k: KindsView) => k.round === choice?.rounds[0] && k.label === (choice.view?.label ?? "");
  const theirs = against?.other.state.scene;
  const both = useMemo(() => {
    if (over) return [over.matrices, over.other].map((all) => ofDataset(all.find(here)));
    const other = theirs?.view.rounds[choice?.rounds[0] ?? 0]?.propagations[choice?.propagation ?? 0];
    return [ofMolecule(scene, choice?.view), theirs ? ofMolecule(theirs, other) : null];
  }, [scene, choice, over, theirs]);
  const [mine, other] = both;
  if (!choice) return null;
  const none = over ? over.why || over.matrices.find(here)?.why : absence(scene, scene.view.rounds[choice.rounds[0]!], choice.view ?? null);
  const pick = (key: keyof Shelf) => (value: string) => store.set({ shelf: { ...shelf, [key]: value } });
  const titles = choices.map((c) => titleOf(scene, c));
  const show = (edge: number) => store.select(selectEdge(scene, choice.view!, edge));
  return (
    <div role="tabpanel" aria-label="Edge matrices">
      <div class="lab-bar">
        {gallery && (
          <Pick
            label="bonds of"
            value={shelf.over}
            options={{
              molecule: scene.view.header.title,
              dataset: `${gallery.title}: ${gallery.molecules} molecules, ${gallery.bonds} bonds, ${gallery.kinds} kinds`,
            }}
            pick={pick("over")}
          />
        )}
        <Pick
          label="matrices of"
          value={choices.indexOf(choice)}
          options={titles}
          pick={(k) => store.goTo(stepOf(scene, choices[Number(k)]!))}
        />
        <Pick
          label="sorted by"
          value={shelf.sort}
          options={{ name: "name", count: "count", sigma: "largest singular value", ...(other && { moved: "how far they moved" }) }}
          pick={pick("sort")}
        />
        <Pick
          label="channels by"
          value={shelf.order}
          options={{ index: "index", size: "size", vector: "singular vector" }}
          pick={pick("order")}
        />
      </div>
      {mine ? (
        <Cards
          title={titles[choices.indexOf(choice)]!}
          mine={mine}
          theirs={other ?? null}
          titles={against ? [against.view.title, against.view.other_title] : []}
          show={show}
        />
      ) : (
        <section class="lab-part">
          <p class="lab-quiet">{none || `${NOT_LINEAR}: each has a Jacobian of its own.`}</p>
          {!none && choice.view && focus && (
            <>
              <Pick
                label="message"
                value={focus.edge}
                options={Array.from(choice.view.source.data, (_, e) => edgeLabel(scene, choice.view!, e))}
                pick={(e) => show(Number(e))}
              />
              <Jacobian
                scene={scene}
                step={{ ...now!, round: choice.rounds[0]!, propagation: choice.propagation }}
                place={{ ...placeOf(scene, now!, focus), propagation: choice.view }}
              />
            </>
          )}
        </section>
      )}
    </div>
  );
}
