"""Messages of an edge network without its matrices: contracted over its last hidden units.

Where the network ends in a linear layer, W(e) = sum_k s_k(e) V_k + V_0 with s the H hidden units
before it, so the messages need W itself nowhere:

    per sender    h_j W(e_ij) = sum_k s_k(e_ij) (h_j V_k) + h_j V_0          keeps [N, out, H]
    per receiver  sum_j h_j W(e_ij) = sum_k (sum_j s_k(e_ij) h_j) V_k + ...  keeps [N, H, in]

Either is one product for all atoms and one small product an atom; atoms with equally many edges
share a batched product, so that nothing is padded.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_geometric.nn.dense.linear import Linear

from mpnn_lab.nn.prepared import Contraction, Ends
from mpnn_lab.nn.rowwise import has_hooks


def split_last(network: nn.Module) -> tuple[list[nn.Module], nn.Linear | Linear] | None:
    """A network's parts and the linear layer at its end; None where it has no such form.

    Parts that would not be called as themselves must have nothing that notices: no hooks, no
    `forward` of their own.
    """
    if has_hooks(network) or "forward" in vars(network):
        return None
    if type(network) is nn.Linear or type(network) is Linear:
        return [], network
    if type(network) is not nn.Sequential or len(network) == 0:
        return None
    *parts, last = network
    end = split_last(last)
    return None if end is None else ([*parts, *end[0]], end[1])


def last_layer(network: nn.Module) -> nn.Linear | Linear:
    """The linear layer at the end of a network that has one."""
    end = split_last(network)
    assert end is not None
    return end[1]


def sort_ends(index: Tensor, nodes: int) -> Ends | None:
    """Sort edges by the atom [E] at one end; None where an atom's number is not below `nodes`."""
    index = index.long()
    least, most = torch.stack(index.aminmax()).tolist()
    if least < 0 or most >= nodes:
        return None
    degree = index.bincount(minlength=nodes)
    order = (degree[index] * nodes + index).argsort(stable=True)
    counts = degree.bincount().tolist()
    present = degree.argsort(stable=True)[counts[0] :]
    sizes = degree[present]
    degrees = [d for d, count in enumerate(counts) if d and count]
    return Ends(
        order, present, order[sizes.cumsum(0) - sizes], degrees, [counts[d] for d in degrees]
    )


def hidden_units(parts: list[nn.Module], edge_attr: Tensor, order: Tensor) -> Tensor:
    """What the last layer is given, [E, H], in this order: sorted first, where rows are short."""
    hidden = edge_attr.index_select(0, order)
    for part in parts:
        hidden = part(hidden)
    return hidden


@torch.compiler.disable  # type: ignore[untyped-decorator]  # its shapes are the data's
def send(x_j: Tensor, contraction: Contraction, last: nn.Linear | Linear) -> Tensor:
    """Messages [E, out] of the senders' states x_j [E, in], contracted per sender."""
    hidden, ends, _ = contraction
    inputs, units = x_j.shape[1], hidden.shape[1]
    states = x_j.index_select(0, ends.first)
    # The weights lie as [in, out, H]: read like this, they are not copied.
    by_unit = (states @ last.weight.reshape(inputs, -1)).unflatten(1, (-1, units))
    alone = None if last.bias is None else states @ last.bias.view(inputs, -1)
    messages = []
    for s, v, v_0 in zip(
        _by_degree(hidden, ends, per_edge=True),
        _by_degree(by_unit, ends),
        [None] * len(ends.counts) if alone is None else _by_degree(alone, ends),
        strict=True,
    ):
        product = s @ v.mT if v_0 is None else torch.baddbmm(v_0.unsqueeze(1), s, v.mT)
        messages.append(product.flatten(0, 1))
    return _together(messages).index_select(0, ends.order.argsort())


@torch.compiler.disable  # type: ignore[untyped-decorator]  # its shapes are the data's
def receive(
    x: Tensor, contraction: Contraction, last: nn.Linear | Linear, nodes: int, mean: bool
) -> Tensor:
    """What `nodes` receivers hear [nodes, out] of senders in the states x [N, in], summed or mean.

    The messages themselves are nowhere.
    """
    hidden, ends, senders = contraction
    assert senders is not None
    states = x.index_select(0, senders)
    inputs, units = x.shape[1], hidden.shape[1]
    by_unit, alone = [], []
    for s, h in zip(
        _by_degree(hidden, ends, per_edge=True),
        _by_degree(states, ends, per_edge=True),
        strict=True,
    ):
        by_unit.append((s.mT @ h).flatten(1))
        alone.append(h.sum(1))
    heard = _together(by_unit) @ last.weight.t().reshape(units * inputs, -1)
    if last.bias is not None:
        heard = heard + _together(alone) @ last.bias.view(inputs, -1)
    if mean:
        each = torch.tensor(ends.degrees).repeat_interleave(torch.tensor(ends.counts))
        heard = heard / each.to(heard).unsqueeze(1)
    return heard.new_zeros(nodes, heard.shape[1]).index_copy(0, ends.nodes, heard)


def _by_degree(rows: Tensor, ends: Ends, *, per_edge: bool = False) -> list[Tensor]:
    """Rows [n, ...] of sorted atoms, or [E, C] of their edges as [count, degree, C], by degree."""
    if not per_edge:
        return list(rows.split(ends.counts)) if len(ends.counts) > 1 else [rows]
    sizes = [d * count for d, count in zip(ends.degrees, ends.counts, strict=True)]
    return [
        part.unflatten(0, (count, d))
        for part, d, count in zip(rows.split(sizes), ends.degrees, ends.counts, strict=True)
    ]


def _together(parts: list[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(parts)
