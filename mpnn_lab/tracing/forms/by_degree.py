"""MFConv: weights for each number of neighbours, Duvenaud et al. 2015, algorithm 2."""

from __future__ import annotations

from typing import Any

import numpy as np

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.parts import aggregate, gather, linear
from mpnn_lab.tracing.ledger import Ledger


def by_degree(ledger: Ledger, call: LayerCall) -> str:
    """h_i' = a_i · W_d + h_i · U_d + b_d, d the neighbours of i: one term for each d there is.

    Each term is computed for every atom, and multiplied by 1 where the atom has d neighbours.
    """
    module: Any = call.module
    h_j = gather(ledger, call.state)
    with ledger.step("message", 0):
        m_ij = ledger.derive(
            "message", "m_ij", "message", "add", h_j, recorded=call.propagations[0].messages
        )
    total = aggregate(ledger, module, m_ij, call.propagations[0].aggregated)
    neighbours = np.bincount(ledger.ground.target, minlength=ledger.ground.nodes)
    degrees = np.minimum(neighbours, module.max_degree)
    with ledger.step("update"):
        terms = [
            _term(ledger, call, total, int(d), degrees == d, len(np.unique(degrees)) == 1)
            for d in np.unique(degrees)
        ]
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "add", *terms, recorded=call.output
        )


def _term(ledger: Ledger, call: LayerCall, total: str, d: int, has: Any, only: bool) -> str:
    module: Any = call.module
    words = f"of degree {d}"
    heard = linear(
        ledger, f"heard {d}", f"(aW_{d})_i", f"what was heard, {words}", total, module.lins_l[d],
        f"W_{d}", shown=only,
    )  # fmt: skip
    own = linear(
        ledger, f"own {d}", f"(hU_{d})_i", f"own state, {words}", call.state, module.lins_r[d],
        f"U_{d}", shown=only,
    )  # fmt: skip
    both = ledger.derive(f"both {d}", f"u_{d}", f"their sum, {words}", "add", heard, own,
                         shown=False)  # fmt: skip
    here = ledger.recorded(f"has {d}", f"[d_i = {d}]", f"1 for atoms {words}", has, "node", (),
                           shown=False)  # fmt: skip
    return ledger.derive(f"term {d}", f"t_{d}", f"for atoms {words}", "multiply", here, both)
