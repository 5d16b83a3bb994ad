import assert from "node:assert/strict";
import { test } from "node:test";
import { render } from "preact";
import { floats, page, quantity } from "../shared/testing";
import { nodePlaces } from "./geometry";
import { Dropped, Halos } from "./Pooled";
import { pooledView } from "./pooledView";
import { Scene } from "./scene";
import { areScores } from "./selection";

page();
const scene = new Scene(pooledView());
const places = nodePlaces(scene);

function drawn(pooled: number): Element {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const props = { scene, pooled, unit: 10 };
  render(
    <g>
      <Halos {...props} places={places} />
      <Dropped {...props} />
    </g>,
    svg,
  );
  return svg;
}

test("before any pooling nothing is drawn", () => {
  assert.equal(drawn(0).querySelectorAll("path, circle").length, 0);
});

test("merged atoms share a halo along their bond, and nobody has dropped out", () => {
  const svg = drawn(1);
  assert.equal(svg.querySelector("[data-halo]")!.getAttribute("data-atoms"), "0 1");
  assert.equal(svg.querySelectorAll("[data-halo] path").length, 1);
  assert.equal(svg.querySelector(".lab-dropped")!.getAttribute("data-atoms"), "");
});

test("an atom that dropped out is veiled", () => {
  const svg = drawn(2);
  assert.equal(svg.querySelector(".lab-dropped")!.getAttribute("data-atoms"), "2");
  assert.equal(svg.querySelectorAll(".lab-dropped circle").length, 1);
});

test("along the edges of a pooling go scores where they are one number an edge", () => {
  const view = pooledView();
  const first = view.rounds[0]!;
  const score = quantity("s", { per: "edge", axes: [], values: floats([4], [1, 5, 2, 3]), label: "score of the bond" });
  const own = { ...first.propagations[0]!, messages: "s" };
  first.propagations = [...first.propagations, own];
  first.pool = { ...first.pool!, scoring: 1 };
  const scored = new Scene({ ...view, quantities: [...view.quantities, score] });
  assert.equal(areScores(scored, own), true);
  assert.equal(areScores(scored, first.propagations[0]!), false, "the layer's own messages");
  const states = { ...own, messages: "m" };
  first.propagations = [first.propagations[0]!, states];
  assert.equal(areScores(scored, states), false, "states on their way to a score are messages");
});
