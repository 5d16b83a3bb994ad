"""How a model is called: with the graph itself, or with its fields by the names of `forward`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from torch import nn

from mpnn_lab.errors import TraceError

WHOLE = ("data", "batch_data", "graph", "inputs")


def caller(
    model: nn.Module, data: Any, forward: Callable[[Any, Any], Any] | None
) -> Callable[[], Any]:
    """A function of no arguments that runs the model on the graph."""
    if forward is not None:
        return lambda: forward(model, data)
    needed, optional = _parameters(model)
    if len(needed) == 1 and (needed[0] in WHOLE or data.get(needed[0]) is None):
        return lambda: model(data)
    given = {name: data.get(name) for name in (*needed, *optional)}
    if "batch" in needed and given["batch"] is None:
        given["batch"] = data.edge_index.new_zeros(data.num_nodes)
    missing = [name for name in needed if given[name] is None]
    if missing:
        raise TraceError(
            f"{type(model).__name__}.forward needs {', '.join(missing)}; the graph has "
            f"{', '.join(data.keys())}",
            mend="Add what is missing to the graph, or pass forward=lambda m, d: ...",
        )
    fields = {name: value for name, value in given.items() if value is not None}
    return lambda: _call(model, fields)


def _call(model: nn.Module, fields: dict[str, Any]) -> Any:
    try:
        return model(**fields)
    except Exception as fault:
        fault.add_note(
            f"It was called with the graph's {', '.join(fields)}, by the names of its forward's "
            "parameters; to call it otherwise, pass forward=lambda m, d: m(d.x, d.edge_index)."
        )
        raise


def _parameters(model: nn.Module) -> tuple[list[str], list[str]]:
    """Names of the parameters that `forward` needs, and of those it can do without."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    named = [p for p in inspect.signature(model.forward).parameters.values() if p.kind in kinds]
    needed = [p.name for p in named if p.default is p.empty]
    return needed, [p.name for p in named if p.default is not p.empty]
