"""A quantity's making, written in the paper's letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mpnn_lab.tracing import Quantity

INCOMING = {"sum_incoming": "Σ", "mean_incoming": "mean", "max_incoming": "max"}
NODES = {"sum_nodes": "Σ", "mean_nodes": "mean", "max_nodes": "max"}
FUNCTIONS = {
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "silu": "SiLU",
    "sigmoid": "σ",
    "tanh": "tanh",
    "layer_norm": "LayerNorm",
}


def formula(quantity: Quantity, known: Mapping[str, Quantity]) -> str:
    """Such as ``m_ij = h_j · W_ij``; empty where there is nothing to say."""
    letters = [known[name].symbol for name in quantity.args]
    right = _right(quantity, letters)
    return f"{quantity.symbol} = {right}" if right else ""


def _right(quantity: Quantity, x: list[str]) -> str:
    op = quantity.op
    if op in FUNCTIONS:
        return f"{FUNCTIONS[op]}({x[0]})"
    if op in INCOMING:
        return f"{INCOMING[op]} over j of {x[0]}"
    if op in NODES:
        return f"{NODES[op]} over i of {x[0]}"
    table: dict[str, Callable[[], str]] = {
        "source": lambda: f"{x[0].split('_')[0]} of the neighbour j",
        "target": lambda: f"{x[0].split('_')[0]} of the atom i",
        "of_kind": lambda: "the matrix NN(e) of the bond's kind",
        "linear": lambda: f"{x[0]} · {x[1]}" + (f" + {x[2]}" if len(x) > 2 else ""),
        "add": lambda: " + ".join(x),
        "multiply": lambda: " · ".join(x),
        "power": lambda: f"{x[0]}^{quantity.constants['exponent']:g}",
        "dot": lambda: f"{x[0]} · {x[1]}",
        "softmax_incoming": lambda: f"softmax over j of {x[0]}",
        "softmax_nodes": lambda: f"softmax over i of {x[0]}",
        "interpolate": lambda: f"(1 − {x[0]}) · {x[1]} + {x[0]} · {x[2]}",
        "flatten": lambda: f"the heads of {x[0]} side by side",
        "split_heads": lambda: f"{x[0]} as heads",
        "mean_heads": lambda: f"mean over the heads of {x[0]}",
        "concatenate": lambda: f"[{', '.join(x)}]",
        "weighted_sum_nodes": lambda: f"Σ over i of {x[0]} · {x[1]}",
    }
    return table[op]() if op in table else ""
