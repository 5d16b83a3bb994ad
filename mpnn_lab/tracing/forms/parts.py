"""Arithmetic that many layers share: gathering, aggregating, chains of ordinary modules."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import torch
from torch import nn
from torch_geometric.nn import MessagePassing
from torch_geometric.nn.dense.linear import Linear

from mpnn_lab.nn import Dropout
from mpnn_lab.tracing.arithmetic import Op
from mpnn_lab.tracing.forms.aggregation import known, reduction
from mpnn_lab.tracing.ledger import Ledger

ACTIVATIONS: dict[type[nn.Module], Op] = {
    nn.ReLU: "relu",
    nn.ELU: "elu",
    nn.SiLU: "silu",
    nn.Sigmoid: "sigmoid",
    nn.Tanh: "tanh",
    nn.LeakyReLU: "leaky_relu",
}


def gather(ledger: Ledger, state: str, place: int = 0) -> str:
    """h_j for every edge of propagation `place`."""
    with ledger.step("gather", place):
        name = numbered("h_j", place)
        return ledger.derive(name, "h_j", "neighbour's state", "source", state)


def aggregate(ledger: Ledger, module: Any, messages: str, recorded: Any) -> str:
    """The aggregate of the incoming messages, by the layer's own aggregation."""
    return aggregate_at(ledger, module, messages, recorded, 0)


def aggregate_at(
    ledger: Ledger, module: Any, messages: str, recorded: Any, place: int, *,
    axes: tuple[str, ...] | None = None,
) -> str:  # fmt: skip
    """The aggregate of propagation `place`; one opaque step where its arithmetic is not known."""
    name, way = numbered("aggregate", place), module.aggr_module
    with ledger.step("aggregate", place):
        own = type(module).aggregate is not MessagePassing.aggregate
        if known(way) and not own:
            return reduction(ledger, way, messages, "incoming", name, "a_i", recorded)
        what = (
            f"{type(module).__name__}'s own aggregation"
            if own
            else type(getattr(way, "inner", way)).__name__
        )
        ledger.cannot_check(name, f"no arithmetic is written down for {what}")
        return ledger.derive(
            name, "a_i", "aggregate of the messages", "opaque", messages,
            recorded=recorded, axes=axes, per=ledger.ground.receivers,
        )  # fmt: skip


def share(ledger: Ledger, logit: str, recorded: Any = None) -> str:
    """α_ij: the softmax of the logits over the messages that reach the same atom."""
    return ledger.weighs(
        ledger.derive(
            "alpha", "α_ij", "share of the attention", "softmax_incoming", logit, recorded=recorded
        )
    )


def numbered(name: str, place: int) -> str:
    """The name of a quantity of propagation `place`: ``"message"``, ``"message 2"``, ..."""
    return name if place == 0 else f"{name} {place + 1}"


def layer_output(ledger: Ledger, module: Any, terms: list[str], recorded: Any) -> str:
    """What the layer gives: these terms, and its bias where it has one."""
    if module.bias is not None:
        terms = [*terms, ledger.weight("bias", "b", "bias", module.bias, ("channel",))]
    return ledger.derive("layer", "c_i", "what the layer gives", "add", *terms, recorded=recorded)


def linear(
    ledger: Ledger, name: str, symbol: str, label: str, x: str, module: Any, letter: str,
    recorded: Any = None, *, shown: bool = True,
) -> str:  # fmt: skip
    """The product x @ W + b of a Linear of torch's or PyG's."""
    args = [x, ledger.weight(f"{name} weight", letter, "weights", module.weight.T, ("in", "out"))]
    if module.bias is not None:
        args.append(ledger.weight(f"{name} bias", "b", "bias", module.bias, ("channel",)))
    return ledger.derive(name, symbol, label, "linear", *args, recorded=recorded, shown=shown)


def chain(
    ledger: Ledger, name: str, symbol: str, label: str, module: nn.Module, x: str, recorded: Any,
    *, shown: bool = True,
) -> str:  # fmt: skip
    """A chain of ordinary modules; one that is not known makes all of it one opaque step."""
    parts = list(_flat(module))
    odd = next((type(p).__name__ for p in parts if not _is_known(p)), None)
    if odd is not None:
        ledger.cannot_check(name, f"no arithmetic is written down for {odd}")
        return ledger.derive(
            name, symbol, label, "opaque", x, recorded=recorded, axes=("channel",), shown=shown
        )
    for place, part in enumerate(parts[:-1], 1):
        step, words = f"{name} {place}", f"{label}, step {place}"
        x = _one(ledger, step, f"u_{place}", words, part, x, None, shown)
    if parts:
        return _one(ledger, name, symbol, label, parts[-1], x, recorded, shown)
    return ledger.derive(name, symbol, label, "add", x, recorded=recorded, shown=shown)


def written(module: nn.Module) -> bool:
    """Whether `chain` knows all of a module's parts."""
    return all(map(_is_known, _flat(module)))


def _flat(module: nn.Module) -> Iterator[nn.Module]:
    """The parts of nested Sequentials, without those that do nothing in eval mode."""
    if type(module) is nn.Sequential:
        for part in module:
            yield from _flat(part)
    elif type(module) not in (nn.Identity, nn.Dropout, Dropout):
        yield module


def _is_known(part: nn.Module) -> bool:
    """Exact classes only: a subclass may compute something else."""
    if type(part) is nn.LayerNorm:
        return len(part.normalized_shape) == 1 and part.elementwise_affine
    if type(part) is nn.BatchNorm1d:
        return part.running_mean is not None and part.running_var is not None
    return type(part) in (nn.Linear, Linear) or type(part) in ACTIVATIONS


def _one(
    ledger: Ledger, name: str, symbol: str, label: str, part: nn.Module, x: str, recorded: Any,
    shown: bool,
) -> str:  # fmt: skip
    derive = partial(ledger.derive, name, symbol, label, recorded=recorded, shown=shown)
    if isinstance(part, nn.Linear | Linear):
        return linear(ledger, name, symbol, label, x, part, "W", recorded, shown=shown)
    if isinstance(part, nn.LayerNorm):
        return layer_norm(ledger, name, symbol, label, part, x, recorded, shown)
    if isinstance(part, nn.BatchNorm1d):
        return batch_norm(ledger, name, symbol, label, part, x, recorded, shown)
    constants = {"slope": part.negative_slope} if isinstance(part, nn.LeakyReLU) else {}
    return derive(ACTIVATIONS[type(part)], x, constants=constants)


def layer_norm(
    ledger: Ledger, name: str, symbol: str, label: str, part: Any, x: str, recorded: Any,
    shown: bool,
) -> str:  # fmt: skip
    """γ (x − μ) / √(σ² + ε) + β, by the mean and the variance of the row's own channels."""
    scale = ledger.weight(f"{name} weight", "γ", "scale", part.weight, ("channel",))
    bias = part.bias if part.bias is not None else torch.zeros_like(part.weight)
    shift = ledger.weight(f"{name} bias", "β", "shift", bias, ("channel",))
    return ledger.derive(
        name, symbol, label, "layer_norm", x, scale, shift, recorded=recorded, shown=shown,
        constants={"eps": part.eps},
    )  # fmt: skip


def batch_norm(
    ledger: Ledger, name: str, symbol: str, label: str, part: nn.BatchNorm1d, x: str, recorded: Any,
    shown: bool,
) -> str:  # fmt: skip
    """(x − μ) · γ / √(σ² + ε) + β, by the mean and the variance that training left behind."""
    mean, variance = part.running_mean, part.running_var
    assert mean is not None
    assert variance is not None
    ones, none = torch.ones_like(mean), torch.zeros_like(mean)
    gamma, beta = (part.weight, part.bias) if part.affine else (ones, none)
    weight = partial(ledger.weight, axes=("channel",))
    less = weight(f"{name} mean", "−μ", "minus the running mean", -mean)
    scale = weight(
        f"{name} scale",
        "γ/σ",
        "scale over the running spread",
        gamma / (variance + part.eps).sqrt(),
    )
    shift = weight(f"{name} shift", "β", "shift", beta)
    centred = ledger.derive(
        f"{name} centred", "x − μ", f"{label}, centred", "add", x, less, shown=False
    )
    scaled = ledger.derive(
        f"{name} scaled", "γ(x − μ)/σ", f"{label}, scaled", "multiply", centred, scale, shown=False
    )
    return ledger.derive(name, symbol, label, "add", scaled, shift, recorded=recorded, shown=shown)
