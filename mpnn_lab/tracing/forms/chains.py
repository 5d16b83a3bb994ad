"""Chains of ordinary modules written down: linear layers, activations, normalisations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import torch
from torch import nn
from torch_geometric.nn import MLP
from torch_geometric.nn.dense.linear import Linear
from torch_geometric.nn.norm import BatchNorm

from mpnn_lab.nn import Dropout
from mpnn_lab.tracing.arithmetic import Op
from mpnn_lab.tracing.ledger import Ledger

ACTIVATIONS: dict[type[nn.Module], Op] = {
    nn.ReLU: "relu",
    nn.ELU: "elu",
    nn.SiLU: "silu",
    nn.Sigmoid: "sigmoid",
    nn.Tanh: "tanh",
    nn.LeakyReLU: "leaky_relu",
}


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
    *, shown: bool = True, steps: str = "",
) -> str:  # fmt: skip
    """A chain of ordinary modules; one that is not known makes all of it one opaque step.

    What comes before the last is called `steps` (or `name`) with a number.
    """
    parts = list(parts_of(module))
    odd = next((type(p).__name__ for p in parts if not _is_known(p)), None)
    if odd is not None:
        ledger.cannot_check(name, f"no arithmetic is written down for {odd}")
        return ledger.derive(
            name, symbol, label, "opaque", x, recorded=recorded, axes=("channel",), shown=shown
        )
    for place, part in enumerate(parts[:-1], 1):
        step, words = f"{steps or name} {place}", f"{label}, step {place}"
        x = _one(ledger, step, f"u_{place}", words, part, x, None, shown)
    if parts:
        return _one(ledger, name, symbol, label, parts[-1], x, recorded, shown)
    return ledger.derive(name, symbol, label, "add", x, recorded=recorded, shown=shown)


def written(module: nn.Module) -> bool:
    """Whether `chain` knows all of a module's parts."""
    return all(map(_is_known, parts_of(module)))


def parts_of(module: nn.Module) -> Iterator[nn.Module]:
    """The parts of nested Sequentials and MLPs, without those that do nothing in eval mode."""
    if type(module) is nn.Sequential:
        for part in module:
            yield from parts_of(part)
    elif type(module) is MLP:
        for part in _layers(module):
            yield from parts_of(part)
    elif type(module) is BatchNorm:
        inner: Any = module.module
        yield inner
    elif type(module) not in (nn.Identity, nn.Dropout, Dropout):
        yield module


def _layers(mlp: Any) -> Iterator[nn.Module]:
    """Of PyG's MLP each linear layer, its activation and its normalisation, in their order."""
    inner = len(mlp.lins) - (1 if mlp.plain_last else 0)
    for k, lin in enumerate(mlp.lins):
        yield lin
        if k < inner:
            act: list[Any] = [] if mlp.act is None else [mlp.act]
            yield from [*act, mlp.norms[k]] if mlp.act_first else [mlp.norms[k], *act]


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
