"""GMMConv: a mixture of Gaussian kernels over bond features, Monti et al. 2017, eq. 9 to 11."""

from __future__ import annotations

from typing import Any

import numpy as np

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.parts import aggregate, gather, layer_output
from mpnn_lab.tracing.ledger import Ledger

KERNELS = ("kernel", "channel")
EPS = 1e-15
"""What PyG adds to the squares of the widths."""


def gmm(ledger: Ledger, call: LayerCall) -> str:
    """w_k(e) = exp(−½ Σ_d (e_d − μ_kd)² / σ_kd²); m_ij = Σ_k w_k(e_ij) (h_j G_k).

    PyG's sum over the kernels is not divided by their number.
    """
    module: Any = call.module
    record = call.propagations[0]
    if record.kwargs.get("edge_attr") is None:
        return generic(ledger, call)
    h_j = gather(ledger, call.state)
    if module.separate_gaussians:
        m_ij = _apart(ledger, call, h_j)
    else:
        weights = _kernels(ledger, call)
        with ledger.step("message", 0):
            matrix = ledger.weight("G", "G", "weights of all kernels", module.g, ("in", "out"))
            flat = ledger.derive("z_j flat", "z_j", "neighbour through every G", "linear", h_j,
                                 matrix)  # fmt: skip
            z_j = ledger.derive(
                "z_j", "z_j", "the same, by kernels", "split_heads", flat, axes=KERNELS,
                constants={"heads": module.kernel_size}, shown=False,
            )  # fmt: skip
            each = ledger.derive("weighed", "w z", "each times its kernel", "multiply", weights,
                                 z_j, axes=KERNELS)  # fmt: skip
            m_ij = ledger.derive(
                "message", "m_ij", "message: sum over the kernels", "sum_heads", each,
                recorded=record.messages, axes=("channel",),
            )  # fmt: skip
    total = aggregate(ledger, module, m_ij, record.aggregated)
    with ledger.step("update"):
        terms = [total]
        if module.root_weight:
            root = ledger.weight("root weight", "U", "weights", module.root.weight.T, ("in", "out"))
            terms.append(
                ledger.derive("root", "(hU)_i", "own state through U", "linear", call.state, root)
            )
        return layer_output(ledger, module, terms, call.output)


def _kernels(ledger: Ledger, call: LayerCall) -> str:
    """[edges, kernels]: how strongly each kernel takes to the bond's features."""
    module: Any = call.module
    features = call.propagations[0].kwargs["edge_attr"]
    heads: Any = {"constants": {"heads": module.kernel_size}, "axes": ("kernel", "feature")}
    with ledger.step("attention", 0):
        e = ledger.recorded("e_ij", "e_ij", "bond features", features, "edge", ("feature",))
        every = ledger.derive("e for each", "e_ij", "the same for each kernel", "repeat_heads", e,
                              shown=False, **heads)  # fmt: skip
        middle = ledger.weight("mu", "−μ", "less the kernels' middles", -module.mu,
                               ("kernel", "feature"))  # fmt: skip
        apart = ledger.derive("apart", "e−μ", "distance from the middle", "add", every, middle,
                              shown=False)  # fmt: skip
        square = ledger.derive("square", "(e−μ)²", "its square", "multiply", apart, apart,
                               shown=False)  # fmt: skip
        narrow = -0.5 / (EPS + module.sigma.detach().double() ** 2)
        sharpness = ledger.weight("sigma", "−½σ⁻²", "minus half over the width squared", narrow,
                                  ("kernel", "feature"))  # fmt: skip
        inside = ledger.derive("exponent", "−½d²", "minus half the squared distance", "dot", square,
                               sharpness, axes=("kernel",))  # fmt: skip
        return ledger.weighs(
            ledger.derive("kernels", "w_ij", "kernel weight", "exp", inside, axes=("kernel",))
        )


def _apart(ledger: Ledger, call: LayerCall, h_j: str) -> str:
    """Kernels of its own for every pair of channels: the bond's matrix, from all of them."""
    module: Any = call.module
    features = call.propagations[0].kwargs["edge_attr"].detach().double().cpu().numpy()
    matrices = separate(module, features)
    with ledger.step("edge matrix", 0):
        ledger.cannot_check("kernels", "each pair of channels has its own: not written one by one")
        w_ij = ledger.recorded(
            "W_ij", "W_ij", "kernels times weights, summed", matrices, "edge", ("in", "out")
        )
    with ledger.step("message", 0):
        return ledger.derive(
            "message", "m_ij", "message", "linear", h_j, w_ij,
            recorded=call.propagations[0].messages,
        )  # fmt: skip


def separate(module: Any, features: np.ndarray[Any, np.dtype[np.float64]]) -> Any:
    """[edges, in, out]: Σ_k g_k w_k(e) with kernels of its own for every pair of channels."""
    mu, sigma = (p.detach().double().cpu().numpy() for p in (module.mu, module.sigma))
    inputs, outputs, kernels, _ = mu.shape
    g = module.g.detach().double().cpu().numpy().reshape(inputs, outputs, kernels)
    found = np.zeros((len(features), inputs, outputs))
    for matrix, e in zip(found, features, strict=True):
        matrix[:] = (g * np.exp(-0.5 * ((e - mu) ** 2 / (EPS + sigma**2)).sum(-1))).sum(-1)
    return found
