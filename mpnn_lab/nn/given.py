"""Whether the graph that a network was given is one it can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch_geometric.data import Data

from mpnn_lab.errors import InputError

if TYPE_CHECKING:
    from mpnn_lab.nn.network import Network


def check_graph(model: Network, data: Data) -> None:
    """Refuse features and edges that are not as `model` reads them: InputError."""
    _check_features(model, data)
    _check_edges(data)
    if model.spec.positions:
        _check_positions(data)


def check_rows(round_: nn.Module, h: Tensor, number: int) -> None:
    """Refuse one atom alone where a round in training takes statistics over atoms: InputError."""
    if len(h) > 1:
        return
    found = (m for m in round_.modules() if isinstance(m, _BatchNorm) and m.training)
    if any(found):
        raise InputError(
            f"round {number} normalises by the batch's mean and variance, and in training "
            "it was given one atom alone, which has no variance",
            mend="Train on a batch of two molecules or more, or take norm='layer' (of a layer "
            "that normalises within, another layer).",
        )


def _check_features(model: Network, data: Data) -> None:
    for name, columns in (("x", model.atom_columns), ("edge_attr", model.bond_columns)):
        tensor = data.get(name)
        if tensor is None or tensor.dim() != 2 or tensor.shape[1] != len(columns):
            given = "nothing" if tensor is None else f"shape {list(tensor.shape)}"
            raise InputError(
                f"data.{name}: got {given}; this model reads [rows, {len(columns)}]",
                mend="Make the graph with model.spec.featurize(mol).",
            )
        if tensor.dtype != model.scale.dtype:
            raise InputError(
                f"data.{name} is {tensor.dtype}; the model's weights are {model.scale.dtype}",
                mend="Bring both to one type, such as model.float() and data.x.float().",
            )


def _check_positions(data: Data) -> None:
    """Refuse positions that are not one place for each atom."""
    pos, wanted = data.get("pos"), [data.x.shape[0], 3]
    if not isinstance(pos, Tensor) or list(pos.shape) != wanted or pos.dtype != data.x.dtype:
        given = f"{pos.dtype} {list(pos.shape)}" if isinstance(pos, Tensor) else "nothing"
        raise InputError(
            f"data.pos: got {given}; this model reads positions, {data.x.dtype} {wanted}",
            mend="Make the graph with model.spec.featurize(mol).",
        )


def _check_edges(data: Data) -> None:
    """Refuse edges that are not pairs of the graph's nodes, one for each row of features."""
    edge_index, nodes = data.get("edge_index"), data.x.shape[0]
    wanted = f"expected int64 [2, {data.edge_attr.shape[0]}], as edge_attr has rows"
    mend = "Make the graph with model.spec.featurize(mol)."
    if not isinstance(edge_index, Tensor):
        given = "nothing" if edge_index is None else f"a {type(edge_index).__name__}"
        raise InputError(f"data.edge_index: got {given}; {wanted}", mend=mend)
    shape = [2, data.edge_attr.shape[0]]
    if list(edge_index.shape) != shape or edge_index.dtype != torch.int64:
        given = f"{edge_index.dtype} {list(edge_index.shape)}"
        raise InputError(f"data.edge_index: got {given}; {wanted}", mend=mend)
    if edge_index.is_meta or not edge_index.numel() or torch.compiler.is_compiling():
        return  # no values to look at
    least, most = (int(end) for end in edge_index.aminmax())
    if least < 0 or most >= nodes:
        raise InputError(
            f"data.edge_index names node {least if least < 0 else most}; "
            f"the graph has {nodes} nodes, from 0",
            mend=mend,
        )
