"""Aggregations that lay each group's rows side by side, groups of one size at a time.

This file and those it imports of this package are written so that exported code can hold them.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.nn.aggr import Aggregation


class BySize(Aggregation):
    """Another aggregation, given the groups of each size by themselves, their rows in order.

    PyG's lay groups out side by side and pad the shorter ones with zeros: an LSTM then goes on
    over the padding, so that what an atom hears would depend on the largest group of the batch.
    They also want rows sorted by group, which messages are not. A group without rows gives zeros.

    Parameters
    ----------
    inner : the aggregation; as wide as its input.
    alone : whether every group is given by itself: PyG's equilibrium aggregation shares its steps
        out among all groups of a call.
    """

    def __init__(self, inner: Aggregation, alone: bool = False) -> None:
        super().__init__()
        self.inner = inner
        self.alone = alone

    def forward(
        self, x: Tensor, index: Tensor | None = None, ptr: Tensor | None = None,
        dim_size: int | None = None, dim: int = -2,
    ) -> Tensor:  # fmt: skip
        """Rows [M, F] and the group of each to [groups, F]; rows of a group keep their order."""
        if index is None:
            index = x.new_zeros(len(x), dtype=torch.long)
        groups = int(index.max()) + 1 if dim_size is None else dim_size
        count = index.bincount(minlength=groups)
        index, order = index.sort(stable=True)
        rows = x[order]
        out = x.new_zeros(groups, x.shape[1])
        # One call for each size, or for each group.
        call = torch.arange(1, groups + 1, device=x.device) * (count > 0) if self.alone else count
        for number in call.unique().tolist():
            if number:
                own = call == number
                place = own.cumsum(0) - 1
                here = own[index]
                part = self.inner(rows[here], place[index[here]], dim_size=int(own.sum()))
                out = out.index_put((own,), part.to(out.dtype))  # autocast makes it coarser
        return out
