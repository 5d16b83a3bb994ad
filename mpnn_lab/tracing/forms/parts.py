"""Arithmetic that many layers share: gathering, aggregating, chains of ordinary modules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch_geometric.nn import aggr

from mpnn_lab.tracing.arithmetic import Op
from mpnn_lab.tracing.ledger import Ledger

AGGREGATIONS: dict[type, tuple[Op, str]] = {
    aggr.SumAggregation: ("sum_incoming", "sum"),
    aggr.MeanAggregation: ("mean_incoming", "mean"),
    aggr.MaxAggregation: ("max_incoming", "max"),
}
ACTIVATIONS: dict[type[nn.Module], Op] = {
    nn.ReLU: "relu",
    nn.ELU: "elu",
    nn.SiLU: "silu",
    nn.Sigmoid: "sigmoid",
    nn.Tanh: "tanh",
    nn.LeakyReLU: "leaky_relu",
}


def gather(ledger: Ledger, state: str) -> str:
    """h_j for every edge."""
    with ledger.step("gather", 0):
        return ledger.derive("h_j", "h_j", "neighbour's state", "source", state)


def aggregate(ledger: Ledger, module: Any, messages: str, recorded: Any) -> str:
    """The aggregate of the incoming messages, by the layer's own aggregation."""
    op, word = AGGREGATIONS.get(type(module.aggr_module), ("opaque", "aggregate"))
    if op == "opaque":
        reason = f"no arithmetic is written down for {type(module.aggr_module).__name__}"
        ledger.cannot_check("aggregate", reason)
    with ledger.step("aggregate", 0):
        label = f"{word} of the messages"
        return ledger.derive("aggregate", "a_i", label, op, messages, recorded=recorded)


def linear(
    ledger: Ledger, name: str, symbol: str, label: str, x: str, module: Any, letter: str,
    recorded: Any = None, *, shown: bool = True,
) -> str:  # fmt: skip
    """X @ W + b for a Linear of torch's or PyG's."""
    args = [x, ledger.weight(f"{name} weight", letter, "weights", module.weight.T, ("in", "out"))]
    if module.bias is not None:
        args.append(ledger.weight(f"{name} bias", "b", "bias", module.bias, ("channel",)))
    return ledger.derive(
        name, symbol, label, "linear", *args, recorded=recorded, axes=("channel",), shown=shown
    )


def chain(
    ledger: Ledger, name: str, symbol: str, label: str, module: nn.Module, x: str, recorded: Any
) -> str:
    """A chain of ordinary modules; what is not known stands as one opaque step."""
    parts = list(_flat(module))
    known = all(isinstance(p, nn.Linear | nn.LayerNorm) or type(p) in ACTIVATIONS for p in parts)
    if not known:
        odd = next(
            p for p in parts
            if not isinstance(p, nn.Linear | nn.LayerNorm) and type(p) not in ACTIVATIONS
        )  # fmt: skip
        ledger.cannot_check(name, f"no arithmetic is written down for {type(odd).__name__}")
        return ledger.derive(name, symbol, label, "opaque", x, recorded=recorded, axes=("channel",))
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        given = recorded if last else None
        step = name if last else f"{name} {place + 1}"
        letter = symbol if last else f"u_{place + 1}"
        x = _one(
            ledger, step, letter, label if last else f"{label}, step {place + 1}", part, x, given
        )
    if not parts:
        x = ledger.derive(name, symbol, label, "add", x, recorded=recorded)
    return x


def _flat(module: nn.Module) -> Iterator[nn.Module]:
    """The parts of nested Sequentials, without those that do nothing in eval mode."""
    if type(module) is nn.Sequential:
        for part in module:
            yield from _flat(part)
    elif type(module) not in (nn.Identity, nn.Dropout):
        yield module


def _one(
    ledger: Ledger, name: str, symbol: str, label: str, part: nn.Module, x: str, recorded: Any
) -> str:
    if isinstance(part, nn.Linear):
        return linear(ledger, name, symbol, label, x, part, "W", recorded)
    if isinstance(part, nn.LayerNorm):
        width = part.normalized_shape[-1]
        weight = part.weight if part.weight is not None else torch.ones(width)
        bias = part.bias if part.bias is not None else torch.zeros(width)
        scale = ledger.weight(f"{name} weight", "γ", "scale", weight, ("channel",))
        shift = ledger.weight(f"{name} bias", "β", "shift", bias, ("channel",))
        return ledger.derive(
            name,
            symbol,
            label,
            "layer_norm",
            x,
            scale,
            shift,
            recorded=recorded,
            constants={"eps": part.eps},
        )
    constants = {"slope": part.negative_slope} if isinstance(part, nn.LeakyReLU) else {}
    op = ACTIVATIONS[type(part)]
    return ledger.derive(name, symbol, label, op, x, recorded=recorded, constants=constants)
