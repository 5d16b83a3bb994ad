"""The layers of the registry, one family a file."""

from mpnn_lab.nn.entry import LayerEntry
from mpnn_lab.nn.layers import (
    attention,
    degrees,
    edges,
    groups,
    mpnn,
    plain,
    points,
    relations,
    types,
)
from mpnn_lab.nn.layers.messages import with_learned
from mpnn_lab.nn.layers.told import with_words

FAMILIES = (edges, attention, degrees, plain, relations, types, points, groups, mpnn)
LAYERS: dict[str, LayerEntry] = {
    entry.name: with_words(with_learned(entry)) for f in FAMILIES for entry in f.ENTRIES
}

__all__ = ["LAYERS"]
