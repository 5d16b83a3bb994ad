"""Layers over families of elements and types of bonds: HGT, HAN and HeteroConv."""

from __future__ import annotations

from typing import Any

import torch

from mpnn_lab.nn.by_type import ATOM, Enclosing, FamilyHGT, relation
from mpnn_lab.nn.reading import FAMILIES
from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.gat import scaled
from mpnn_lab.tracing.forms.gatv2 import HEADS
from mpnn_lab.tracing.forms.parts import aggregate_at, gather, linear, numbered
from mpnn_lab.tracing.ledger import Ledger


def hetero(ledger: Ledger, call: LayerCall) -> str:
    """h_i' = Σ_r (mean_j h_j) W_r: what comes along each triple's edges, through its matrix."""
    module: Any = call.module
    terms = []
    for place, (triple, record) in enumerate(zip(_triples(call), call.propagations, strict=True)):
        inside = module.conv.convs[triple]
        with ledger.on(call.grounds[place]):
            h_j = gather(ledger, call.state, place)
            with ledger.step("message", place):
                m_ij = ledger.derive(numbered("message", place), "m_ij", "message", "add", h_j,
                                     recorded=record.messages)  # fmt: skip
            heard = aggregate_at(ledger, inside, m_ij, record.aggregated, place)
        with ledger.step("update"):
            words = f"heard, through the matrix of {', '.join(triple)}"
            terms.append(linear(ledger, numbered("heard", place), "(aW_r)_i", words, heard,
                                inside.lin_l, "W_r"))  # fmt: skip
    with ledger.step("update"):
        return _layer(ledger, call, terms)


def hgt(ledger: Ledger, call: LayerCall) -> str:
    """Attention of queries to keys by family and triple, Hu et al. 2020, eq. 3 to 5."""
    module: Any = call.module
    layer, record = module.conv, call.propagations[0]
    with ledger.step("gather", 0):
        k, q, v = (_projected(ledger, call, part) for part in range(3))
        k_j = ledger.derive("k_j", "k_j", "neighbour's key", "source", k)
        v_j = ledger.derive("v_j", "v_j", "neighbour's value", "source", v)
    with ledger.step("attention", 0):
        q_i = _heads(ledger, "q_i", "q_i", ledger.derive("q_i flat", "q_i", "atom's query",
                     "target", q, shown=False), layer.heads)  # fmt: skip
        key = _heads(ledger, "k_ij", "k_ij", _related(ledger, call, "k_ij flat", "k_ij", k_j,
                     layer.k_rel, "A"), layer.heads)  # fmt: skip
        dots = ledger.derive("q·k", "q_i·k_ij", "query times key", "dot", q_i, key, axes=("head",))
        prior = ledger.recorded("prior", "p_ij", "the triple's weight", record.kwargs["edge_attr"],
                                "edge", ("head",), shown=False)  # fmt: skip
        weighed = ledger.derive("p·q·k", "p q·k", "times the triple's weight", "multiply", dots,
                                prior, shown=False)  # fmt: skip
        logit = scaled(ledger, "logit", "l_ij", weighed, layer.out_channels // layer.heads)
        alpha = ledger.derive("alpha", "α_ij", "share of the attention", "softmax_incoming", logit)
        ledger.weighs(alpha)
    with ledger.step("message", 0):
        value = _heads(ledger, "v_ij", "v_ij", _related(ledger, call, "v_ij flat", "v_ij", v_j,
                       layer.v_rel, "M"), layer.heads)  # fmt: skip
        m_ij = _flattened(ledger, alpha, value, 0, record.messages)
    heard = aggregate_at(ledger, layer, m_ij, record.aggregated, 0)
    with ledger.step("update"):
        return _skipped(ledger, call, heard)


def han(ledger: Ledger, call: LayerCall) -> str:
    """Attention along each metapath, and to the metapaths: Wang et al. 2019, eq. 2 to 9."""
    module: Any = call.module
    layer, several = module.conv, len(call.propagations)
    if not several:
        with ledger.step("update"):
            return _layer(ledger, call, [])
    with ledger.step("gather", 0):
        z = _heads(ledger, "z", "z_i", linear(ledger, "z flat", "z_i", "state through W",
                   call.state, layer.proj[ATOM], "W"), layer.heads)  # fmt: skip
    terms = [_metapath(ledger, call, z, place, int(r)) for place, r in enumerate(_metapaths(call))]
    if ledger.ground.graphs > 1:
        with ledger.step("update"):
            ledger.cannot_check("layer", "each molecule weighs its own metapaths")
            return ledger.derive("layer", "c_i", "what the layer gives", "opaque", *terms,
                                 recorded=call.output, axes=("channel",))  # fmt: skip
    with ledger.step("update"):
        scores = [_score(ledger, layer, term, place) for place, term in enumerate(terms)]
        side = ledger.derive("scores", "w_r", "all metapaths", "concatenate", *scores, shown=False)
        beta = ledger.derive("beta", "β_r", "shares of the metapaths", "softmax_channels", side)
        parts = []
        for place, term in enumerate(terms):
            own = ledger.derive(numbered("share", place), "β_r", "share of this metapath",
                                "channels", beta, shown=False,
                                constants={"start": place, "stop": place + 1})  # fmt: skip
            here = ledger.derive(numbered("share of atom", place), "β_r", "the same, for each atom",
                                 "of_graph", own, shown=False)  # fmt: skip
            parts.append(ledger.derive(numbered("by share", place), "β_r o^r_i", "metapath by its "
                                       "share", "multiply", here, term))  # fmt: skip
        return _layer(ledger, call, parts)


def _metapath(ledger: Ledger, call: LayerCall, z: str, place: int, number: int) -> str:
    """ReLU of what the atoms hear along the bonds of one type."""
    module: Any = call.module
    layer, record = module.conv, call.propagations[place]
    name = "__".join((ATOM, relation(number), ATOM))
    with ledger.on(call.grounds[place]):
        with ledger.step("gather", place):
            z_j = ledger.derive(numbered("z_j", place), "z_j", "neighbour through W", "source", z)
        with ledger.step("attention", place):
            z_i = ledger.derive(numbered("z_i", place), "z_i", "atom through W", "target", z)
            ends = [
                ledger.derive(numbered(key, place), key, words, "dot", end,
                              ledger.weight(numbered(f"{key} weight", place), letter,
                                            "attention vector", vector[name][0], HEADS),
                              axes=("head",))
                for key, words, end, vector, letter in (
                    ("l_j", "neighbour's part of the logit", z_j, layer.lin_src, "a_r"),
                    ("l_i", "atom's part of the logit", z_i, layer.lin_dst, "c_r"),
                )
            ]  # fmt: skip
            both = ledger.derive(numbered("s", place), "s_ij", "their sum", "add", *ends)
            logit = ledger.derive(numbered("logit", place), "l_ij", "attention logit, through "
                                  "LeakyReLU", "leaky_relu", both,
                                  constants={"slope": layer.negative_slope})  # fmt: skip
            alpha = ledger.derive(numbered("alpha", place), "α_ij", "share of the attention",
                                  "softmax_incoming", logit)  # fmt: skip
            ledger.weighs(alpha, place)
        with ledger.step("message", place):
            m_ij = _flattened(ledger, alpha, z_j, place, record.messages)
        heard = aggregate_at(ledger, layer, m_ij, record.aggregated, place)
    with ledger.step("update"):
        return ledger.derive(numbered("heard", place), "o^r_i", "heard, through ReLU", "relu",
                             heard)  # fmt: skip


def _score(ledger: Ledger, layer: Any, heard: str, place: int) -> str:
    """The product of q and mean_i tanh(o_i K + k), one number for the molecule."""
    inside = linear(ledger, numbered("u", place), "u_i", "heard, through K", heard, layer.k_lin,
                    "K", shown=False)  # fmt: skip
    bent = ledger.derive(numbered("tanh", place), "tanh(u)_i", "through tanh", "tanh", inside,
                         shown=False)  # fmt: skip
    mean = ledger.derive(numbered("mean", place), "ū", "mean over the molecule", "mean_nodes", bent,
                         shown=False)  # fmt: skip
    q = ledger.weight(numbered("q", place), "q", "what is asked", layer.q.T, ("in", "out"))
    return ledger.derive(numbered("path score", place), "w_r", "score of this metapath", "linear",
                         mean, q)  # fmt: skip


def _projected(ledger: Ledger, call: LayerCall, part: int) -> str:
    """Keys, queries or values: each atom's state through its family's matrix."""
    module: Any = call.module
    width, letter = module.conv.out_channels, "KQV"[part]
    rows = slice(part * width, (part + 1) * width)
    made: dict[int, tuple[Any, Any]] = {}
    for t in call.given["family"].unique().tolist():
        lin = module.conv.kqv_lin.lins[FAMILIES[t]]
        made[t] = lin.weight[rows].T, lin.bias[rows]
    return _by_family(ledger, call, letter, call.state, made)


def _by_family(
    ledger: Ledger, call: LayerCall, letter: str, state: str, made: dict[int, tuple[Any, Any]]
) -> str:
    """Of all families' products, for each atom that of its own."""
    terms = []
    for t, (weight, bias) in made.items():
        words, key = f"through {letter} of the {FAMILIES[t]} family", f"{letter} {FAMILIES[t]}"
        w = ledger.weight(f"{key} weight", f"{letter}_τ", "weights", weight, ("in", "out"))
        b = ledger.weight(f"{key} bias", "b", "bias", bias, ("channel",))
        product = ledger.derive(key, f"h {letter}_τ", words, "linear", state, w, b, shown=False)
        terms.append(ledger.derive(f"{key} there", f"h {letter}_τ", f"{words}, where it is that",
                                   "multiply", _is_family(ledger, call, t), product,
                                   shown=False))  # fmt: skip
    return ledger.derive(letter, f"{letter}_i", f"through the family's {letter}", "add", *terms)


def _is_family(ledger: Ledger, call: LayerCall, t: int) -> str:
    """One for the atoms of family t."""
    name = f"of family {t}"
    known = ledger.get(f"{ledger.prefix}/{name}")
    if known is not None:
        return known.name
    return ledger.recorded(name, f"1_{t}", f"one for atoms of the {FAMILIES[t]} family",
                           call.given["family"] == t, "node", (), shown=False)  # fmt: skip


def _related(
    ledger: Ledger, call: LayerCall, name: str, symbol: str, x: str, part: Any, letter: str
) -> str:
    """Each edge's row through the matrix of its triple, all heads as one matrix of blocks."""
    module: Any = call.module
    layer, number = module.conv, _numbers(call)
    terms = []
    for r in number.unique().tolist():
        blocks = part.weight[r :: len(layer.edge_types)]
        words, key = ", ".join(layer.edge_types[r]), f"{name} {r}"
        weight = ledger.weight(f"{key} weight", f"{letter}_r", f"matrix of {words}",
                               torch.block_diag(*blocks), ("in", "out"))  # fmt: skip
        product = ledger.derive(key, symbol, f"through the matrix of {words}", "linear", x, weight,
                                shown=False)  # fmt: skip
        here = ledger.recorded(f"{key} here", "1_r", f"one for edges of {words}", number == r,
                               "edge", (), shown=False)  # fmt: skip
        terms.append(ledger.derive(f"{key} there", symbol, f"the same, on edges of {words}",
                                   "multiply", here, product, shown=False))  # fmt: skip
    if not terms:
        terms = [x]
    return ledger.derive(name, symbol, "through the triple's matrix", "add", *terms, shown=False)


def _numbers(call: LayerCall) -> Any:
    """The triple of each edge of HGT's propagation, in its order: sorted by triple."""
    module: Any = call.module
    sender, receiver = call.given["family"][call.given["edge_index"]]
    kinds = sender * module.relations + call.given["edge_type"]
    return (kinds * len(FAMILIES) + receiver).sort().values


def _skipped(ledger: Ledger, call: LayerCall, heard: str) -> str:
    """GELU, the family's matrix, and the family's share of the state before."""
    module: Any = call.module
    layer = module.conv
    bent = ledger.derive("gelu", "GELU(a)_i", "heard, through GELU", "gelu", heard)
    used = call.given["family"].unique().tolist()
    made = {t: layer.out_lin.lins[FAMILIES[t]] for t in used}
    out = _by_family(ledger, call, "W", bent, {t: (p.weight.T, p.bias) for t, p in made.items()})
    if ledger.rows(call.state).shape[1] != layer.out_channels:
        return _layer(ledger, call, [out])
    skip = {t: layer.skip[FAMILIES[t]].sigmoid() for t in used}
    heard = _share(ledger, call, "s_τ", "what was heard", skip, out)
    own = _share(ledger, call, "1 − s_τ", "the state before", {t: 1 - s for t, s in skip.items()},
                 call.state)  # fmt: skip
    return _layer(ledger, call, [heard, own])


def _share(
    ledger: Ledger, call: LayerCall, symbol: str, what: str, shares: dict[int, Any], x: str
) -> str:
    """What x is, times the share of each atom's family."""
    terms = [
        ledger.derive(f"{what} {t}", symbol, f"share of {what}, {FAMILIES[t]} family", "multiply",
                      _is_family(ledger, call, t),
                      ledger.weight(f"{what} weight {t}", symbol, f"share of {what}", share, ("",)),
                      axes=(), shown=False)
        for t, share in shares.items()
    ]  # fmt: skip
    share = ledger.derive(f"share of {what}", symbol, f"share of {what}", "add", *terms, axes=())
    return ledger.derive(f"{what} by its share", f"({symbol}) x", f"{what}, by its share",
                         "multiply", share, x)  # fmt: skip


def _flattened(ledger: Ledger, alpha: str, value: str, place: int, recorded: Any) -> str:
    """α_ij times what is sent, head by head, and the heads side by side."""
    heads = ledger.derive(numbered("message heads", place), "m_ij", "message, head by head",
                          "multiply", alpha, value, axes=HEADS, shown=False)  # fmt: skip
    return ledger.derive(numbered("message", place), "m_ij", "message", "flatten", heads,
                         axes=("channel",), recorded=recorded)  # fmt: skip


def _heads(ledger: Ledger, name: str, symbol: str, flat: str, heads: int) -> str:
    return ledger.derive(name, symbol, "head by head", "split_heads", flat, axes=HEADS,
                         constants={"heads": heads}, shown=False)  # fmt: skip


def _layer(ledger: Ledger, call: LayerCall, terms: list[str]) -> str:
    """The sum of these terms; zeros where there are none, as nothing was heard."""
    if not terms:
        terms = [ledger.recorded("nothing", "0", "nothing was heard", torch.zeros_like(call.output),
                                 "node", shown=False)]  # fmt: skip
    return ledger.derive("layer", "c_i", "what the layer gives", "add", *terms,
                         recorded=call.output)  # fmt: skip


def _triples(call: LayerCall) -> list[tuple[str, str, str]]:
    """The triple of each propagation of HeteroConv."""
    return [(FAMILIES[b.family], relation(b.relation), FAMILIES[b.to]) for b in _behind(call)]


def _metapaths(call: LayerCall) -> list[int]:
    """The type of bond of each propagation of HANConv."""
    return list(dict.fromkeys(b.relation for b in _behind(call)))


def _behind(call: LayerCall) -> Any:
    module: Any = call.module
    assert isinstance(module, Enclosing)
    assert not isinstance(module, FamilyHGT)
    return module.behind(**call.given)
