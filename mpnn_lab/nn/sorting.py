"""The readout by sorting, alike for a molecule whatever shares its batch.

This file is written so that exported code can hold it.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.nn import Aggregation


class SortAggregation(Aggregation):
    r"""The k rows with the largest last channel, end to end; zeros where there are fewer.

    (Zhang et al. 2018, An End-to-End Deep Learning Architecture for Graph Classification, AAAI.)
    The numbers of PyG's ``SortAggregation``, which leaves rows with equal last channels, as many
    are after a ReLU, to a sort that is not stable: they then depend on the rest of the batch. Here
    such rows stay in their order.

    Parameters
    ----------
    k : how many rows stay.
    """

    def __init__(self, k: int) -> None:
        super().__init__()
        self.k = k

    def forward(
        self, x: Tensor, index: Tensor | None = None, ptr: Tensor | None = None,
        dim_size: int | None = None, dim: int = -2, max_num_elements: int | None = None,
    ) -> Tensor:  # fmt: skip
        """Rows [N, F] to [groups, k F]."""
        rows, there = self.to_dense_batch(
            x, index, ptr, dim_size, dim, max_num_elements=max_num_elements
        )
        last = rows[..., -1].masked_fill(~there, -torch.inf)
        best = last.argsort(dim=1, descending=True, stable=True)[:, : self.k]
        top = rows.gather(1, best.unsqueeze(-1).expand(-1, -1, rows.shape[-1]))
        missing = max(0, self.k - top.shape[1])
        return torch.nn.functional.pad(top, (0, 0, 0, missing)).flatten(1)
