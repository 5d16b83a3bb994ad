import assert from "node:assert/strict";
import { test } from "node:test";
import { render } from "preact";
import { page } from "../shared/testing";
import { nodePlaces } from "./geometry";
import { Dropped, Halos } from "./Pooled";
import { pooledView } from "./pooledView";
import { Scene } from "./scene";

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
