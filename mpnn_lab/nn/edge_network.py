"""The edge network of Gilmer et al. (2017): m_ij = h_j @ W(e_ij), the cheapest exact way."""

from __future__ import annotations

from typing import Any, Optional

import torch
from torch import Tensor, nn
from torch.nn import Parameter
from torch_geometric.nn import MessagePassing
from torch_geometric.nn.aggr import MeanAggregation
from torch_geometric.nn.dense.linear import Linear
from torch_geometric.nn.inits import reset, zeros
from torch_geometric.typing import Adj, OptPairTensor, OptTensor, Size

from mpnn_lab.errors import InputError
from mpnn_lab.nn.contraction import last_layer, receive, send
from mpnn_lab.nn.listening import receivers
from mpnn_lab.nn.prepare import Call, prepare
from mpnn_lab.nn.prepared import Contraction, PreparedEdges


class EdgeNetworkConv(MessagePassing):
    r"""PyG's ``NNConv``, argument for argument and key for key, without its [E, in, out] tensor.

    .. math:: h_i' = \Theta^\top h_i + \square_{j \in N(i)} h_j \cdot nn(e_{ij})

    (Gilmer et al. 2017, "Neural Message Passing for Quantum Chemistry", arXiv:1704.01212, eq. 5.)
    The cheapest exact way is chosen by the sizes (`mpnn_lab.nn.ways`):

    - *kinds*: bonds have few distinct feature rows, so `nn` is asked once for each kind of bond
      and the messages of one kind are a single matrix product;
    - *senders*: where edges differ, as with distances, and `nn` ends in a linear layer, messages
      are contracted over its last hidden units (`mpnn_lab.nn.contraction`);
    - *receivers*: the same without messages, while training with a sum or a mean to which nothing
      else listens;
    - *each*: every edge gets its own matrix, as in PyG.

    Where sharing rows would be wrong (batch statistics or dropout inside `nn`, an `nn` that may
    mix rows, hooks that would see fewer of them, a graph written down by ``torch.export`` or
    ``torch.jit``, ``torch.func`` on edge features) it is *each*; where gradients are asked of
    `edge_attr` or it holds NaN, edges are of no kind. All agree up to the order of summation, for
    states that are finite. ``torch.compile`` leaves these ways to PyTorch as it is: its graph
    breaks around them.

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
        prepared: Any = None,  # TorchScript cannot read the class
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
        prepared : PreparedEdges, optional
            What `prepare` gave for these very tensors; worked out anew where it was for others,
            or weights, features or modes have changed since.

        Returns
        -------
        Tensor [N_i, out]
        """
        if isinstance(x, Tensor):
            x = (x, x)
        table: OptTensor = None
        kind: OptTensor = None
        contraction: Contraction | None = None
        if not torch.jit.is_scripting():  # type: ignore[attr-defined]
            # TorchScript knows the long way alone.
            _check_edges(edge_index, edge_attr)
            if not _is_being_written_down():
                call = self._call(x, edge_index, edge_attr, kinds, size)
                made: PreparedEdges = prepare(call, prepared)
                table, kind, contraction = made.table, made.kind, made.contraction
                if contraction is not None and made.receivers is not None:
                    mean = isinstance(self.aggr_module, MeanAggregation)
                    last = last_layer(self.nn)
                    heard = receive(x[0], contraction, last, made.receivers, mean=mean)
                    return self._with_own_state(heard, x[1])
        # TorchScript reads the types of what is sent from the next line.
        # propagate_type: (x: OptPairTensor, edge_attr: OptTensor, table: OptTensor, kind: OptTensor, contraction: Optional[Contraction])  # noqa: E501
        out = self.propagate(
            edge_index, x=x, edge_attr=edge_attr, table=table, kind=kind, contraction=contraction,
            size=size,
        )  # fmt: skip
        return self._with_own_state(out, x[1])

    def prepare(
        self,
        x: Tensor | OptPairTensor,
        edge_index: Adj,
        edge_attr: OptTensor = None,
        size: Size = None,
        kinds: tuple[Tensor, Tensor] | None = None,
    ) -> PreparedEdges:
        """Ask the edge network once, for several calls of this layer on the same edges.

        Hand what it gives to those calls as `prepared`. Nothing is asked ahead where every call
        has to by itself (batch statistics, dropout).

        Parameters
        ----------
        x : as in `forward`; only the number of states counts.
        edge_index, edge_attr, size, kinds : as in `forward`.
        """
        if isinstance(x, Tensor):
            x = (x, x)
        _check_edges(edge_index, edge_attr)
        call = self._call(x, edge_index, edge_attr, kinds, size)
        made: PreparedEdges = prepare(call, ahead=True)
        return made

    def message(
        self,
        x_j: Tensor,
        edge_attr: Tensor,
        table: OptTensor = None,
        kind: OptTensor = None,
        contraction: Optional[Contraction] = None,  # noqa: UP045  as TorchScript reads it
    ) -> Tensor:
        """m_ij = h_j @ W_ij, shape [E, out]."""
        if not torch.jit.is_scripting() and contraction is not None:  # type: ignore[attr-defined]
            sent: Tensor = send(x_j, contraction, last_layer(self.nn))
            return sent
        if not torch.jit.is_scripting() and table is not None and kind is not None:  # type: ignore[attr-defined]
            grouped: Tensor = _grouped(x_j, table, kind)
            return grouped
        weight = table
        if weight is None:
            weight = self.nn(edge_attr).view(-1, self.in_channels_l, self.out_channels)
        each: Tensor = (x_j.unsqueeze(1) @ weight).squeeze(1)
        return each

    def _call(
        self,
        x: OptPairTensor,
        edge_index: Adj,
        edge_attr: OptTensor,
        kinds: tuple[Tensor, Tensor] | None,
        size: Size,
    ) -> Call:
        own = type(self).message is EdgeNetworkConv.message and "message" not in vars(self)
        shares = own and self.decomposed_layers == 1
        heard = receivers(self, x, size) if type(self) is EdgeNetworkConv else None
        return Call(self, x[0], edge_index, edge_attr, kinds, shares, heard)

    def _with_own_state(self, out: Tensor, x_i: OptTensor) -> Tensor:
        if x_i is not None and self.root_weight:
            out = out + self.lin(x_i)
        if self.bias is not None:
            out = out + self.bias
        return out

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.out_channels}, "
            f"aggr={self.aggr}, nn={self.nn})"
        )


@torch.compiler.disable  # type: ignore[untyped-decorator]  # its shapes are the data's
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
