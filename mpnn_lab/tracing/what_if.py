"""what_if(trace, ...): the same model, told one thing otherwise, or one message scaled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from torch import Tensor
from torch_geometric.nn import MessagePassing

from mpnn_lab.errors import InputError
from mpnn_lab.tracing.binding import caller
from mpnn_lab.tracing.edits import (
    Edit,
    MessageEdit,
    Told,
    applied,
    edit_bond,
    edit_charge,
    edit_element,
    edit_feature,
    number_of,
    overrides,
    told,
)
from mpnn_lab.tracing.rounds import Propagation
from mpnn_lab.tracing.trace import Trace, trace

FORMS = """\
what_if(trace, bond=3, to="double")
what_if(trace, atom=2, element="N")
what_if(trace, atom=2, charge=-1)
what_if(trace, atom=2, feature="in ring", to=0), or of a bond=
what_if(trace, round=1, edge=5, times=0)"""


def what_if(trace: Trace, **change: Any) -> Trace:
    """Run the same model again, with one thing changed and nothing else.

    The model, its weights and the molecule stay. What is changed is what the model is told of one
    atom or bond, or one message on its way; everything that follows from it in the run follows.
    What would follow in chemistry (hydrogens, rings, hybridisation) does not: those features are
    told as before. A change comes on top of those that the run given already has (`trace.edits`),
    or in place of the one it overrides.

    Parameters
    ----------
    trace : Trace
        Of one molecule.
    **change
        One of ``bond=, to=`` (its kind: single, double, triple, aromatic); ``atom=, element=``;
        ``atom=, charge=`` (in elementary charges); ``atom=, feature=, to=`` and
        ``bond=, feature=, to=`` (a column by its name, or number, and its value);
        ``round=, edge=, times=`` (a message, by the round as the user counts it and the edge of
        its propagation, and a factor; ``propagation=`` where the round has several).
        Atoms, bonds and edges count from 0.

    Returns
    -------
    Trace
        With `edits`, what was changed in all, and `origin`, the run without any change.

    Raises
    ------
    InputError
        For a change of no such form, or of what is not there.
    """
    origin = trace.origin or trace
    return edited(origin, with_edit(trace.edits, make_edit(origin, change)))


def with_edit(edits: Sequence[Edit], edit: Edit) -> tuple[Edit, ...]:
    """The edits and one more, without those that it makes mean nothing."""
    return (*(e for e in edits if not overrides(edit, e)), edit)


def make_edit(origin: Trace, change: dict[str, Any]) -> Edit:
    """The edit that a change asks for; InputError where it asks for none."""
    return replace(_edit(origin, change), change=dict(change))


def _edit(origin: Trace, change: dict[str, Any]) -> Edit:
    graph = told(origin.model, origin.data, origin.mol)
    asked, given = set(change), change.get
    if asked == {"bond", "to"}:
        return edit_bond(graph, change["bond"], change["to"])
    if asked == {"atom", "element"}:
        return edit_element(graph, change["atom"], change["element"])
    if asked == {"atom", "charge"}:
        return edit_charge(graph, change["atom"], change["charge"])
    for of in ("atom", "bond"):
        if asked == {of, "feature", "to"}:
            return edit_feature(graph, of, change[of], change["feature"], change["to"])
    if asked - {"propagation"} == {"round", "edge", "times"}:
        place = given("propagation", 0)
        return _edit_message(origin, graph, change["round"], place, change["edge"], change["times"])
    raise InputError(f"what_if cannot change {sorted(asked)}", mend=f"It takes one of:\n{FORMS}")


def edited(origin: Trace, edits: Sequence[Edit]) -> Trace:
    """The run with these edits; the original where there are none."""
    if not edits:
        return origin
    graph = told(origin.model, origin.data, origin.mol)
    layers = _wanted(origin, edits)

    def run(model: Any, data: Any) -> Any:
        with _scaling(model, layers):
            return caller(model, data, origin.forward)()

    forward = run if layers else origin.forward
    return trace(
        origin.model, applied(graph, edits), mol=origin.mol, forward=forward, rounds=origin.named
    ).derived(origin, tuple(edits))  # fmt: skip


def _edit_message(
    origin: Trace, graph: Told, number: Any, place: Any, edge: Any, times: Any
) -> MessageEdit:
    rounds = {r.number: r for r in origin.rounds}
    if isinstance(number, bool) or number not in rounds:
        raise InputError(f"there is no round {number!r}: there are {len(rounds)}, from 1")
    propagations = rounds[number].propagations
    if not isinstance(place, int) or not 0 <= place < len(propagations):
        count = len(propagations)
        raise InputError(f"round {number} has no propagation {place!r}: it has {count}, from 0")
    p = propagations[place]
    if p.messages is None:
        raise InputError(f"round {number} shows no messages that could be scaled")
    if not isinstance(p.module, MessagePassing) or p.record.tensors > 1 or p.record.label:
        raise InputError(f"the messages of {type(p.module).__name__} cannot be scaled one by one")
    if not isinstance(edge, int) or isinstance(edge, bool) or not 0 <= edge < len(p.messages):
        raise InputError(
            f"there is no message {edge!r}: this propagation has {len(p.messages)}, from 0"
        )
    factor = number_of(times, "times")
    ends = p.edge_index[:, edge].tolist()
    sender, receiver = (ends[p.sends], ends[1 - p.sends])
    names = [graph.labels[k] if k < len(graph.labels) else "master" for k in (sender, receiver)]
    words = f"message {names[0]}→{names[1]} of round {number} times {factor:g}"
    return MessageEdit(number, place, edge, factor, words)


Layers = dict[str, dict[int, list[MessageEdit]]]
"""Edits of messages by the layer that sends them, and the turn of its propagate call."""


def _wanted(origin: Trace, edits: Sequence[Edit]) -> Layers:
    wanted: Layers = {}
    for edit in edits:
        if isinstance(edit, MessageEdit):
            p = origin.rounds[edit.round - 1].propagations[edit.propagation]
            turns = wanted.setdefault(p.call.name, {})
            turns.setdefault(_turn(origin, edit.round, p), []).append(edit)
    return wanted


@contextmanager
def _scaling(model: Any, layers: Layers) -> Iterator[None]:
    """Multiply messages on their way, before anything records them."""
    handles = [_scale(model.get_submodule(name), turns) for name, turns in layers.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _turn(origin: Trace, number: int, wanted: Propagation) -> int:
    """The how-manieth call of its layer's propagate this is in the whole run, from 0."""
    earlier = [
        p
        for r in origin.rounds[:number]
        for p in r.propagations
        if p.call.name == wanted.call.name and (r.number < number or p.number < wanted.number)
    ]
    return len(earlier)


def _scale(layer: Any, by_turn: dict[int, list[MessageEdit]]) -> Any:
    turn = -1

    def scaled(module: Any, _inputs: Any, messages: Tensor) -> Tensor | None:
        nonlocal turn
        turn += 1
        edits = by_turn.get(turn)
        if edits is None:
            return None
        messages = messages.clone()
        rows = messages.movedim(_edge_axis(module, messages), 0)
        for edit in edits:
            rows[edit.edge] *= edit.times
        return messages

    handle = layer.register_message_forward_hook(scaled)
    layer._message_forward_hooks.move_to_end(handle.id, last=False)  # recorders come after it
    return handle


def _edge_axis(module: Any, messages: Tensor) -> int:
    """The axis over edges: some layers have their stacks before it."""
    inside = -messages.dim() <= module.node_dim
    return module.node_dim % messages.dim() if inside and messages.dim() > 1 else 0
