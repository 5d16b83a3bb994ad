"""Readouts that share the atoms out among clusters first: memory and dense poolings.

This file and those it imports of this package are written so that exported code can hold them.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu
from torch_geometric.nn import DMoNPooling, MemPooling, dense_diff_pool, dense_mincut_pool
from torch_geometric.nn.aggr import Aggregation
from torch_geometric.utils import to_dense_adj, to_dense_batch

Pooled = tuple[Tensor, Tensor, Tensor, Tensor]
"""States of the clusters [B, K, F], what joins them [B, K, K], shares [B, N, K], a loss."""


class ClusterReadout(Aggregation):
    """What these readouts have in common.

    Attributes
    ----------
    aux_loss : what the paper adds to the loss, after a pass in training; 0 after one in eval mode.
    """

    def __init__(self) -> None:
        super().__init__()
        self.aux_loss: Tensor | float = 0.0
        self.assigned = nn.Identity()
        """Is passed each atom's shares of the clusters, [N, K], for whoever listens."""

    def _keep(self, shares: Tensor, mask: Tensor, loss: Tensor) -> None:
        self.assigned(shares[mask])
        self.aux_loss = loss if self.training else 0.0


class MemReadout(ClusterReadout):
    """Two memory layers: the atoms to K clusters, these to one (Khasahmadi et al. 2020).

    arXiv:2002.09518. Between the two a leaky ReLU, as in PyG's example; `aux_loss` is the
    divergence of the clusters from a sharper version of themselves.

    Parameters
    ----------
    width : channels of the states and of the result.
    clusters, heads : K, and how many sets of keys each layer has.
    """

    def __init__(self, width: int, clusters: int, heads: int) -> None:
        super().__init__()
        self.first = MemPooling(width, width, heads, clusters)
        self.last = MemPooling(width, width, heads, 1)

    def forward(
        self, x: Tensor, index: Tensor | None = None, ptr: Tensor | None = None,
        dim_size: int | None = None, dim: int = -2, edge_index: Tensor | None = None,
    ) -> Tensor:  # fmt: skip
        """States [N, F] to [graphs, F]."""
        dense, mask = to_dense_batch(x, index, batch_size=dim_size)
        clusters, shares = self.first(dense, mask=mask)
        self._keep(shares, mask, MemPooling.kl_loss(shares) if self.training else shares.sum())
        out: Tensor = self.last(leaky_relu(clusters))[0].squeeze(1)
        return out


class DenseReadout(ClusterReadout):
    """Atoms to K clusters that stay a graph, one dense layer over it, the mean of the clusters.

    Parameters
    ----------
    pool : states [B, N, F], bonds [B, N, N] and which rows are atoms [B, N] to `Pooled`.
    conv : the dense layer over the clusters' graph, followed by a ReLU.
    """

    def __init__(self, pool: nn.Module, conv: nn.Module) -> None:
        super().__init__()
        self.pool = pool
        self.conv = conv

    def forward(
        self, x: Tensor, index: Tensor | None = None, ptr: Tensor | None = None,
        dim_size: int | None = None, dim: int = -2, edge_index: Tensor | None = None,
    ) -> Tensor:  # fmt: skip
        """States [N, F] and edges [2, E] to [graphs, F]."""
        assert edge_index is not None
        dense, mask = to_dense_batch(x, index, batch_size=dim_size)
        nodes = dense.shape[1]
        adj = to_dense_adj(edge_index, index, max_num_nodes=nodes, batch_size=dim_size).to(x.dtype)
        clusters, joined, shares, loss = self._pooled(dense, adj, mask)
        self._keep(shares, mask, loss)
        out: Tensor = self.conv(clusters, joined).relu().mean(1)
        return out

    def _pooled(self, x: Tensor, adj: Tensor, mask: Tensor) -> Pooled:
        """Molecules without a bond by themselves: what joins their clusters is nothing.

        (PyG divides by the number of bonds, and by the root of what joins a cluster.)
        """
        bonded = adj.flatten(1).any(1)
        if bool(bonded.all()):
            given: Pooled = self.pool(x, adj, mask)
            return given
        alone, _, some, _ = self.pool(x[~bonded], adj[~bonded], mask[~bonded])
        clusters = x.new_zeros(len(x), *alone.shape[1:])
        shares = x.new_zeros(len(x), *some.shape[1:])
        joined, loss = x.new_zeros(len(x), alone.shape[1], alone.shape[1]), x.new_zeros(())
        clusters[~bonded], shares[~bonded] = alone, some
        if bool(bonded.any()):
            parts: Pooled = self.pool(x[bonded], adj[bonded], mask[bonded])
            clusters[bonded], joined[bonded], shares[bonded], loss = parts
        return clusters, joined, shares, loss


class DiffPool(nn.Module):
    """One dense layer for the states, one for the shares (Ying et al. 2018, arXiv:1806.08804).

    The loss is that of the links and of the entropy of the shares.
    """

    def __init__(self, embed: nn.Module, share: nn.Module) -> None:
        super().__init__()
        self.embed = embed
        self.share = share

    def forward(self, x: Tensor, adj: Tensor, mask: Tensor) -> Pooled:
        """States [B, N, F], bonds [B, N, N], atoms [B, N] to the clusters'."""
        logits = self.share(x, adj, mask)
        states = self.embed(x, adj, mask).relu()
        out, joined, link, entropy = dense_diff_pool(states, adj, logits, mask)
        return out, joined, _shares(logits, mask), link + entropy


class MinCutPool(nn.Module):
    """Shares by a linear layer (Bianchi et al. 2020, arXiv:1907.00481).

    The loss is that of the cut and of clusters that are not orthogonal.
    """

    def __init__(self, share: nn.Module) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor, adj: Tensor, mask: Tensor) -> Pooled:
        """States [B, N, F], bonds [B, N, N], atoms [B, N] to the clusters'."""
        logits = self.share(x)
        out, joined, cut, ortho = dense_mincut_pool(x, adj, logits, mask)
        return out, joined, _shares(logits, mask), cut + ortho


class DMoNPool(nn.Module):
    """Clusters of high modularity (Tsitsulin et al. 2020, arXiv:2006.16904).

    The loss is that of the modularity, of clusters that are not orthogonal and of their sizes.
    """

    def __init__(self, module: DMoNPooling) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: Tensor, adj: Tensor, mask: Tensor) -> Pooled:
        """States [B, N, F], bonds [B, N, N], atoms [B, N] to the clusters'."""
        shares, out, joined, *losses = self.module(x, adj, mask)
        return out, joined, shares, torch.stack(losses).sum()


def _shares(logits: Tensor, mask: Tensor) -> Tensor:
    return logits.softmax(-1) * mask.unsqueeze(-1)


Dense = Callable[[int, int], nn.Module]
"""Channels in and out -> a dense layer."""
