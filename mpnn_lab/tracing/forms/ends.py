"""What a message may be made of beside the neighbour's state: the receiver's own, the bond's."""

from __future__ import annotations

from typing import Any

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.ledger import Ledger


def receiver(ledger: Ledger, call: LayerCall) -> str:
    """h_i for every edge."""
    return ledger.derive("h_i", "h_i", "the atom's own state", "target", call.state)


def bond(ledger: Ledger, call: LayerCall, *, shown: bool = True) -> str | None:
    """e_ij for every edge, as the messages were given it; None where they were given none."""
    features: Any = call.propagations[0].kwargs.get("edge_attr")
    if features is None:
        return None
    if call.edges is not None:
        return call.edges
    return ledger.recorded(
        "e_ij", "e_ij", "bond features", features, "edge", ("feature",), shown=shown
    )
