"""stage_view(trace): all that the stage shows, as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from mpnn_lab.chem import depict
from mpnn_lab.errors import InputError
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn import Network
from mpnn_lab.tracing import Quantity, Round, Trace
from mpnn_lab.views.asked import Bond, matrices_along
from mpnn_lab.views.edits import with_edits
from mpnn_lab.views.formulas import formula
from mpnn_lab.views.header import header_view
from mpnn_lab.views.hyperedges import hyperedges
from mpnn_lab.views.nodes import everyone
from mpnn_lab.views.rounds import (
    aggregation_name,
    depends_on_order,
    round_views,
    shown_propagations,
)
from mpnn_lab.views.run import run_view
from mpnn_lab.views.stage import (
    ChapterView,
    CheckView,
    StageView,
    StepView,
)


def stage_view(
    trace: Trace, jacobians: Iterable[Bond] = (), *, receptive: bool = False
) -> StageView:
    """Describe a trace of one molecule for the stage.

    Parameters
    ----------
    trace : the run.
    jacobians : bonds along which the messages' matrices go with it, where they are not exact.
    receptive : whether all atoms' receptive fields do, for a page that has no kernel to ask.

    Raises
    ------
    InputError
        If the trace has no molecule, its nodes are not the molecule's atoms, or the molecule is
        larger than the stage's cap; or as in `matrices_along`.
    """
    _check(trace)
    molecule = with_edits(depict(trace.mol), trace)
    quantities = {e.quantity.name: e.quantity for b in trace.books for e in b.ledger.entries}
    nodes = everyone(trace)
    masters = [-1] if any(p.master for r in trace.rounds for p in r.propagations) else []
    sets = hyperedges(trace, nodes, len(nodes.atoms) + len(masters))
    rounds = round_views(trace, molecule.bond_labels, quantities, nodes, sets)
    report = trace.verify()
    network = trace.model if isinstance(trace.model, Network) else None
    return StageView(
        header=header_view(trace),
        molecule=molecule,
        node_atoms=np.asarray([*nodes.node_atoms, *masters, *(-1 for _ in sets.atoms)], np.int32),
        node_labels=(
            *nodes.labels(molecule.atom_labels),
            *("master" for _ in masters),
            *sets.labels(trace.mol, molecule),
        ),
        node_sets=nodes.sets,
        members=np.concatenate([nodes.members, sets.members]),
        hyperedges=sets.numbers,
        feature_names=network.atom_columns if network else (),
        edge_feature_names=network.bond_columns if network else (),
        chapters=_chapters(trace),
        steps=_steps(trace, quantities),
        rounds=rounds,
        quantities=tuple(sets.spread(nodes.spread(q)) for q in _sent(quantities)),
        formulas={name: formula(q, quantities) for name, q in quantities.items()},
        check=CheckView(
            passed=len(report.passed),
            failed=tuple(c.name for c in report.failed),
            unchecked=tuple(f"{c.name}: {c.reason}" for c in report.unchecked),
            largest_error=report.largest_error,
        ),
        run=run_view(trace, receptive),
        asked=matrices_along(trace, jacobians),
    )


def _sent(quantities: dict[str, Quantity]) -> tuple[Quantity, ...]:
    """All but the largest parameters; what is computed with those is shown, not spelled out."""
    left_out = {
        name
        for name, q in quantities.items()
        if q.per == "model" and q.values is not None and q.values.nbytes > LIMITS.weight_bytes
    }
    return tuple(
        replace(q, op="opaque", args=tuple(a for a in q.args if a not in left_out))
        if left_out & set(q.args)
        else q
        for name, q in quantities.items()
        if name not in left_out
    )


def _check(trace: Trace) -> None:
    if trace.mol is None:
        raise InputError(
            "the stage draws molecules, and this trace has none",
            mend="Trace with trace(model, data, mol=mol).",
        )
    if isinstance(trace.mol, list):
        raise InputError(
            f"the stage shows one molecule, and this trace holds {len(trace.mol)}",
            mend="Trace one of them by itself.",
        )
    nodes, atoms = trace.data.num_nodes, trace.mol.GetNumAtoms()
    if nodes != atoms:
        raise InputError(
            f"the graph has {nodes} nodes, the molecule {atoms} atoms",
            mend="Give the molecule whose atoms are the nodes, in the same order.",
        )
    for r in trace.rounds:
        ours = r.nodes is not None and r.nodes.number > 0
        if not r.on_atoms and r.per != "graph" and not ours:
            raise InputError(
                f"round {r.number} ({r.layer}) {_whose(trace, r)}, and the stage draws the states "
                "of atoms",
                mend=f"Look at it as it is: trace.rounds[{r.number - 1}].output.",
            )


def _whose(trace: Trace, r: Round) -> str:
    """What has the states of a round that are not one for each atom."""
    if not r.hooked:
        return "gives one state for each edge"
    if trace.pooled:
        return "gives one state for each node that a pooling left"
    return f"gives states of {len(r.output)} nodes, where the molecule has {trace.data.num_nodes}"


def _chapters(trace: Trace) -> tuple[ChapterView, ...]:
    chapters = [ChapterView("Input", "input", -1, "features")]
    chapters += [
        ChapterView(f"Round {r.number}", "round", r.number - 1, r.kind) for r in trace.rounds
    ]
    if "jumping" in trace.parts:
        chapters.append(ChapterView("Jumping knowledge", "jumping", -1, "all rounds"))
    if trace.readout is not None:
        network = trace.model if isinstance(trace.model, Network) else None
        module = trace.model.get_submodule(trace.readout.layer)
        caption = network.spec.readout if network is not None else aggregation_name(module)
        ordered = depends_on_order(module)
        chapters.append(ChapterView("Readout", "readout", -1, caption, ordered))
    return (*chapters, ChapterView("Prediction", "prediction", -1, "output ŷ"))


def _steps(trace: Trace, known: dict[str, Quantity]) -> tuple[StepView, ...]:
    steps = []
    colours = ""
    for chapter, book in enumerate(trace.books):
        before_nodes = book.ledger.ground.pooled
        before, rounds = colours, 1 <= chapter <= len(trace.rounds)
        groups: dict[tuple[str, int], list[str]] = {}
        drawn = shown_propagations(trace.rounds[chapter - 1]) if rounds else []
        if book.pooled is not None and book.pooled.edge_index is not None:
            drawn.append(len(trace.rounds[chapter - 1].propagations))
        for entry in book.ledger.entries:
            if entry.propagation >= 0 and entry.propagation not in drawn:
                continue
            names = groups.setdefault((entry.step, entry.propagation), [])
            if entry.shown:
                names.append(entry.quantity.name)
        for (name, propagation), names in groups.items():
            state = _state(name, names, before, book.result, known)
            colours = state if known[state].per == "node" else before
            steps.append(
                StepView(
                    chapter=chapter,
                    round=chapter - 1 if rounds else -1,
                    propagation=drawn.index(propagation) if propagation >= 0 else -1,
                    name=name,  # type: ignore[arg-type]
                    quantities=tuple(names),
                    state=colours,
                    nodes=known[book.result].nodes if name == "pool" else before_nodes,
                )
            )
    return tuple(steps)


def _state(
    step: str, names: list[str], before: str, result: str, known: dict[str, Quantity]
) -> str:
    """Which node quantity colours the atoms: what the step makes of them, else what they had."""
    if step == "readout":
        shares = [n for n in names if known[n].op == "softmax_nodes"]
        return shares[-1] if shares else before
    if (
        step in ("features", "project", "aggregate", "norm", "update", "pool", "jumping knowledge")
        and names
    ):
        last = result if result in names else names[-1]
        return last if known[last].per == "node" else before
    return before
