"""Rounds of several layer calls: towers, two channels, a master node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mpnn_lab.nn import Round as NetworkRound
from mpnn_lab.nn.both_directions import BothDirections
from mpnn_lab.nn.towers import Towers
from mpnn_lab.tracing.arithmetic import Quantity
from mpnn_lab.tracing.evaluate import Ground
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.gru import gru
from mpnn_lab.tracing.forms.parts import chain
from mpnn_lab.tracing.forms.update import update
from mpnn_lab.tracing.layer_form import graph_of, write_layer
from mpnn_lab.tracing.ledger import Ledger
from mpnn_lab.tracing.recorder import CallRecord
from mpnn_lab.tracing.rounds import Propagation, Round

if TYPE_CHECKING:
    from mpnn_lab.tracing.trace import Trace

FROM_MASTER, TO_MASTER = "from the master", "to the master"
MASTER = "master state"
"""What the master's state after the round is called."""


class Compound:
    """Writes one round of several layer calls into a ledger.

    Parameters
    ----------
    trace, r : the run, and the round of it.
    ledger : the round's.
    edges, master : the states of edges and master that the round before left, where it left any.
    """

    def __init__(
        self, trace: Trace, r: Round, ledger: Ledger, edges: Quantity | None,
        master: Quantity | None,
    ) -> None:  # fmt: skip
        self.trace, self.r, self.ledger = trace, r, ledger
        self.edges, self.master = edges, master

    def write(self, record: CallRecord, state: str, symbol: str) -> str:
        """Enter the round, or the tower, that `record` is; gives the name of its new state."""
        module: Any = self.trace.model.get_submodule(record.name)
        if isinstance(module, Towers):
            return self._towers(record, module, state, symbol)
        told = None if module.master is None else self._master(record, module.master, state)
        layer = self._heard(record, module, state)
        if layer is None:
            return self._opaque(record, module, state, symbol)
        if told is not None:
            with self.ledger.step("update"):
                layer = self.ledger.derive(
                    "told", "c_i + a_i", "with what the master says", "add", layer, told
                )
        return update(self.ledger, module, layer, state, record.output[0], symbol)

    def _towers(self, record: CallRecord, module: Towers, state: str, symbol: str) -> str:
        """Each tower by itself on its channels, then the network over all of them."""
        ledger, apart = self.ledger, []
        width = ledger.rows(state).shape[1] // len(module.towers)
        for k in range(len(module.towers)):
            tower = self._inside(record, f"{record.name}.towers.{k}")
            first = min((p.number for p in self._under(tower)), default=0)
            with ledger.part(f"tower {k + 1}", first):
                with ledger.step("gather", 0):
                    part = ledger.derive(
                        "part", f"h^{{{k + 1}}}_i", "the tower's channels", "channels", state,
                        constants={"start": k * width, "stop": (k + 1) * width},
                    )  # fmt: skip
                apart.append(self.write(tower, part, f"h̃^{{{k + 1}}}_i"))
        with ledger.step("update"):
            side = ledger.derive("side by side", "h̃_i", "all towers", "concatenate", *apart)
            label = "new state: towers mixed"
            return chain(ledger, "state", symbol, label, module.mix, side, record.output[0])

    def _heard(self, record: CallRecord, module: Any, state: str) -> str | None:
        """What the layer gives, or both layers side by side; None where no one can tell."""
        if not isinstance(module.conv, BothDirections):
            calls = {p.call.name: p.call for p in self._under(record)}
            call = calls.get(f"{record.name}.conv")
            return None if call is None else self._layer(call, state)
        names = [f"{record.name}.conv.{side}" for side in ("along", "against")]
        calls = {p.call.name: p.call for p in self._under(record)}
        if not all(name in calls for name in names):
            return None
        heard = []
        for name in names:
            first = min(p.number for p in self._of(calls[name]))
            with self.ledger.part(name.rpartition(".")[2], first):
                heard.append(self._layer(calls[name], state))
        with self.ledger.step("update"):
            both = self._inside(record, f"{record.name}.conv")
            return self.ledger.derive(
                "both", "c_i", "in and out, side by side", "concatenate", *heard,
                recorded=both.output,
            )  # fmt: skip

    def _layer(self, call: CallRecord, state: str) -> str:
        return write_layer(self.trace, self.ledger, call, self._of(call), state, self.edges)

    def _master(self, record: CallRecord, module: Any, state: str) -> str:
        """What the master tells every atom, and its own new state (Gilmer et al., section 5.2)."""
        ledger, graph = self.ledger, graph_of(self.trace)
        node = self._inside(record, f"{record.name}.master")
        read, write = (
            next(p for p in self._under(node) if p.call.name == f"{node.name}.{way}")
            for way in ("read", "write")
        )
        atoms = np.arange(len(graph))
        kind = np.zeros(len(graph), dtype=np.int64)
        graphs = len(read.call.args[0][0])
        with (
            ledger.part(FROM_MASTER, read.number),
            ledger.on(Ground(graph, atoms, kind, graph, graphs)),
        ):
            with ledger.step("gather", 0):
                s = self._masters_state(read)
                s_j = ledger.derive("s_j", "s_g", "the master's state", "of_graph", s, per="edge")
            m_ij = _through(ledger, module.read, s_j, read, "message from the master")
            with ledger.step("aggregate", 0):
                told = ledger.derive(
                    "aggregate", "a_i", "what the master says", "sum_incoming", m_ij,
                    recorded=read.aggregated,
                )  # fmt: skip
        with (
            ledger.part(TO_MASTER, write.number),
            ledger.on(Ground(atoms, graph, kind, graph, graphs)),
        ):
            with ledger.step("gather", 0):
                h_j = ledger.derive("h_j", "h_j", "the atom's state", "source", state)
            m_ij = _through(ledger, module.write, h_j, write, "message to the master")
            with ledger.step("aggregate", 0):
                heard = ledger.derive(
                    "aggregate", "a_g", "sum of the atoms' messages", "sum_nodes", m_ij,
                    recorded=write.aggregated,
                )  # fmt: skip
            with ledger.step("update", 0):
                new = gru(ledger, module.cell, heard, s, node.output[1], "s'_g", MASTER)
        self.master = ledger[new]
        return told

    def _masters_state(self, read: Propagation) -> str:
        """The state that the round before left, or the zeros that it begins with."""
        if self.master is not None:
            return self.ledger.borrow(self.master)
        label, zeros = "the master's first state: zeros", read.call.args[0][0]
        return self.ledger.recorded("master", "s_g", label, zeros, "graph", shown=False)

    def _opaque(self, record: CallRecord, module: Any, state: str, symbol: str) -> str:
        """A layer that is several: each of its calls as it was, and what came of them."""
        ledger, name = self.ledger, type(module.conv).__name__
        calls = list(dict.fromkeys(p.call for p in self._under(record)))
        for call, part in zip(calls, parts_of(calls, record), strict=True):
            if call.name.startswith(f"{record.name}.master."):
                continue
            inner = self._of(call)
            with ledger.part(part, inner[0].number):
                write_layer(self.trace, ledger, call, inner, state, form=generic)
        with ledger.step("update"):
            ledger.cannot_check("state", f"no arithmetic is written down for {name}")
            return ledger.derive(
                "state", symbol, "new state", "opaque", state, recorded=record.output[0],
                axes=("channel",),
            )  # fmt: skip

    def _of(self, call: CallRecord) -> tuple[Propagation, ...]:
        return tuple(p for p in self.r.propagations if p.call is call)

    def _under(self, record: CallRecord) -> list[Propagation]:
        """The propagations of all calls within this one."""
        return [p for p in self.r.propagations if record in _ancestors(p.call)]

    def _inside(self, record: CallRecord, name: str) -> CallRecord:
        """The call of the part of this name within `record`."""
        return next(c for c in self.trace.parts[name] if any(a is record for a in _ancestors(c)))


def _ancestors(call: CallRecord) -> list[CallRecord]:
    found, at = [], call.within
    while at is not None:
        found.append(at)
        at = at.within
    return found


def _through(ledger: Ledger, module: Any, x: str, p: Propagation, label: str) -> str:
    """Each row of x times A."""
    with ledger.step("message", 0):
        weight = ledger.weight("A", "A", "weights", module.lin.weight.T, ("in", "out"))
        return ledger.derive("message", "m_ij", label, "linear", x, weight, recorded=p.messages)


def part_of(call: CallRecord, whole: CallRecord) -> str:
    """Where in its round a layer call stands: ``"tower 2/along"``; empty for the round's layer."""
    words: list[str] = []
    names = call.name[len(whole.name) + 1 :].split(".")
    while names:
        match names:
            case ["towers", k, *rest]:
                words.append(f"tower {int(k) + 1}")
            case ["conv", "along" | "against" as side, *rest]:
                words.append(side)
            case ["conv", *rest]:
                pass
            case ["master", way]:
                words.append(FROM_MASTER if way == "read" else TO_MASTER)
                rest = []
            case [other, *rest]:
                words.append(other)
        names = rest
    return "/".join(words)


def parts_of(calls: Sequence[CallRecord], whole: CallRecord) -> list[str]:
    """`part_of` each call; those of a layer that is called again are numbered from the second."""
    names = [part_of(call, whole) for call in calls]
    before = [names[:k].count(name) for k, name in enumerate(names)]
    return [f"{n} {k + 1}" if n and k else n for n, k in zip(names, before, strict=True)]


def whole_of(call: CallRecord) -> CallRecord | None:
    """The round of ours, with several calls in it, that this one belongs to; else None."""
    found = None
    for record in _ancestors(call):
        module = record.module
        if isinstance(module, Towers) or (
            isinstance(module, NetworkRound)
            and (module.master is not None or isinstance(module.conv, BothDirections))
        ):
            found = record
    return found
