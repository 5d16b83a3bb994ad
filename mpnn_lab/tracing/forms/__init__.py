"""The arithmetic of each family of layers, one file a family."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn
from torch_geometric import nn as pyg

from mpnn_lab.nn import EdgeNetworkConv
from mpnn_lab.tracing.forms import attention, bonds, degrees, points
from mpnn_lab.tracing.forms.call import LayerCall, given_to
from mpnn_lab.tracing.forms.edge_network import edge_network
from mpnn_lab.tracing.forms.gatv2 import gatv2
from mpnn_lab.tracing.forms.gcn import gcn
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.gine import gine
from mpnn_lab.tracing.forms.hops import SEVERAL as HOPS
from mpnn_lab.tracing.forms.plain import gin, graph_conv, sage, simple, weisfeiler_leman
from mpnn_lab.tracing.ledger import Ledger

Form = Callable[[Ledger, LayerCall], str]

FORMS: dict[type[nn.Module], Form] = {
    EdgeNetworkConv: edge_network,
    pyg.NNConv: edge_network,
    pyg.GCNConv: gcn,
    pyg.GINEConv: gine,
    pyg.GATv2Conv: gatv2,
    pyg.SimpleConv: simple,
    pyg.SAGEConv: sage,
    pyg.GraphConv: graph_conv,
    pyg.GINConv: gin,
    pyg.WLConvContinuous: weisfeiler_leman,
    **attention.FORMS,
    **degrees.FORMS,
    **bonds.FORMS,
    **points.FORMS,
}

SEVERAL: frozenset[type[nn.Module]] = frozenset({**HOPS, **bonds.SEVERAL})
"""Layers whose forms take as many propagations as there are; the others take one."""


def form_of(module: nn.Module) -> Form:
    """The form of exactly this class; a subclass may compute something else."""
    return FORMS.get(type(module), generic)


__all__ = ["FORMS", "SEVERAL", "Form", "LayerCall", "form_of", "given_to"]
