"""Aggregations that read the rows in their order: LSTM, GRU, MLP, sorting, a tree of GRU cells."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
from torch import nn
from torch_geometric.nn import aggr

from mpnn_lab.nn.sorting import SortAggregation
from mpnn_lab.tracing.forms.chains import chain, linear, parts_of, written
from mpnn_lab.tracing.forms.gru import Words, gru
from mpnn_lab.tracing.forms.in_order import InOrder
from mpnn_lab.tracing.forms.lstm import lstm_step
from mpnn_lab.tracing.forms.task import Task
from mpnn_lab.tracing.ledger import Ledger


def one_layer(network: nn.LSTM | nn.GRU) -> bool:
    """Whether a recurrent network is a single one, read forth only, with biases."""
    plain = network.num_layers == 1 and not network.bidirectional and network.bias
    return bool(plain and not network.proj_size)


def lstm(ledger: Ledger, task: Task) -> str:
    """The state after x_1, x_2, ... (Hamilton et al. 2017, arXiv:1706.02216)."""
    rows, network = InOrder(ledger, task, task.rows), task.module.lstm
    s = rows.nothing(network.hidden_size, "s0", "nothing read yet")
    c = rows.nothing(network.hidden_size, "c0", "empty memory")
    for t in range(1, rows.most + 1):
        label = f"read so far, after {task.thing} {t}"
        new, memory = lstm_step(
            ledger, network, str(t), rows.at(t), s, c, label, words=f"the {task.thing}",
            within=f"{task.name} ", letter="s", mark=task.mark(t), shown=rows.listed,
        )  # fmt: skip
        s = rows.unless_missing(t, new, s, f"s{t} kept", f"s{task.mark(t)}", label)
        c = rows.unless_missing(t, memory, c, f"c{t} kept", f"c{task.mark(t)}", "memory")
    return _last(ledger, task, s, f"state after the last {task.thing}")


def gru_aggregation(ledger: Ledger, task: Task) -> str:
    """The state after x_1, x_2, ... (Buterez et al. 2022, arXiv:2211.04952)."""
    rows, network = InOrder(ledger, task, task.rows), task.module.gru
    cell = SimpleNamespace(
        weight_ih=network.weight_ih_l0, weight_hh=network.weight_hh_l0,
        bias_ih=network.bias_ih_l0, bias_hh=network.bias_hh_l0,
    )  # fmt: skip
    s = rows.nothing(network.hidden_size, "s0", "nothing read yet")
    for t in range(1, rows.most + 1):
        own, symbol = f"{task.name} s{t}", f"s{task.mark(t)}"
        words = Words((task.thing, "x"), ("state", "s"), task.mark(t), f"{task.name} ", shown=False)
        label = f"read so far, after {task.thing} {t}"
        new = gru(ledger, cell, rows.at(t), s, None, symbol, own, label=label, words=words,
                  shown=rows.listed)  # fmt: skip
        s = rows.unless_missing(t, new, s, f"s{t} kept", symbol, label)
    return _last(ledger, task, s, f"state after the last {task.thing}")


def _last(ledger: Ledger, task: Task, value: str, label: str) -> str:
    return ledger.derive(
        task.name, task.symbol, label, "add", value, recorded=task.recorded, shown=task.shown
    )


def knows_mlp(module: Any) -> bool:
    """Whether the network is a chain of ordinary modules that begins with a linear layer."""
    first = next(parts_of(module.mlp), None)
    return written(module.mlp) and isinstance(getattr(first, "weight", None), nn.Parameter)


def mlp(ledger: Ledger, task: Task) -> str:
    """MLP([x_1, x_2, ...]) (Buterez et al. 2022, arXiv:2211.04952).

    Places that no group fills are left out, with the weights that would meet their zeros.
    """
    module, name = task.module, task.name
    most = max(1, int(np.bincount(task.index(ledger)[0]).max(initial=0)))
    rows = InOrder(ledger, task, task.rows, min(most, module.max_num_elements))
    first: Any
    first, *rest = parts_of(module.mlp)
    used = SimpleNamespace(weight=first.weight[:, : rows.places * rows.width], bias=first.bias)
    alone = task.padded or rows.least > 0
    made = name if alone and not rest else f"{name} made"
    made = made if not rest else f"{name} first"
    recorded = task.recorded if alone else None
    label = f"made of the {task.thing}s side by side"
    y = linear(ledger, made, task.symbol if made == name else f"y{task.rest}", label, rows.all,
               used, "W", recorded if not rest else None, shown=task.shown)  # fmt: skip
    if rest:
        own, symbol = (name, task.symbol) if alone else (f"{name} made", f"y'{task.rest}")
        y = chain(ledger, own, symbol, label, nn.Sequential(*rest), y, recorded, shown=task.shown,
                  steps=f"{name} step")  # fmt: skip
    if alone:
        return y
    nothing = rows.nothing(module.out_channels)
    y = rows.unless_missing(1, y, nothing, "heard", f"y{task.rest}", label)
    return _last(ledger, task, y, label)


def sort(ledger: Ledger, task: Task) -> str:
    """The k rows with the largest last channel, end to end (Zhang et al. 2018, AAAI)."""
    label = f"the {task.module.k} {task.thing}s with the largest last channel, end to end"
    return ledger.derive(
        task.name, task.symbol, label, task.op("sorted"), task.rows, recorded=task.recorded,
        axes=("channel",), shown=task.shown, constants={"places": float(task.module.k)},
    )  # fmt: skip


def lcm(ledger: Ledger, task: Task) -> str:
    """Neighbours put together, then what came of them, as in a tree.

    (Ong and Veličković 2022, arXiv:2212.08541.) Where a number of them is odd, the last waits.
    """
    module, name, rows = task.module, task.name, task.rows
    if module.project:
        net = nn.Sequential(module.lin, nn.ReLU())
        rows = chain(ledger, f"{name} lifted", f"u{task.row}", f"what the {task.thing} brings", net,
                     rows, None, shown=False)  # fmt: skip
    places = InOrder(ledger, task, rows)
    level = [places.at(t, "u") for t in range(1, places.most + 1)]
    span = 1
    while len(level) > 1:
        above = []
        for k in range(0, len(level) - 1, 2):
            pair = _Pair(
                ledger,
                task,
                places.listed,
                k * span + 1,
                (k + 1) * span,
                min((k + 2) * span, places.most),
            )
            both = pair.together(level[k], level[k + 1])
            above.append(
                places.unless_missing(
                    pair.middle + 1, both, level[k], f"{pair.said} kept", pair.symbol, pair.label
                )
            )
        level, span = above + level[len(level) - len(level) % 2 :], 2 * span
    root = level[0] if level else places.nothing(module.out_channels)
    return _last(ledger, task, root, f"all {task.thing}s put together")


class _Pair:
    """Two neighbours in the tree: places `first` to `middle`, and on to `last`."""

    def __init__(
        self, ledger: Ledger, task: Task, listed: bool, first: int, middle: int, last: int
    ) -> None:
        self.ledger, self.task, self.listed, self.middle = ledger, task, listed, middle
        self.said = f"{first} to {last}"
        self.mark = task.mark(self.said.replace(" to ", "–"))
        self.symbol = f"y{self.mark}"
        self.label = f"{task.thing}s {first} to {last} put together"

    def together(self, left: str, right: str) -> str:
        """The mean of the cell's answers to (left, right) and (right, left)."""
        name = f"{self.task.name} {self.said}"
        answers = [
            gru(
                self.ledger, self.task.module.gru_cell, x, h, None, f"y{way}{self.mark}",
                f"{name} {way}", shown=False, label=f"the cell's answer, {said}",
                words=Words((given, "u"), (own, "v"), self.mark, f"{self.task.name} ", False),
            )
            for way, said, x, h, given, own in (
                ("→", "left to right", left, right, "left", "right"),
                ("←", "right to left", right, left, "right", "left"),
            )
        ]  # fmt: skip
        derive = partial(self.ledger.derive, shown=self.listed)
        total = derive(f"{name} sum", f"Σ{self.mark}", "both answers of the cell", "add", *answers)
        half = self.ledger.weight_once(f"{self.task.name} half", "½", "one half", [0.5], ("",))
        return derive(name, self.symbol, self.label, "multiply", total, half)


KNOWN = {
    aggr.LSTMAggregation: lambda module: one_layer(module.lstm),
    aggr.GRUAggregation: lambda module: one_layer(module.gru),
    aggr.MLPAggregation: knows_mlp,
    aggr.LCMAggregation: lambda module: True,
    SortAggregation: lambda module: True,
}
FORMS = {
    aggr.LSTMAggregation: lstm,
    aggr.GRUAggregation: gru_aggregation,
    aggr.MLPAggregation: mlp,
    aggr.LCMAggregation: lcm,
    SortAggregation: sort,
}
