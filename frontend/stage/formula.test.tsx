import assert from "node:assert/strict";
import { test } from "node:test";
import { render } from "preact";
import { page } from "../shared/testing";
import { Formula } from "./Formula";

test("a subscript ends with its own brace, whatever names stand in it", () => {
  for (const [text, sub, whole] of [
    ["h_{C1}", "C1", "hC1"],
    ["h_{{O3 C4}}", "{O3 C4}", "h{O3 C4}"],
    ["m_{{C7 C8}→{O3 C4 +1}}[4]", "{C7 C8}→{O3 C4 +1}", "m{C7 C8}→{O3 C4 +1}[4]"],
  ] as const) {
    const root = page().document.body as unknown as HTMLElement;
    render(<Formula text={text} />, root);
    assert.equal(root.querySelector("sub")!.textContent, sub);
    assert.equal(root.textContent, whole);
  }
});
