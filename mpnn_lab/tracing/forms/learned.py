"""Aggregations with networks of their own, whose rows need no order: attention, deep sets."""

from __future__ import annotations

from functools import partial
from typing import Any

from torch_geometric.nn import aggr

from mpnn_lab.tracing.forms.chains import chain, written
from mpnn_lab.tracing.forms.task import Task
from mpnn_lab.tracing.ledger import Ledger


def knows_attentional(module: Any) -> bool:
    """Whether both its networks are chains of ordinary modules."""
    value = _value(module)
    return written(_gate(module)) and (value is None or written(value))


def attentional(ledger: Ledger, task: Task) -> str:
    """Σ_j s_j v_j, s = softmax_j gate(x_j), v_j = net(x_j) (Li et al. 2019, arXiv:1904.12787)."""
    name, row = task.name, task.row
    gate = chain(ledger, f"{name} logit", f"g{row}", "gate before the softmax", _gate(task.module),
                 task.rows, None, shown=False)  # fmt: skip
    share = ledger.derive(f"{name} share", f"s{row}", "share of the sum", task.op("softmax"), gate,
                          shown=task.shown)  # fmt: skip
    if task.over == "incoming":
        ledger.weighs(share, ledger.propagation)
    net, value = _value(task.module), task.rows
    if net is not None:
        value = chain(ledger, f"{name} value", f"v{row}", f"what the {task.thing} says", net, value,
                      None, shown=task.shown)  # fmt: skip
    return ledger.derive(
        name, task.symbol, "sum, each by its share", task.op("weighted_sum"), share, value,
        recorded=task.recorded, shown=task.shown,
    )  # fmt: skip


def _gate(module: Any) -> Any:
    return module.gate_nn if module.gate_mlp is None else module.gate_mlp


def _value(module: Any) -> Any:
    return module.nn if module.mlp is None else module.mlp


def knows_deep_sets(module: Any) -> bool:
    """Whether all its networks are chains of ordinary modules."""
    return all(written(net) for net in (*_local(module), *_whole(module)))


def deep_sets(ledger: Ledger, task: Task) -> str:
    """ρ(Σ_j φ(x_j)) (Zaheer et al. 2017, arXiv:1703.06114)."""
    name, said = task.name, task.rows
    derive = partial(ledger.derive, shown=task.shown)
    for k, net in enumerate(_local(task.module)):
        own = f"{name} said {k + 1}" if k else f"{name} said"
        said = chain(ledger, own, f"φ{task.row}", f"what the {task.thing} says", net, said, None,
                     shown=task.shown)  # fmt: skip
    whole = _whole(task.module)
    own, symbol, recorded = (
        (f"{name} sum", f"Σφ{task.rest}", None) if whole else (name, task.symbol, task.recorded)
    )
    total = derive(own, symbol, f"sum of what the {task.thing}s say", task.op("sum"), said,
                   recorded=recorded)  # fmt: skip
    for net in whole:
        total = chain(ledger, name, task.symbol, "made of the sum", net, total, task.recorded,
                      shown=task.shown, steps=f"{name} step")  # fmt: skip
    return total


def _local(module: Any) -> list[Any]:
    return [net for net in (module.local_mlp, module.local_nn) if net is not None]


def _whole(module: Any) -> list[Any]:
    net = module.global_nn if module.global_mlp is None else module.global_mlp
    return [] if net is None else [net]


KNOWN = {
    aggr.AttentionalAggregation: knows_attentional,
    aggr.DeepSetsAggregation: knows_deep_sets,
}
FORMS = {
    aggr.AttentionalAggregation: attentional,
    aggr.DeepSetsAggregation: deep_sets,
}
