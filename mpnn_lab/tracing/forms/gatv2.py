"""GATv2Conv: attention over the neighbours, Brody et al. 2022, eq. 7."""

from __future__ import annotations

from typing import Any

from mpnn_lab.tracing.arithmetic import Op
from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.parts import aggregate, gather, layer_output, share
from mpnn_lab.tracing.ledger import Ledger

HEADS = ("head", "channel")


def gatv2(ledger: Ledger, call: LayerCall) -> str:
    """Logits, softmax over the incoming edges, weighted states, their sum, the heads together."""
    module: Any = call.module
    propagation = call.propagations[0]
    h_j = gather(ledger, call.state)
    with ledger.step("attention", 0):
        h_i = ledger.derive("h_i", "h_i", "the atom's own state", "target", call.state)
        z_j = heads(ledger, "z_j", "z_j", "neighbour through W_l", h_j, module.lin_l, "W_l", module)
        z_i = heads(ledger, "z_i", "z_i", "atom through W_r", h_i, module.lin_r, "W_r", module)
        terms = [z_i, z_j]
        bond = propagation.edge_kwargs.get("edge_attr")
        if bond is not None and module.lin_edge is not None:
            terms.append(bond_heads(ledger, module, bond))
        total = ledger.derive("s", "s_ij", "their sum", "add", *terms)
        bent = ledger.derive(
            "g",
            "g_ij",
            "through LeakyReLU",
            "leaky_relu",
            total,
            constants={"slope": module.negative_slope},
        )
        a = ledger.weight("a", "a", "attention vector", module.att[0], HEADS)
        logit = ledger.derive("logit", "l_ij", "attention logit", "dot", bent, a, axes=("head",))
        alpha = share(ledger, logit, propagation.kwargs["alpha"])
    with ledger.step("message", 0):
        m_ij = ledger.derive(
            "message", "m_ij", "message", "multiply", alpha, z_j,
            recorded=propagation.messages, axes=HEADS,
        )  # fmt: skip
    gathered = aggregate(ledger, module, m_ij, propagation.aggregated)
    return finish(ledger, call, gathered)


def heads(
    ledger: Ledger, name: str, symbol: str, label: str, x: str, part: Any, letter: str, module: Any
) -> str:
    """The product with a Linear's matrix, cut into heads."""
    weight = ledger.weight(f"{name} weight", letter, "weights", part.weight.T, ("in", "out"))
    args = [x, weight]
    if part.bias is not None:
        args.append(ledger.weight(f"{name} bias", "b", "bias", part.bias, ("channel",)))
    flat = ledger.derive(f"{name} flat", symbol, label, "linear", *args, axes=("channel",))
    return ledger.derive(
        name, symbol, label, "split_heads", flat, axes=HEADS, constants={"heads": module.heads},
        shown=False,
    )  # fmt: skip


def bond_heads(ledger: Ledger, module: Any, bond: Any) -> str:
    """The bond features through W_e, cut into heads; one feature may come without its axis."""
    bond = bond.view(-1, 1) if bond.dim() == 1 else bond
    e = ledger.recorded("e_ij", "e_ij", "bond features", bond, "edge", ("feature",), shown=False)
    return heads(ledger, "z_e", "(eW)_ij", "bond as a vector", e, module.lin_edge, "W_e", module)


def together(ledger: Ledger, module: Any, gathered: str) -> str:
    """The heads of the aggregate side by side, or their mean."""
    op: Op = "flatten" if module.concat else "mean_heads"
    label = "heads side by side" if module.concat else "mean over the heads"
    return ledger.derive(
        "heads", "a_i", label, op, gathered, axes=("channel",), shown=module.heads > 1
    )


def finish(ledger: Ledger, call: LayerCall, gathered: str) -> str:
    """The heads together, the own state where the layer is residual, the bias."""
    module: Any = call.module
    with ledger.step("update"):
        terms = [together(ledger, module, gathered)]
        if getattr(module, "res", None) is not None:
            w = ledger.weight("res weight", "W_0", "weights", module.res.weight.T, ("in", "out"))
            terms.append(
                ledger.derive("res", "(hW)_i", "own state through W_0", "linear", call.state, w)
            )
        return layer_output(ledger, module, terms, call.output)
