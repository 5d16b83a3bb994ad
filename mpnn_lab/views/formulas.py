"""A quantity's making, written in the paper's letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mpnn_lab.tracing import Quantity

FUNCTIONS = {
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "silu": "SiLU",
    "sigmoid": "σ",
    "tanh": "tanh",
    "layer_norm": "LayerNorm",
    "softplus": "softplus",
    "exp": "exp",
    "log": "log",
    "softmax_channels": "softmax",
}


REDUCTIONS = {
    "sum": "Σ",
    "mul": "Π",
    "var": "variance",
    "std": "standard deviation",
    "quantile": "quantile {q:g}",
}
IN_ORDER = {
    "rows": "{x} one after another",
    "sorted": "{x} by the last channel, the largest first",
}
OVER = {"incoming": "over j", "nodes": "over i"}


def formula(quantity: Quantity, known: Mapping[str, Quantity]) -> str:
    """Such as ``m_ij = h_j · W_ij``; the symbol alone where there is nothing to say."""
    letters = [known[name].symbol for name in quantity.args]
    axes = known[quantity.args[0]].axes if quantity.args else ()
    right = _right(quantity, letters, f"{axes[0]}s" if axes else "")
    return f"{quantity.symbol} = {right}" if right else quantity.symbol


def _right(quantity: Quantity, x: list[str], parts: str) -> str:
    """`parts` are what the first axis of the first argument counts: heads, kernels, ..."""
    op = quantity.op
    if op in FUNCTIONS:
        return f"{FUNCTIONS[op]}({x[0]})"
    verb, _, over = op.rpartition("_")
    if over in OVER and verb in IN_ORDER:
        return IN_ORDER[verb].format(x=x[-1])
    if over in OVER:
        shares = " · ".join(x) if verb == "weighted_sum" else x[-1]
        name = REDUCTIONS.get(verb.removeprefix("weighted_"), verb).format(**quantity.constants)
        return f"{name} {OVER[over]} of {shares}"
    table: dict[str, Callable[[], str]] = {
        "source": lambda: f"{x[0].split('_')[0]} of the neighbour j",
        "target": lambda: f"{x[0].split('_')[0]} of the atom i",
        "of_kind": lambda: "the matrix NN(e) of the bond's kind",
        "linear": lambda: f"{x[0]} · {x[1]}" + (f" + {x[2]}" if len(x) > 2 else ""),
        "add": lambda: " + ".join(x),
        "multiply": lambda: " · ".join(x),
        "kept": lambda: f"{x[0]} of those that stay",
        "sum_members": lambda: f"Σ {x[0]} over those that merge",
        "maximum": lambda: f"the largest of {', '.join(x)}",
        "power": lambda: f"{x[0]}^{{{quantity.constants['exponent']:g}}}",
        "dot": lambda: f"Σ {x[0]} · {x[1]}",
        "point_pair": lambda: (
            f"[‖{x[0]}‖, ∠({x[1]}, {x[0]}), ∠({x[2]}, {x[0]}), ∠({x[1]}, {x[2]})]"
        ),
        "interpolate": lambda: f"(1 − {x[0]}) · {x[1]} + {x[0]} · {x[2]}",
        "mean_heads": lambda: f"mean over the {parts} of {x[0]}",
        "sum_heads": lambda: f"Σ over the {parts} of {x[0]}",
        "softmax_heads": lambda: f"softmax over the {parts} of {x[0]}",
        "flatten": lambda: f"the {parts} side by side",
        "split_heads": lambda: f"the same, as {quantity.axes[0]}s",
        "repeat_heads": lambda: f"the same for all {quantity.axes[0]}s",
        "combine": lambda: f"{x[0]} · {x[1]}",
        "concatenate": lambda: f"[{', '.join(x)}]",
        "channels": lambda: f"some channels of {x[0]}",
        "clamp": lambda: f"{x[0]} within bounds",
    }
    return table[op]() if op in table else ""
