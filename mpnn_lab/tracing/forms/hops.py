"""Layers that propagate several times along the same edges: SG, SSG, TAG, APPNP, Cheb, MixHop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch_geometric import nn as pyg
from torch_geometric.utils import get_laplacian, remove_self_loops

from mpnn_lab.tracing.forms.arma import arma
from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.gcn import NOT_THE_GIVEN, degree_factor
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.parts import layer_output, linear
from mpnn_lab.tracing.forms.weighted import hear, times
from mpnn_lab.tracing.ledger import Ledger


def _hops(ledger: Ledger, call: LayerCall) -> list[str]:
    """h, Ĉh, Ĉ²h, ...: what each atom has before each propagation, and after the last one."""
    factor = degree_factor(ledger, call)
    states = [call.state]
    for place in range(len(call.propagations)):
        states.append(hear(ledger, call, states[-1], factor, place=place))
    return states


def _sg(ledger: Ledger, call: LayerCall) -> str:
    """SGConv: h_i' = (Ĉ^K h)_i W, Wu et al. 2019."""
    module: Any = call.module
    last = _hops(ledger, call)[-1]
    with ledger.step("update"):
        return linear(
            ledger, "layer", "c_i", "what the layer gives", last, module.lin, "W", call.output
        )


def _ssg(ledger: Ledger, call: LayerCall) -> str:
    """SSGConv: h_i' = (α h_i + (1 − α)/K Σ_k (Ĉ^k h)_i) W, Zhu and Koniusz 2021."""
    module: Any = call.module
    own, *heard = _hops(ledger, call)
    with ledger.step("update"):
        share = (1 - module.alpha) / module.K
        terms = [times(ledger, "own", "αh_i", "own state, in part", own, module.alpha, "α")]
        for k, total in enumerate(heard, 1):
            label = f"what was heard in {k}, in part"
            terms.append(times(ledger, f"heard {k}", f"a^{k}_i", label, total, share, "(1−α)/K"))
        mixed = ledger.derive("mixed", "s_i", "all together", "add", *terms)
        return linear(
            ledger, "layer", "c_i", "what the layer gives", mixed, module.lin, "W", call.output
        )


def _tag(ledger: Ledger, call: LayerCall) -> str:
    """TAGConv: h_i' = Σ_k (Ĉ^k h)_i W_k + b, Du et al. 2017."""
    module: Any = call.module
    states = _hops(ledger, call)
    with ledger.step("update"):
        return layer_output(ledger, module, _through(ledger, module, states), call.output)


def _through(ledger: Ledger, module: Any, states: list[str]) -> list[str]:
    """Each of these states through the matrix of its own."""
    return [
        linear(
            ledger, f"hop {k}", f"(x^{k}W_{k})_i", f"{_steps(k)}, through W_{k}", x, lin, f"W_{k}"
        )
        for k, (x, lin) in enumerate(zip(states, module.lins, strict=True))
    ]


def _steps(k: int) -> str:
    return "own state" if k == 0 else f"what came in {k} step{'s' if k > 1 else ''}"


def _appnp(ledger: Ledger, call: LayerCall) -> str:
    """APPNP: K times z ← (1 − α) Ĉz + α h, Gasteiger et al. 2019."""
    module: Any = call.module
    factor = degree_factor(ledger, call)
    with ledger.step("gather", 0):
        own = times(ledger, "own", "αh_i", "own state, in part", call.state, module.alpha, "α")
    state, last = call.state, len(call.propagations)
    for k in range(1, last + 1):
        total = hear(ledger, call, state, factor, place=k - 1)
        # What the next propagation sends belongs to it; the last one is what the layer gives.
        with ledger.step("gather", k) if k < last else ledger.step("update"):
            heard = times(
                ledger, f"heard {k}", "(1−α)a_i", "what was heard, in part", total,
                1 - module.alpha, "1−α",
            )  # fmt: skip
            if k < last:
                label = f"state after {k} step{'s' if k > 1 else ''}"
                state = ledger.derive(f"hop {k}", f"z^{k}_i", label, "add", heard, own)
            else:
                state = ledger.derive(
                    "layer", "c_i", "what the layer gives", "add", heard, own,
                    recorded=call.output,
                )  # fmt: skip
    return state


def _cheb(ledger: Ledger, call: LayerCall) -> str:
    """ChebConv: h_i' = Σ_k Z_k W_k, Z_k = 2 L̂ Z_{k−1} − Z_{k−2}, Defferrard et al. 2016."""
    module: Any = call.module
    if module.flow != "source_to_target":
        return generic(ledger, call)
    factor = _laplacian(ledger, call)
    states = [call.state, hear(ledger, call, call.state, factor)]
    last = len(call.propagations) - 1
    for k in range(1, last + 1):
        total = hear(ledger, call, states[-1], factor, place=k)
        with ledger.step("gather", k + 1) if k < last else ledger.step("update"):
            twice = times(ledger, f"twice {k + 1}", "2a_i", "twice it", total, 2, "2", shown=False)
            less = times(
                ledger, f"less {k + 1}", f"−Z_{k - 1}", "less the last but one", states[-2], -1,
                "−1", shown=False,
            )  # fmt: skip
            label = f"Chebyshev's polynomial {k + 1}"
            states.append(ledger.derive(f"Z {k + 1}", f"Z_{k + 1}", label, "add", twice, less))
    with ledger.step("update"):
        return layer_output(ledger, module, _through(ledger, module, states), call.output)


def _laplacian(ledger: Ledger, call: LayerCall) -> str:
    """c_ij = 2 L_ij / λ − [i = j], with L = I − D^-½ A D^-½, I − D⁻¹ A or D − A."""
    module: Any = call.module
    record = call.propagations[0]
    recorded = record.kwargs["norm"]
    weights, loops, why = _bare(call)
    stretch = _stretch(call)
    with ledger.step("gather", 0):
        if why or not stretch.isfinite().all():
            ledger.cannot_check("c_ij", why or "its largest eigenvalue is 0")
            return ledger.recorded("c_ij", "c_ij", "Laplacian, stretched", recorded, "edge", ())

        def held(name: str, symbol: str, label: str, values: Tensor) -> str:
            return ledger.recorded(name, symbol, label, values, "edge", (), shown=False)

        def made(name: str, symbol: str, label: str, op: Any, *args: str, **more: Any) -> str:
            return ledger.derive(name, symbol, label, op, *args, shown=False, **more)

        w = held("w_ij", "w_ij", "edge weight", weights)
        same = held("same", "[i=j]", "one for loops", loops)
        minus = held("minus", "−1", "minus one", -torch.ones_like(weights))
        t = held("stretch", "2/λ", "two over the largest eigenvalue", stretch)
        d = made("degree", "d", "degree", "sum_incoming", w)
        near, diagonal = w, same
        if module.normalization is None:
            d_i = made("d_i", "d_i", "of the atom", "target", d)
            diagonal = made("diagonal", "d_i[i=j]", "degrees for loops", "multiply", same, d_i)
        elif module.normalization == "sym":
            s = made("s", "d^-½", "one over its root", "power", d, constants={"exponent": -0.5})
            s_j = made("s_j", "d_j^-½", "of the neighbour", "source", s)
            s_i = made("s_i", "d_i^-½", "of the atom", "target", s)
            near = made("near", "w_ij/√(d_i d_j)", "degree factor", "multiply", s_j, w, s_i)
        else:
            s = made("s", "1/d", "one over it", "power", d, constants={"exponent": -1.0})
            s_j = made("s_j", "1/d_j", "of the neighbour", "source", s)
            near = made("near", "w_ij/d_j", "degree factor", "multiply", s_j, w)
        less = made("less", "−w_ij", "to be taken away", "multiply", minus, near)
        whole = made("laplacian", "L_ij", "Laplacian", "add", diagonal, less)
        wide = made("wide", "2L_ij/λ", "stretched", "multiply", t, whole)
        shift = made("shift", "−[i=j]", "and shifted", "multiply", minus, same)
        label = "Laplacian, stretched"
        return ledger.derive("c_ij", "c_ij", label, "add", wide, shift, recorded=recorded)


def _bare(call: LayerCall) -> tuple[Tensor, Tensor, str]:
    """[M] weights, 0 for loops; [M] loops as ones; why these are not what PyG took, if so."""
    nodes, record = len(call.output), call.propagations[0]
    edges, weights = remove_self_loops(call.given["edge_index"], call.given.get("edge_weight"))
    ones = record.kwargs["norm"].new_ones
    weights = ones(edges.shape[1]) if weights is None else weights
    each = torch.arange(nodes, device=edges.device).expand(2, nodes)
    if not torch.equal(torch.cat([edges, each], 1), record.edge_index):
        return weights, weights, NOT_THE_GIVEN
    out, into = (ones(nodes).double() * 0 for _ in range(2))
    out.index_add_(0, edges[0], weights.double())
    into.index_add_(0, edges[1], weights.double())
    why = "" if torch.allclose(out, into) else "degrees here count what goes out, not in"
    whole = torch.cat([weights, 0 * ones(nodes)])
    return whole, torch.cat([0 * ones(edges.shape[1]), ones(nodes)]), why


def _stretch(call: LayerCall) -> Tensor:
    """2 / λ for every edge: λ as given, else by PyG's bound, twice the largest entry of L."""
    module: Any = call.module
    given, record = call.given, call.propagations[0]
    norm, top = record.kwargs["norm"], given.get("lambda_max")
    if top is None:
        entries = get_laplacian(
            given["edge_index"], given.get("edge_weight"), module.normalization, norm.dtype,
            len(call.output),
        )[1]  # fmt: skip
        top = 2 * entries.max()
    top = torch.as_tensor(top, dtype=norm.dtype, device=norm.device)
    if top.numel() > 1:
        top = top[given["batch"][record.edge_index[0]]]
    return (2 / top).reshape(-1).expand(len(norm))


def _mix_hop(ledger: Ledger, call: LayerCall) -> str:
    """MixHopConv: h_i' = [(Ĉ^p h)_i W_p for the powers p] + b, Abu-El-Haija et al. 2019."""
    module: Any = call.module
    states = _hops(ledger, call)
    with ledger.step("update"):
        parts = {
            p: linear(
                ledger, f"hop {p}", f"(x^{p}W_{p})_i", f"{_steps(p)}, through W_{p}", states[p],
                module.lins[p], f"W_{p}",
            )
            for p in sorted(set(module.powers))
        }  # fmt: skip
        side = ledger.derive(
            "side by side", "s_i", "all side by side", "concatenate",
            *(parts[p] for p in module.powers),
        )  # fmt: skip
        return layer_output(ledger, module, [side], call.output)


SEVERAL: dict[type, Callable[..., str]] = {
    pyg.SGConv: _sg,
    pyg.SSGConv: _ssg,
    pyg.TAGConv: _tag,
    pyg.APPNP: _appnp,
    pyg.ChebConv: _cheb,
    pyg.MixHopConv: _mix_hop,
    pyg.ARMAConv: arma,
}
"""Forms that take as many propagations as the layer makes."""
