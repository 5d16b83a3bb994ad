"""The arithmetic of each family of layers, one file a family."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn
from torch_geometric import nn as pyg

from mpnn_lab.nn import EdgeNetworkConv
from mpnn_lab.nn.by_type import BondHAN, FamilyHetero, FamilyHGT
from mpnn_lab.nn.graph_network import GraphNetwork
from mpnn_lab.tracing.forms import attention, bonds, degrees, mpnn, points
from mpnn_lab.tracing.forms.by_type import han, hetero, hgt
from mpnn_lab.tracing.forms.call import LayerCall, given_to
from mpnn_lab.tracing.forms.dna import dna
from mpnn_lab.tracing.forms.edge_network import edge_network
from mpnn_lab.tracing.forms.gatv2 import gatv2
from mpnn_lab.tracing.forms.gcn import gcn
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.gine import gine
from mpnn_lab.tracing.forms.graph_network import graph_network
from mpnn_lab.tracing.forms.heat import heat
from mpnn_lab.tracing.forms.hops import SEVERAL as HOPS
from mpnn_lab.tracing.forms.hypergraph import hypergraph
from mpnn_lab.tracing.forms.plain import gin, graph_conv, sage, simple, weisfeiler_leman
from mpnn_lab.tracing.forms.signed import signed
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
    pyg.HEATConv: heat,
    pyg.DNAConv: dna,
    pyg.SignedConv: signed,
    pyg.HypergraphConv: hypergraph,
    FamilyHGT: hgt,
    BondHAN: han,
    FamilyHetero: hetero,
    GraphNetwork: graph_network,
    **attention.FORMS,
    **degrees.FORMS,
    **bonds.FORMS,
    **mpnn.FORMS,
    **points.FORMS,
}

BETWEEN_SETS: frozenset[type[nn.Module]] = frozenset({pyg.HypergraphConv})
"""Layers that send from atoms to sets of atoms, and from these to atoms."""
SEVERAL: frozenset[type[nn.Module]] = frozenset(
    {*HOPS, *bonds.SEVERAL, pyg.SignedConv, *BETWEEN_SETS}
)
"""Layers whose forms take as many propagations as there are; the others take one."""

UNSEEN: frozenset[type[nn.Module]] = frozenset(
    {pyg.GCNConv, pyg.SAGEConv, pyg.GINConv, pyg.GraphConv, pyg.SimpleConv}
)
"""Layers whose forms make the messages themselves where the run made none."""


def form_of(module: nn.Module) -> Form:
    """The form of exactly this class; a subclass may compute something else."""
    return FORMS.get(type(module), generic)


__all__ = [
    "BETWEEN_SETS",
    "FORMS",
    "SEVERAL",
    "UNSEEN",
    "Form",
    "LayerCall",
    "form_of",
    "given_to",
]
