"""EGConv: bases aggregated in several ways, combined by each atom, Tailor et al. 2022."""

from __future__ import annotations

from typing import Any

import torch
from torch_geometric.utils import add_remaining_self_loops

from mpnn_lab.tracing.arithmetic import Op
from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.gcn import NOT_THE_GIVEN, factor_of
from mpnn_lab.tracing.forms.parts import gather, layer_output, linear
from mpnn_lab.tracing.forms.scalers import LARGEST
from mpnn_lab.tracing.ledger import Ledger

LEAST = 1e-5
WAYS: dict[str, tuple[Op, str]] = {
    "sum": ("sum_incoming", "sum"),
    "mean": ("mean_incoming", "mean"),
    "max": ("max_incoming", "maximum"),
    "min": ("min_incoming", "minimum"),
    "var": ("var_incoming", "variance"),
}


def eg(ledger: Ledger, call: LayerCall) -> str:
    """m_ij = h_j B; every aggregate of them; h_i' = Σ w_i (aggregates), heads side by side.

    (arXiv:2104.01481.) The combination weights w_i are the receiving atom's.
    """
    module: Any = call.module
    record = call.propagations[0]
    h_j = gather(ledger, call.state)
    with ledger.step("message", 0):
        m_ij = linear(ledger, "message", "m_ij", "message: neighbour in every base", h_j,
                      module.bases_lin, "B", record.messages)  # fmt: skip
    total = _aggregates(ledger, call, m_ij)
    with ledger.step("update"):
        flat = linear(ledger, "w_i flat", "w_i", "combination weights of the atom", call.state,
                      module.comb_lin, "V", shown=False)  # fmt: skip
        weights = ledger.derive(
            "w_i", "w_i", "combination weights: of every base, in every aggregate", "split_heads",
            flat, axes=("head", "base"), constants={"heads": module.num_heads},
        )  # fmt: skip
        ledger.weighs(
            ledger.derive("w_i of edges", "w_i", "those of the receiver", "target", weights,
                          shown=False)
        )  # fmt: skip
        bases = ledger.derive(
            "bases", "a_i", "aggregates, base by base", "split_heads", total, shown=False,
            axes=("base", "channel"),
            constants={"heads": module.num_bases * len(module.aggregators)},
        )  # fmt: skip
        combined = ledger.derive(
            "combined", "u_i", "bases by their weights, summed", "combine", weights, bases,
            axes=("head", "channel"),
        )  # fmt: skip
        side = ledger.derive("side by side", "u_i", "heads side by side", "flatten", combined,
                             axes=("channel",), shown=False)  # fmt: skip
        return layer_output(ledger, module, [side], call.output)


def _aggregates(ledger: Ledger, call: LayerCall, m_ij: str) -> str:
    """All aggregates end to end."""
    module: Any = call.module
    recorded = call.propagations[0].aggregated
    several = len(module.aggregators) > 1
    with ledger.step("aggregate", 0):
        edges = call.given.get("edge_index")
        if module.add_self_loops and isinstance(edges, torch.Tensor):
            edges = add_remaining_self_loops(edges, num_nodes=len(call.output))[0]
        if not isinstance(edges, torch.Tensor) or not torch.equal(
            edges, call.propagations[0].edge_index
        ):
            ledger.cannot_check("edges", NOT_THE_GIVEN)
        if not several:
            return _one(ledger, call, module.aggregators[0], "aggregate", "a_i", m_ij, recorded)
        parts = [
            _one(ledger, call, way, f"aggregate {way}", f"a_i^{k}", m_ij)
            for k, way in enumerate(module.aggregators, 1)
        ]
        assert recorded is not None
        return ledger.derive(
            "aggregate", "a_i", "several aggregates end to end", "concatenate", *parts,
            recorded=recorded.flatten(1),
        )  # fmt: skip


def _one(
    ledger: Ledger, call: LayerCall, way: str, name: str, symbol: str, m_ij: str,
    recorded: Any = None,
) -> str:  # fmt: skip
    if way == "symnorm":
        factor = factor_of(ledger, call, call.propagations[0].aggregate_kwargs["symnorm_weight"])
        return ledger.derive(name, symbol, "sum, by the degrees", "weighted_sum_incoming", factor,
                             m_ij, recorded=recorded)  # fmt: skip
    if way != "std":
        op, word = WAYS[way]
        return ledger.derive(name, symbol, f"{word} of the messages", op, m_ij, recorded=recorded)
    # Here PyG's deviation is never below the root of LEAST; that of its aggregation is 0 there.
    variance = ledger.derive(f"{name} var", "v_i", "variance", "var_incoming", m_ij, shown=False)
    kept = ledger.derive(
        f"{name} kept", "v_i", "at least a tiny number", "clamp", variance,
        constants={"low": LEAST, "high": LARGEST}, shown=False,
    )  # fmt: skip
    return ledger.derive(
        name, symbol, "standard deviation of the messages", "power", kept, recorded=recorded,
        constants={"exponent": 0.5},
    )  # fmt: skip
