// What the tests of poolings share: a chain of three atoms of which two merge and one drops out.
import type { PoolView, StageView } from "../shared/views";
import { chain, floats, ints, quantity } from "../shared/testing";

export const pairs = (...data: number[]) => ({ shape: [data.length / 2, 2], data: new Int32Array(data) });

/** The chain C0 C1 C2: C0 and C1 merge into node 3, then C2 drops out. */
export function pooledView(): StageView {
  const h = quantity("h", { values: floats([4, 1], [1, 2, 3, 0]) });
  const merged = quantity("merged", {
    op: "sum_members",
    args: ["h"],
    nodes: 1,
    values: floats([4, 1], [0, 0, 3, 3]),
  });
  const kept = quantity("kept", { op: "kept", args: ["merged"], nodes: 2, values: floats([4, 1], [0, 0, 0, 3]) });
  const whole = quantity("whole", { per: "graph", op: "sum_nodes", args: ["kept"], values: floats([1, 1], [3]) });
  const view = chain([h, merged, kept, whole]);
  const pool = (more: Partial<PoolView>): PoolView => ({
    name: "edge",
    formula: "",
    merges: true,
    scoring: -1,
    members: pairs(),
    centres: pairs(),
    ...more,
  });
  const [first, step] = [view.rounds[0]!, view.steps[0]!];
  const later = { ...first.propagations[0]!, source: ints([2, 3]), target: ints([3, 2]), bond: ints([-1, -1]) };
  const second = { ...later, kind: ints([-1, -1]), role: { shape: [2], data: new Uint8Array(2) } };
  return {
    ...view,
    node_atoms: ints([0, 1, 2, -1]),
    node_labels: ["C0", "C1", "C2", "{C0 C1}"],
    node_sets: [ints([0, 1, 2]), ints([3, 2]), ints([3])],
    members: pairs(3, 0, 3, 1),
    rounds: [
      { ...first, state_in: "h", state_out: "merged", pool: pool({ members: pairs(0, 3, 1, 3, 2, 2) }) },
      {
        ...first,
        number: 2,
        state_in: "merged",
        state_out: "kept",
        propagations: [second],
        pool: pool({ merges: false, members: pairs(3, 3), centres: pairs(3, 3) }),
      },
    ],
    steps: [
      step,
      { ...step, name: "pool", propagation: -1, state: "merged", quantities: ["merged"], nodes: 1 },
      { ...step, round: 1, name: "message", quantities: [], state: "merged", nodes: 1 },
      { ...step, round: 1, name: "pool", propagation: -1, state: "kept", quantities: ["kept"], nodes: 2 },
    ],
  };
}
