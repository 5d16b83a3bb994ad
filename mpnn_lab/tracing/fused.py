"""PyG's fused path aggregates without making messages: the same run once more without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric import EdgeIndex
from torch_geometric.nn import MessagePassing

from mpnn_lab.tracing.adjacency import is_plain, plain_edges, sizes, with_values
from mpnn_lab.tracing.recorder import Recorder


def unhidden(
    recorder: Recorder, output: Any, modules: Mapping[str, nn.Module],
    buffers: tuple[list[Tensor], list[Tensor]], run: Callable[[], tuple[Any, Recorder]],
) -> Recorder:  # fmt: skip
    """What a run with messages records, if it gives the same bits; else the run as it was.

    Where it gives others (sums in another order), showing its messages would be showing another
    run: then each propagation without messages says why.

    Parameters
    ----------
    recorder, output : of the run whose messages PyG did not make.
    modules : all of the model's.
    buffers : the model's buffers, and their values before the first run; they are left as that
        run left them.
    run : runs the model once more.
    """
    own, before = buffers
    after = [buffer.clone() for buffer in own]
    _put(own, before)
    try:
        with unfused(modules.values()):
            again, other = run()
    except Exception as fault:
        why = f"made to make them, the model fails ({type(fault).__name__})"
    else:
        pairs = [(output, again)]
        pairs += [(a.output, b.output) for a, b in zip(recorder.layers, other.layers, strict=False)]
        apart = max((_apart(a, b) for a, b in pairs), default=0.0)
        if apart == 0 and len(recorder.layers) == len(other.layers):
            return other
        why = f"made to make them, the run is another (by up to {apart:.1g})"
    finally:
        _put(own, after)
    for record in recorder.hidden:
        record.hidden = f"{record.hidden}; {why}"
    return recorder


@contextmanager
def unfused(modules: Iterable[nn.Module]) -> Iterator[None]:
    """Every layer propagates along plain edges inside, as it does where it is given these."""

    def plain(module: nn.Module, inputs: Any) -> Any:
        edge_index, size, kwargs = inputs
        if is_plain(edge_index) and not isinstance(edge_index, EdgeIndex):
            return None
        return plain_edges(edge_index), sizes(edge_index, size), with_values(edge_index, kwargs)

    with ExitStack() as stack:
        for module in modules:
            if isinstance(module, MessagePassing):
                handle = module.register_propagate_forward_pre_hook(plain)
                stack.callback(handle.remove)
        yield


def _put(buffers: list[Tensor], values: list[Tensor]) -> None:
    for buffer, value in zip(buffers, values, strict=True):
        buffer.data.copy_(value)


def _apart(one: Any, other: Any) -> float:
    """The largest difference; 0 for the same bits alone."""
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        if one.shape != other.shape or one.dtype != other.dtype:
            return float("inf")
        if torch.equal(one, other):
            return 0.0
        return float((one.detach().double() - other.detach().double()).abs().max()) or float("inf")
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        pairs = zip(one, other, strict=False)
        return max((_apart(a, b) for a, b in pairs), default=0.0)
    if isinstance(one, dict) and isinstance(other, dict):
        return max((_apart(one[k], other.get(k)) for k in one), default=0.0)
    return 0.0 if type(one) is type(other) else float("inf")
