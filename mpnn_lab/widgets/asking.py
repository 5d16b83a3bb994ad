"""Which number a question to the class is about."""

from __future__ import annotations

from typing import Any

from mpnn_lab.errors import InputError
from mpnn_lab.views import StageView
from mpnn_lab.views.stage import PropagationView, RoundView

FORMS = """\
ask("prediction")
ask("message", round=1, sender=0, receiver=1)
ask("aggregate", round=1, atom=1)
ask("state", round=1, atom=1)"""


def question(view: StageView, what: str, where: dict[str, Any], prompt: str | None) -> Any:
    """The row of numbers that is asked for, and the words that ask for it.

    Raises
    ------
    InputError
        Where there is no such number.
    """
    fields = {
        "prediction": set(), "message": {"round", "sender", "receiver"},
        "aggregate": {"round", "atom"}, "state": {"round", "atom"},
    }  # fmt: skip
    if what not in fields or set(where) != fields[what]:
        raise InputError(f"ask cannot hide {what!r} at {where}", mend=f"It takes one of:\n{FORMS}")
    labels = view.node_labels
    if what == "prediction":
        quantity, row, words = view.steps[-1].quantities[-1], 0, "What does the model say?"
    elif what == "message":
        r = _round(view, where["round"])
        ends = _atom(view, where["sender"]), _atom(view, where["receiver"])
        p, row = _edge(r, *ends)
        quantity = p.messages
        words = f"Round {r.number}: which message does {labels[ends[0]]} send {labels[ends[1]]}?"
    else:
        r, row = _round(view, where["round"]), _atom(view, where["atom"])
        quantity = r.state_out if what == "state" else _aggregate(r)
        becomes = "is its new state" if what == "state" else "does it hear in all"
        words = f"Round {r.number}, atom {labels[row]}: what {becomes}?"
    return {"quantity": quantity, "row": row, "prompt": prompt or words}


def _round(view: StageView, number: Any) -> RoundView:
    found = next((r for r in view.rounds if r.number == number), None)
    if found is None or isinstance(number, bool):
        raise InputError(f"there is no round {number!r}: there are {len(view.rounds)}, from 1")
    return found


def _atom(view: StageView, atom: Any) -> int:
    atoms: list[int] = view.node_atoms.tolist()
    if isinstance(atom, bool) or atom not in atoms or atom < 0:
        count = sum(a >= 0 for a in atoms)
        raise InputError(f"there is no atom {atom!r}: there are {count}, from 0")
    return atoms.index(atom)


def _edge(r: RoundView, sender: int, receiver: int) -> tuple[PropagationView, int]:
    for p in r.propagations:
        pairs = zip(p.source.tolist(), p.target.tolist(), strict=True)
        edge = next((e for e, ends in enumerate(pairs) if ends == (sender, receiver)), None)
        if edge is not None:
            return p, edge
    raise InputError(f"in round {r.number} no message goes from node {sender} to node {receiver}")


def _aggregate(r: RoundView) -> str:
    found = next((p.aggregated for p in reversed(r.propagations) if p.aggregated), None)
    if found is None:
        raise InputError(f"round {r.number} has no aggregate with a row for each atom")
    return found
