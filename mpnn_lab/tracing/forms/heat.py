"""HEATConv: attention among atoms with a matrix for each element, Mo et al. 2021, eq. 1 to 6."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.gatv2 import HEADS, together
from mpnn_lab.tracing.forms.parts import aggregate, linear
from mpnn_lab.tracing.ledger import Ledger


def heat(ledger: Ledger, call: LayerCall) -> str:
    """States z = h W_τ; logits of [z_i, z_j, t_ij, f_ij]; m_ij = α_ij [z_j, f_ij] W; z_i added."""
    module: Any = call.module
    record = call.propagations[0]
    with ledger.step("gather", 0):
        z = _by_type(ledger, call)
        z_j = ledger.derive("z_j", "z_j", "neighbour through its element's matrix", "source", z)
    with ledger.step("attention", 0):
        z_i = ledger.derive("z_i", "z_i", "atom through its element's matrix", "target", z)
        t, f = _bond(ledger, call)
        ends = ledger.derive("ends", "[z_i,z_j,t,f]", "all end to end", "concatenate", z_i, z_j,
                             t, f)  # fmt: skip
        score = linear(ledger, "s", "s_ij", "through A", ends, module.att, "A", shown=False)
        logit = _bent(ledger, call, "logit", "l_ij", "attention logit, through LeakyReLU", score)
        alpha = ledger.derive("alpha", "α_ij", "share of the attention", "softmax_incoming", logit,
                              axes=("head",))  # fmt: skip
        ledger.weighs(alpha)
    with ledger.step("message", 0):
        both = ledger.derive("both", "[z_j,f]", "neighbour and bond", "concatenate", z_j, f,
                             shown=False)  # fmt: skip
        sent = linear(ledger, "u_ij", "u_ij", "neighbour and bond through W", both, module.lin, "W")
        split = ledger.derive("u_ij head", "u_ij", "the same for every head", "split_heads", sent,
                              axes=HEADS, constants={"heads": 1}, shown=False)  # fmt: skip
        m_ij = ledger.derive("message", "m_ij", "message", "multiply", alpha, split,
                             recorded=record.messages, axes=HEADS)  # fmt: skip
    total = aggregate(ledger, module, m_ij, record.aggregated)
    with ledger.step("update"):
        return _finish(ledger, call, total, z)


def _finish(ledger: Ledger, call: LayerCall, total: str, z: str) -> str:
    """The own z joins each head before they stand side by side, or their mean."""
    module: Any = call.module
    label = "what the layer gives"
    if not module.root_weight:
        heads = together(ledger, module, total)
        return ledger.derive("layer", "c_i", label, "add", heads, recorded=call.output)
    if not module.concat:
        heads = together(ledger, module, total)
        return ledger.derive("layer", "c_i", label, "add", heads, z, recorded=call.output)
    own = ledger.derive("own", "z_i", "own state, for every head", "split_heads", z, axes=HEADS,
                        constants={"heads": 1}, shown=False)  # fmt: skip
    with_own = ledger.derive("with own", "a_i+z_i", "own state added", "add", total, own,
                             axes=HEADS, shown=False)  # fmt: skip
    return ledger.derive("layer", "c_i", label, "flatten", with_own, axes=("channel",),
                         recorded=call.output)  # fmt: skip


def _by_type(ledger: Ledger, call: LayerCall) -> str:
    """Each atom through the matrix of its type: of all products, the one that is its own."""
    part: Any = call.module.hetero_lin
    kinds = call.given["node_type"]
    terms = []
    for r in kinds.unique().tolist() or [0]:
        words = f"state through the matrix of element {r}"
        weight = ledger.weight(f"W {r}", f"W_{r}", f"matrix of element {r}", part.weight[r],
                               ("in", "out"))  # fmt: skip
        args = [call.state, weight]
        if part.bias is not None:
            args.append(ledger.weight(f"b {r}", f"b_{r}", "bias", part.bias[r], ("channel",)))
        product = ledger.derive(f"z {r}", f"z^{r}", words, "linear", *args, shown=False)
        here = ledger.recorded(f"of element {r}", f"t_{r}", f"one for atoms of element {r}",
                               kinds == r, "node", (), shown=False)  # fmt: skip
        terms.append(ledger.derive(f"z {r} there", f"t z^{r}", f"{words}, where it is that",
                                   "multiply", here, product, shown=False))  # fmt: skip
    return ledger.derive("z", "z_i", "state through the element's matrix", "add", *terms)


def _bond(ledger: Ledger, call: LayerCall) -> tuple[str, str]:
    """t_ij of the bond's type, and f_ij of its features: both through LeakyReLU."""
    module: Any = call.module
    table = module.edge_type_emb.weight
    kinds: Tensor = one_hot(call.given["edge_type"], len(table)).to(torch.float64)
    which = ledger.recorded("type", "r_ij", "the bond's type, one-hot", kinds, "edge", ("type",),
                            shown=False)  # fmt: skip
    rows = ledger.weight("T", "T", "vector of each type", table, ("in", "out"))
    t = ledger.derive("t row", "r_ij T", "vector of the bond's type", "linear", which, rows,
                      shown=False)  # fmt: skip
    e = ledger.recorded("e_ij", "e_ij", "bond features", call.propagations[0].kwargs["edge_attr"],
                        "edge", ("feature",), shown=False)  # fmt: skip
    f = linear(ledger, "f", "(eW)_ij", "bond through W_e", e, module.edge_attr_emb, "W_e",
               shown=False)  # fmt: skip
    return (
        _bent(ledger, call, "t_ij", "t_ij", "the type's vector, through LeakyReLU", t),
        _bent(ledger, call, "f_ij", "f_ij", "bond as a vector, through LeakyReLU", f),
    )


def _bent(ledger: Ledger, call: LayerCall, name: str, symbol: str, label: str, x: str) -> str:
    slope: Any = call.module.negative_slope
    return ledger.derive(name, symbol, label, "leaky_relu", x, constants={"slope": slope})
