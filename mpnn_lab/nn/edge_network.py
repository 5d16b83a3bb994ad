"""The edge network of Gilmer et al. (2017): m_ij = h_j @ W(e_ij), one matrix for each bond kind."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import Parameter
from torch_geometric.nn import MessagePassing
from torch_geometric.nn.dense.linear import Linear
from torch_geometric.nn.inits import reset, zeros
from torch_geometric.typing import Adj, OptPairTensor, OptTensor, Size

from mpnn_lab.errors import InputError
from mpnn_lab.graph import bond_kinds
from mpnn_lab.nn.rowwise import is_rowwise


class EdgeNetworkConv(MessagePassing):
    r"""PyG's ``NNConv``, argument for argument and key for key, without its [E, in, out] tensor.

    .. math:: h_i' = \Theta^\top h_i + \square_{j \in N(i)} h_j \cdot nn(e_{ij})

    (Gilmer et al. 2017, "Neural Message Passing for Quantum Chemistry", arXiv:1704.01212, eq. 5.)
    Bonds have few distinct feature rows, so `nn` is asked once for each *kind* of bond and the
    messages of one kind are a single matrix product. Where that would be wrong (batch statistics
    or dropout inside `nn`, gradients asked of `edge_attr`, an `nn` that may mix rows, hooks that
    would see fewer of them, NaN, a graph written down by ``torch.export`` or ``torch.jit``) every
    edge gets its own matrix, as in PyG.

    Parameters
    ----------
    in_channels : int or (int, int)
        Width of h_j, or of (h_j, h_i) in a bipartite graph.
    out_channels : int
        Width of the messages and of the result.
    nn : torch.nn.Module
        Maps edge features [-1, D] to [-1, in_channels * out_channels]. A module of one's own
        that treats each row by itself can say so with ``rowwise = True``; otherwise it is
        called with every edge.
    aggr : str, list or Aggregation
        How messages are aggregated.
    root_weight : bool
        Whether the atom's own state is added through a matrix Theta.
    bias : bool
        Whether a bias is added.
    """

    def __init__(
        self,
        in_channels: int | tuple[int, int],
        out_channels: int,
        nn: nn.Module,
        aggr: str = "add",
        root_weight: bool = True,
        bias: bool = True,
        **kwargs: object,
    ) -> None:
        super().__init__(aggr=aggr, **kwargs)
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.nn = nn
        self.root_weight = root_weight
        if isinstance(in_channels, int):
            in_channels = (in_channels, in_channels)
        self.in_channels_l = in_channels[0]
        if root_weight:
            self.lin = Linear(
                in_channels[1], out_channels, bias=False, weight_initializer="uniform"
            )
        if bias:
            self.bias = Parameter(torch.empty(out_channels))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters anew."""
        super().reset_parameters()
        reset(self.nn)
        if self.root_weight:
            self.lin.reset_parameters()
        zeros(self.bias)

    def forward(
        self,
        x: Tensor | OptPairTensor,
        edge_index: Adj,
        edge_attr: OptTensor = None,
        size: Size = None,
        kinds: tuple[Tensor, Tensor] | None = None,
    ) -> Tensor:
        """Run the layer.

        Parameters
        ----------
        x : Tensor [N, in] or a pair ([N_j, in_j], [N_i, in_i] or None)
            States.
        edge_index : Tensor [2, E] (or a sparse adjacency)
            Row 0 sends, row 1 receives.
        edge_attr : Tensor [E, D]
            Edge features.
        size : (int, int), optional
            Numbers of senders and receivers in a bipartite graph.
        kinds : (edge_kind [E], kind_attr [K, D]), optional
            Which rows of `edge_attr` are equal, as `collate` works it out once for a batch. It
            is checked against `edge_attr` and worked out anew where it no longer fits.

        Returns
        -------
        Tensor [N_i, out]
        """
        if isinstance(x, Tensor):
            x = (x, x)
        table: OptTensor = None
        kind: OptTensor = None
        if not torch.jit.is_scripting():  # type: ignore[attr-defined]
            # TorchScript knows the long way alone.
            _check_edges(edge_index, edge_attr)
            table, kind = self._matrices(edge_attr, kinds)
        # TorchScript reads the types of what is sent from the next line.
        # propagate_type: (x: OptPairTensor, edge_attr: OptTensor, table: OptTensor, kind: OptTensor)  # noqa: E501
        out = self.propagate(
            edge_index, x=x, edge_attr=edge_attr, table=table, kind=kind, size=size
        )
        x_i = x[1]
        if x_i is not None and self.root_weight:
            out = out + self.lin(x_i)
        if self.bias is not None:
            out = out + self.bias
        result: Tensor = out
        return result

    def message(
        self,
        x_j: Tensor,
        edge_attr: Tensor,
        table: OptTensor = None,
        kind: OptTensor = None,
    ) -> Tensor:
        """m_ij = h_j @ W_ij, shape [E, out]."""
        if not torch.jit.is_scripting() and table is not None and kind is not None:  # type: ignore[attr-defined]
            return _grouped(x_j, table, kind)
        weight = self.nn(edge_attr).view(-1, self.in_channels_l, self.out_channels)
        each: Tensor = (x_j.unsqueeze(1) @ weight).squeeze(1)
        return each

    def _matrices(
        self, edge_attr: OptTensor, kinds: tuple[Tensor, Tensor] | None
    ) -> tuple[OptTensor, OptTensor]:
        """One matrix a kind [K, in, out] and each edge's kind [E]; None, None the long way."""
        if _is_being_written_down() or edge_attr is None:
            return None, None
        if edge_attr.dim() != 2 or len(edge_attr) == 0:
            return None, None
        if _is_watched(edge_attr) or not is_rowwise(self.nn):
            return None, None
        if kinds is None or not _fits(kinds, edge_attr):
            if edge_attr.isnan().any():  # equal to nothing, so of no kind
                return None, None
            kinds = bond_kinds(edge_attr)
        kind, rows = kinds
        if 2 * len(rows) > len(kind):
            return None, None
        return self.nn(rows).view(-1, self.in_channels_l, self.out_channels), kind

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.out_channels}, "
            f"aggr={self.aggr}, nn={self.nn})"
        )


def _grouped(x_j: Tensor, table: Tensor, kind: Tensor) -> Tensor:
    """Messages [E, out] of the states x_j [E, in]: one product for each kind's matrix."""
    order = kind.argsort(stable=True)
    parts = x_j.index_select(0, order).split(kind.bincount(minlength=len(table)).tolist())
    products = [rows @ matrix for rows, matrix in zip(parts, table.unbind(), strict=True)]
    return torch.cat(products).index_select(0, order.argsort())


def _check_edges(edge_index: Adj, edge_attr: OptTensor) -> None:
    if not isinstance(edge_index, Tensor) or edge_index.layout != torch.strided:
        return  # a sparse adjacency brings its own features
    if _is_being_written_down():
        return
    if edge_attr is not None and edge_index.shape[-1] != edge_attr.shape[0]:
        raise InputError(
            f"edge_attr has {len(edge_attr)} rows, edge_index {edge_index.shape[-1]} edges",
            mend="Give one row of edge_attr for each column of edge_index.",
        )


def _is_being_written_down() -> bool:
    """Whether this call becomes a graph for other edges too, whose kinds nobody knows yet."""
    # An older torch tells only that it compiles.
    exporting = getattr(torch.compiler, "is_exporting", torch.compiler.is_compiling)
    return bool(exporting() or torch.jit.is_tracing())  # type: ignore[attr-defined]


def _is_watched(edge_attr: Tensor) -> bool:
    """Whether something follows each row by itself: gradients, tangents, vmap; or no values."""
    return (
        edge_attr.requires_grad
        or edge_attr.is_meta
        or torch._C._functorch.is_functorch_wrapped_tensor(edge_attr)
        or torch.autograd.forward_ad.unpack_dual(edge_attr).tangent is not None
    )


def _fits(kinds: tuple[Tensor, Tensor], edge_attr: Tensor) -> bool:
    """Whether these kinds still describe `edge_attr`, which may have been edited or re-collated."""
    kind, rows = kinds
    if len(kind) != len(edge_attr) or rows.shape[1:] != edge_attr.shape[1:] or len(rows) == 0:
        return False
    inside = bool((kind >= 0).all()) and bool((kind < len(rows)).all())
    return inside and torch.equal(rows.index_select(0, kind), edge_attr)
