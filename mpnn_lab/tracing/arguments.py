"""Which of a call's arguments are the states that entered a module, and what of its output is."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

from torch import Tensor, nn

from mpnn_lab.errors import TraceError
from mpnn_lab.tracing.recorder import CallRecord

EDGES = ("edge_index", "adj", "adj_t", "hyperedge_index")
"""Parameters that hold edges, whatever their place."""


def state_in(call: CallRecord) -> Tensor:
    """The states that a layer was called with: of a pair, the senders'."""
    first = _named(call)[1]
    state = first[0] if isinstance(first, tuple | list) and first else first
    if not isinstance(state, Tensor):
        raise TraceError(f"{call.name}: its first argument is not a tensor of states")
    return state


def state_out(call: CallRecord) -> Tensor:
    """The states that a module gave: its output, or the first of several things it gave."""
    given = first_tensor(call.output)
    if given is None:
        raise TraceError(f"{call.name}: its output is a {type(call.output).__name__}, not states")
    return given


def state_argument(call: CallRecord) -> tuple[Tensor, Callable[[Tensor], tuple[Any, Any]]]:
    """The states of `state_in`, and the arguments to call the layer with others in their place."""
    state = state_in(call)
    if not state.is_floating_point():
        raise TraceError(f"{call.name}: its first argument is not a tensor of states")
    place, first = _named(call)
    other = first[1] if isinstance(first, tuple) else None

    def rebuild(x: Tensor) -> tuple[tuple[Any, ...], dict[str, Any]]:
        new = (x, x if other is state else other) if isinstance(first, tuple) else x
        if isinstance(place, int):
            return (*call.args[:place], new, *call.args[place + 1 :]), call.kwargs
        return call.args, {**call.kwargs, place: new}

    return state, rebuild


def first_tensor(value: Any) -> Tensor | None:
    """A tensor, or the first one in a tuple, list or dictionary."""
    if isinstance(value, Tensor):
        return value
    inner = value.values() if isinstance(value, dict) else value
    if not isinstance(value, tuple | list | dict):
        return None
    return next((found for v in inner if (found := first_tensor(v)) is not None), None)


def _named(call: CallRecord) -> tuple[int | str, Any]:
    """Place and value of the argument that holds the states: the one called ``x``, else the first.

    TraceError where the first one holds edges: such a layer reads no states.
    """
    names = _positions(call.module, len(call.args))
    if "x" in call.kwargs:
        return "x", call.kwargs["x"]
    if "x" in names and call.args[names.index("x")] is not None:
        return names.index("x"), call.args[names.index("x")]
    if not call.args:
        return "x", None
    if names[0] in EDGES:
        raise TraceError(
            f"{call.name} ({type(call.module).__name__}) reads edges and no states",
            mend="A layer whose weights belong to the nodes of one graph says nothing of another.",
        )
    given = [k for k, value in enumerate(call.args) if value is not None]
    return (given[0], call.args[given[0]]) if given else (0, None)


def _positions(module: nn.Module, count: int) -> list[str]:
    """Names of the parameters that so many positional arguments were bound to."""
    own = "forward" in vars(module)
    names = () if own else _parameters(type(module))  # type: ignore[arg-type]
    return [*names[:count], *[""] * (count - len(names))]


@cache
def _parameters(module: type[nn.Module]) -> tuple[str, ...]:
    """Names of the parameters of `forward`, without the module itself."""
    try:
        return tuple(inspect.signature(module.forward).parameters)[1:]
    except (TypeError, ValueError):
        return ()
