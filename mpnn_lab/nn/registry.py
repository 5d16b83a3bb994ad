"""Every layer a specification can name."""

from __future__ import annotations

from mpnn_lab.errors import SpecError
from mpnn_lab.nn.entry import LayerEntry
from mpnn_lab.nn.layers import LAYERS
from mpnn_lab.nn.layers.unavailable import UNAVAILABLE
from mpnn_lab.nn.nearest import did_you_mean


def layer_entry(name: str) -> LayerEntry:
    """The registry's entry; SpecError for a name that is not there."""
    if name in UNAVAILABLE:
        raise SpecError(f"name: {name} {UNAVAILABLE[name]}")
    if name not in LAYERS:
        raise SpecError(
            f"name: there is no layer {name!r}",
            mend=did_you_mean(name, LAYERS, "The layers are"),
        )
    return LAYERS[name]


__all__ = ["LAYERS", "UNAVAILABLE", "LayerEntry", "layer_entry"]
