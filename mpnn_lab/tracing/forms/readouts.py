"""Readouts that read more than the last states: Gilmer et al. 2017, section 2 and 5.3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpnn_lab.nn.readouts import AtomwiseReadout, FingerprintReadout, GatedReadout, InputSet2Set
from mpnn_lab.tracing.forms.parts import chain, linear
from mpnn_lab.tracing.ledger import Ledger

Given = dict[str, tuple[str, ...]]
"""Names of the quantities that a readout was given beside the last states."""


def gated(ledger: Ledger, module: Any, state: str, recorded: Any, given: Given) -> str:
    """R = Σ_i σ(i([h_i, h⁰_i])) ⊙ j(h_i) (Li et al. 2016, eq. 7)."""
    both = ledger.derive(
        "both", "[h_i, h⁰_i]", "last and first state", "concatenate", state, *given["h_0"],
        shown=False,
    )  # fmt: skip
    raw = chain(ledger, "gate", "i_i", "gate before sigmoid", module.gate_nn, both, None,
                shown=False)  # fmt: skip
    share = ledger.derive("share", "σ(i)_i", "how much the atom counts", "sigmoid", raw)
    value = chain(ledger, "value", "j_i", "what the atom says", module.value_nn, state, None)
    said = ledger.derive("said", "s_i", "what counts of it", "multiply", share, value)
    return ledger.derive("readout", "q", "sum over the atoms", "sum_nodes", said, recorded=recorded)


def atomwise(ledger: Ledger, module: Any, state: str, recorded: Any, given: Given) -> str:
    """R = Σ_i NN(h_i) (Schütt et al. 2017, eq. 5)."""
    value = chain(ledger, "value", "u_i", "what the atom gives", module.nn, state, None)
    return ledger.derive(
        "readout", "q", "sum over the atoms", "sum_nodes", value, recorded=recorded
    )


def fingerprint(ledger: Ledger, module: Any, state: str, recorded: Any, given: Given) -> str:
    """R = Σ_t Σ_i softmax(hᵗ_i W_t) (Duvenaud et al. 2015, algorithm 2)."""
    written = []
    for t, (lin, h) in enumerate(zip(module.lins, given["states"], strict=True)):
        raw = linear(
            ledger, f"logit {t}", f"(h^{t}W_{t})_i", f"before the softmax, round {t}", h, lin,
            f"W_{t}", shown=False,
        )  # fmt: skip
        label = f"what the atom writes after {t} rounds"
        written.append(ledger.derive(f"written {t}", f"f^{t}_i", label, "softmax_channels", raw))
    total = ledger.derive("written", "f_i", "what the atom writes", "add", *written)
    return ledger.derive(
        "readout", "q", "fingerprint: sum over the atoms", "sum_nodes", total, recorded=recorded
    )


def tuples(ledger: Ledger, module: Any, state: str, given: Given) -> str:
    """The rows [h_i, x_i] W that set2set asks (Gilmer et al. 2017, section 5.3)."""
    both = ledger.derive(
        "both", "[h_i, x_i]", "state and features", "concatenate", state, *given["features"],
        shown=False,
    )  # fmt: skip
    return linear(ledger, "tuple", "t_i", "state and features, projected", both, module.lin, "W")


FORMS: dict[type, Callable[..., str]] = {
    GatedReadout: gated,
    AtomwiseReadout: atomwise,
    FingerprintReadout: fingerprint,
}
TUPLES = InputSet2Set
