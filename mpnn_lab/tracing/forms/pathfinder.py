"""PDNConv: degree factors of weights that a gate gives the bonds, Rozemberczki et al. 2021."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch_geometric.utils import add_remaining_self_loops, contains_self_loops

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.gcn import NOT_THE_GIVEN, degree_factor, symmetric
from mpnn_lab.tracing.forms.parts import aggregate, gather, layer_output, linear
from mpnn_lab.tracing.ledger import Ledger


def pathfinder(ledger: Ledger, call: LayerCall) -> str:
    """m_ij = c_ij (h_j W), c_ij = w_ij / √(d_i d_j), w_ij = σ(MLP(e_ij)); self-loops weigh 1."""
    module: Any = call.module
    record = call.propagations[0]
    h_j = gather(ledger, call.state)
    factor = _factor(ledger, call)
    with ledger.step("message", 0):
        z_j = linear(ledger, "z_j", "z_j", "neighbour's state through W", h_j, module.lin, "W")
        m_ij = ledger.derive(
            "message", "m_ij", "message", "multiply", factor, z_j, recorded=record.messages,
            axes=("channel",),
        )  # fmt: skip
    total = aggregate(ledger, module, m_ij, record.aggregated)
    with ledger.step("update"):
        return layer_output(ledger, module, [total], call.output)


def _factor(ledger: Ledger, call: LayerCall) -> str:
    module: Any = call.module
    record = call.propagations[0]
    features, recorded = call.given.get("edge_attr"), record.kwargs["edge_weight"]
    if features is None:
        plain = degree_factor(ledger, call)
        assert plain is not None
        return plain
    looped = module.normalize and module.add_self_loops
    if not _expected(call, looped):
        with ledger.step("gather", 0):
            ledger.cannot_check("c_ij", NOT_THE_GIVEN)
            return ledger.weighs(
                ledger.recorded("c_ij", "c_ij", "degree factor", recorded, "edge", ())
            )
    if not module.normalize:
        return ledger.weighs(_gate(ledger, module, features, "c_ij", recorded))
    bonds, loops = len(features), record.edge_index.shape[1] - len(features)
    rows = torch.cat([features, features.new_zeros(loops, features.shape[1])])
    gate = _gate(ledger, module, rows, "gate")
    if loops:
        with ledger.step("attention", 0):
            ones = torch.cat([recorded.new_ones(bonds), recorded.new_zeros(loops)])
            here = ledger.recorded("bond", "[bond]", "1 for bonds", ones, "edge", (), shown=False)
            loop = ledger.recorded("loop", "[i=j]", "1 for loops", 1 - ones, "edge", (),
                                   shown=False)  # fmt: skip
            own = ledger.derive("gated", "w[bond]", "gate, for bonds", "multiply", gate, here,
                                shown=False)  # fmt: skip
            gate = ledger.derive("w_ij", "w_ij", "weight: the gate, 1 for loops", "add", own, loop)
    return ledger.weighs(symmetric(ledger, gate, recorded))


def _expected(call: LayerCall, looped: bool) -> bool:
    """Whether the edges are the given ones, then one loop an atom where loops are added."""
    edges = call.given["edge_index"]
    if not isinstance(edges, Tensor) or edges.layout != torch.strided:
        return False
    if looped:
        if contains_self_loops(edges):
            return False
        edges = add_remaining_self_loops(edges, num_nodes=len(call.output))[0]
    return torch.equal(edges, call.propagations[0].edge_index)


def _gate(ledger: Ledger, module: Any, rows: Tensor, name: str, recorded: Any = None) -> str:
    """σ of one number an edge, which two linear layers make of the bond's features."""
    first, _, second, _ = module.mlp
    with ledger.step("attention", 0):
        e = ledger.recorded("e_ij", "e_ij", "bond features", rows, "edge", ("feature",),
                            shown=False)  # fmt: skip
        u = linear(ledger, "u_ij", "u_ij", "bond through W_e", e, first, "W_e")
        bent = ledger.derive("bent", "ReLU(u)_ij", "through ReLU", "relu", u, shown=False)
        v = ledger.weight("v", "v", "weights of the gate", second.weight[0], ("channel",))
        raw = ledger.derive("raw", "l_ij", "its product with v", "dot", bent, v, axes=(),
                            shown=False)  # fmt: skip
        b = ledger.weight("gate bias", "b", "bias", second.bias, ("",))
        logit = ledger.derive("logit", "l_ij", "gate before σ", "add", raw, b, axes=())
        return ledger.derive(name, "w_ij", "gate of the bond", "sigmoid", logit, recorded=recorded)
