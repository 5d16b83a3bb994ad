"""What cannot be traced, and what to trace instead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import Tensor, nn

from mpnn_lab.checks import shown
from mpnn_lab.errors import LabError, TraceError
from mpnn_lab.nn import Ensemble, ModelSpec


def check_model(model: Any) -> None:
    """Refuse what is no one network: TraceError."""
    if isinstance(model, Ensemble):
        raise TraceError(
            f"an ensemble runs {len(model.members)} networks side by side",
            mend="Trace one of them: trace(ensemble.members[0], data).",
        )
    if isinstance(model, ModelSpec):
        mend = "Trace what it builds: trace(spec.build(), ...)."
        raise TraceError("a specification is no network yet", mend=mend)
    if isinstance(model, type) and issubclass(model, nn.Module):
        mend = f"Make one: trace({model.__name__}(...), data)."
        raise TraceError(f"got the class {model.__name__} to trace, not a module", mend=mend)
    if not isinstance(model, nn.Module):
        raise TraceError(
            f"got {shown(model)} to trace, a {type(model).__name__}; expected a torch.nn.Module",
            mend="Give the network first, then the graph: trace(model, data).",
        )


def all_of_torch(modules: Iterable[nn.Module]) -> bool:
    """Whether all of these are torch's own, which read no edges."""
    return all(type(module).__module__.startswith("torch.nn.") for module in modules)


def check_edges(data: Any, fault: Exception) -> None:
    """Say which node an edge names that is not there, if the run has failed for that."""
    edge_index, x = data.get("edge_index"), data.get("x")
    if isinstance(fault, LabError):  # which says itself what is wrong
        return
    if not isinstance(edge_index, Tensor) or not isinstance(x, Tensor) or not edge_index.numel():
        return
    if edge_index.is_floating_point() or edge_index.is_complex():
        return
    least, most = (int(end) for end in edge_index.aminmax())
    if least < 0 or most >= len(x):
        raise TraceError(
            f"the graph: edge_index names node {least if least < 0 else most}; there are "
            f"{len(x)} nodes, numbered from 0",
            mend="Mend data.edge_index, or give the graph all its nodes (rows of data.x).",
        ) from fault
