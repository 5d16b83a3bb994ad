import assert from "node:assert/strict";
import { test } from "node:test";
import { endOf, letterOf, subscripted } from "./symbols";

test("a symbol without its subscript is whole", () => {
  for (const [symbol, letter] of [
    ["h_j", "h"], ["W_ij", "W"], ["h⁰_i", "h⁰"], ["h^{1}_i", "h^{1}"], ["d_i^-½", "d^-½"], ["z_j^0", "z^0"],
    ["(aW_1)_i", "(aW_1)"], ["(x^0W_0)_i", "(x^0W_0)"], ["u^{single}_i", "u^{single}"], ["e'_ij", "e'"],
    ["[h_i, h_j]", "[h_i, h_j]"], ["[z_j,f]", "[z_j,f]"], ["γ z + β", "γ z + β"], ["q_i·k_j", "q_i·k_j"],
    ["W^{double}", "W^{double}"], ["u_1", "u"], ["−p_i", "−p"], ["ε σ(s)_i", "ε σ(s)_i"],
  ] as const) assert.equal(letterOf(symbol), letter, symbol);
});

test("a name takes the subscript's place, and brackets stay closed", () => {
  assert.equal(subscripted("h_j", "C0"), "h_{C0}");
  assert.equal(subscripted("[h_i, h_j]", "C0→C1"), "[h_i, h_j]_{C0→C1}");
  assert.equal(subscripted("γ z + β", "C1"), "(γ z + β)_{C1}");
  assert.equal(subscripted("(aH_3)_i", "C1"), "(aH_3)_{C1}");
});

test("only a number of one end is called by that end", () => {
  assert.deepEqual(["z_j", "d_i^-½", "z_j^1", "q_i·k_j", "[h_i, h_j]", "m_ij", "(hW)_j", "−p_i"].map(endOf), ["j", "i", "j", "", "", "", "j", "i"]);
});
