"""MetaLayer: bonds, atoms and the molecule in turn, Battaglia et al. 2018, section 3.2."""

from __future__ import annotations

from typing import Any

import torch

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.ends import receiver
from mpnn_lab.tracing.forms.parts import aggregate, chain, gather
from mpnn_lab.tracing.forms.weave import EDGE_STATE
from mpnn_lab.tracing.ledger import Ledger


def graph_network(ledger: Ledger, call: LayerCall) -> str:
    """e_ij' = φ_e([h_j, h_i, e_ij, u]), m_ij = φ_m([h_j, e_ij']), then h_i' and u'."""
    module: Any = call.module
    layer, record = module.conv, call.propagations[0]
    nodes, of_bond = layer.node_model, "bond, atoms and molecule"
    u = call.given.get("u", torch.zeros(ledger.ground.graphs, module.graph_width))
    h_j = gather(ledger, call.state)
    with ledger.step("edge update", 0):
        h_i = receiver(ledger, call)
        u_g = ledger.recorded("u", "u", "the molecule's state", u, "graph")
        u_i = ledger.derive("u_i", "u", "the molecule's state, for each atom", "of_graph", u_g,
                            shown=False)  # fmt: skip
        u_ij = ledger.derive("u_ij", "u", "the molecule's state, for each bond", "source", u_i,
                             shown=False)  # fmt: skip
        e_ij = ledger.recorded("e_ij", "e_ij", "bond's state", call.given["edge_attr"], "edge",
                               ("feature",))  # fmt: skip
        ends = ledger.derive("ends", "[h_j,h_i,e,u]", of_bond, "concatenate", h_j, h_i, e_ij, u_ij,
                             shown=False)  # fmt: skip
        new = chain(ledger, EDGE_STATE, "e'_ij", "bond's new state", layer.edge_model.mlp, ends,
                    call.edge_output)  # fmt: skip
    with ledger.step("message", 0):
        both = ledger.derive("both", "[h_j,e']", "neighbour and bond", "concatenate", h_j, new,
                             shown=False)  # fmt: skip
        m_ij = chain(ledger, "message", "m_ij", "message", nodes.message_mlp, both, record.messages)
    heard = aggregate(ledger, nodes, m_ij, record.aggregated)
    with ledger.step("update"):
        own = ledger.derive("own", "[h_i,a_i,u]", "atom, what it heard, molecule", "concatenate",
                            call.state, heard, u_i, shown=False)  # fmt: skip
        out = chain(ledger, "layer", "c_i", "what the layer gives", nodes.update_mlp, own,
                    call.output)  # fmt: skip
        mean = ledger.derive("mean state", "h̄", "mean of the atoms", "mean_nodes", out, shown=False)
        whole = ledger.derive("whole", "[u,h̄]", "molecule and atoms", "concatenate", u_g, mean,
                              shown=False)  # fmt: skip
        chain(ledger, "molecule state", "u'", "the molecule's new state", layer.global_model.mlp,
              whole, call.graph_output)  # fmt: skip
        return out
