"""RGATConv: attention with a matrix for each type of bond, Busbridge et al. 2019, eq. 3 to 6."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.gatv2 import HEADS, finish
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.parts import aggregate, gather, linear, share
from mpnn_lab.tracing.ledger import Ledger


def rgat(ledger: Ledger, call: LayerCall) -> str:
    """Additive attention across the types of bond; what PyG offers besides is not written down."""
    module: Any = call.module
    propagation = call.propagations[0]
    if (
        module.attention_mode != "additive-self-attention"
        or module.attention_mechanism != "across-relation"
        or module.mod is not None
    ):
        return generic(ledger, call)
    h_j = gather(ledger, call.state)
    with ledger.step("attention", 0):
        h_i = ledger.derive("h_i", "h_i", "the atom's own state", "target", call.state)
        matrices, masks = _types(ledger, module, propagation.kwargs["edge_type"])
        z_j = _typed(ledger, "z_j", "neighbour through its bond's W", h_j, matrices, masks)
        z_i = _typed(ledger, "z_i", "atom through the bond's W", h_i, matrices, masks)
        terms = [
            _score(ledger, "q_i", "atom's part of the logit", z_i, module.q, "Q"),
            _score(ledger, "k_j", "neighbour's part of the logit", z_j, module.k, "K"),
        ]
        bond = propagation.kwargs.get("edge_attr")
        if bond is not None:
            bond = bond.view(-1, 1) if bond.dim() == 1 else bond
            e = ledger.recorded(
                "e_ij", "e_ij", "bond features", bond, "edge", ("feature",), shown=False
            )
            z_e = linear(ledger, "z_e", "(eW)_ij", "bond as a vector", e, module.lin_edge, "W_e")
            terms.append(_score(ledger, "l_e", "bond's part of the logit", z_e, module.e, "E"))
        total = ledger.derive("s", "s_ij", "their sum", "add", *terms)
        logit = ledger.derive(
            "logit", "l_ij", "attention logit, through LeakyReLU", "leaky_relu", total,
            constants={"slope": module.negative_slope},
        )  # fmt: skip
        alpha = share(ledger, logit, propagation.alpha)
    with ledger.step("message", 0):
        split = ledger.derive(
            "z_j heads", "z_j", "the same, as heads", "split_heads", z_j, axes=HEADS,
            constants={"heads": module.heads}, shown=False,
        )  # fmt: skip
        m_ij = ledger.derive(
            "message", "m_ij", "message", "multiply", alpha, split,
            recorded=propagation.messages, axes=HEADS,
        )  # fmt: skip
    gathered = aggregate(ledger, module, m_ij, propagation.aggregated)
    return finish(ledger, call, gathered)


def _types(ledger: Ledger, module: Any, edge_type: Tensor) -> tuple[list[str], list[str]]:
    """Of each type of bond that is there: its matrix, and which edges are of it (one, else 0)."""
    present = edge_type.unique().tolist() or [0]
    table = _table(module)
    matrices = [
        ledger.weight(f"W {r}", f"W_{r}", f"matrix of bond type {r}", table[r], ("in", "out"))
        for r in present
    ]
    masks = [
        ledger.recorded(
            f"of type {r}", f"t_{r}", f"one for bonds of type {r}", edge_type == r, "edge", (),
            shown=False,
        )
        for r in present
    ]  # fmt: skip
    return matrices, masks


def _table(module: Any) -> Tensor:
    """The matrix of every type, [types, in, heads * channels]: mixed of bases, or of blocks."""
    with torch.no_grad():
        if module.num_bases is not None:
            table: Tensor = (module.att @ module.basis.flatten(1)).view(-1, *module.basis.shape[1:])
        elif module.num_blocks is not None:
            table = torch.stack([torch.block_diag(*blocks) for blocks in module.weight])
        else:
            table = module.weight
    return table


def _typed(
    ledger: Ledger, name: str, label: str, h: str, matrices: list[str], masks: list[str]
) -> str:
    """The state at each edge through the matrix of its type: of all products, the one that is."""
    terms = []
    for matrix, mask in zip(matrices, masks, strict=True):
        place = matrix.rpartition(" ")[2]
        words = f"through the matrix of type {place}"
        product = ledger.derive(
            f"{name} {place}", f"{name}^{place}", words, "linear", h, matrix, shown=False
        )
        terms.append(
            ledger.derive(
                f"{name} {place} there", f"t {name}^{place}", f"{words}, where it is that",
                "multiply", mask, product, shown=False,
            )
        )  # fmt: skip
    return ledger.derive(name, name, label, "add", *terms)


def _score(ledger: Ledger, name: str, label: str, z: str, matrix: Any, letter: str) -> str:
    weight = ledger.weight(f"{name} weight", letter, "weights", matrix, ("in", "head"))
    return ledger.derive(name, name, label, "linear", z, weight, axes=("head",))
