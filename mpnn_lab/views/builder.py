"""What the model builder shows: the form, which is made once, and its state, after every edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from mpnn_lab.errors import Fault
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn import AGGREGATORS, LAYERS, READOUTS, UNAVAILABLE, Layer, LayerEntry, ModelSpec
from mpnn_lab.nn.clusters import CLUSTERS
from mpnn_lab.nn.cost import Cost
from mpnn_lab.nn.layers import FAMILIES
from mpnn_lab.nn.norms import NORMS
from mpnn_lab.nn.pooling import POOLS
from mpnn_lab.nn.words import READS
from mpnn_lab.views.fields import FieldView, model_fields, option_field

GRAPH = (
    "hydrogens", "edges", "cutoff", "geometry", "distances", "virtual_edges", "master_node",
    "both_directions",
)  # fmt: skip
"""Fields of a specification that say what graph a molecule becomes."""
REGISTRIES = {
    "aggregators": tuple(AGGREGATORS),
    "norms": tuple(NORMS),
    "poolings": ("none", *POOLS),
    "readouts": (*AGGREGATORS, *READOUTS, *CLUSTERS),
}
"""What a text of a specification can be, by the name of its registry or of its field."""


@dataclass(frozen=True)
class PresetView:
    """A named specification, with a sentence on what it does, among others of its group."""

    name: str
    label: str
    description: str
    group: str


@dataclass(frozen=True)
class LayerChoice:
    """A layer as the list of all of them has it; `reason` where it cannot be chosen."""

    name: str
    family: str
    formula: str
    reads: str
    reason: str


@dataclass(frozen=True)
class LayerDetails:
    """What a card needs to know of its layer: where it comes from, and what it can be asked for."""

    name: str
    formula: str
    paper: str
    reads: str
    aggr: str | None
    aggrs: tuple[str, ...]
    options: tuple[FieldView, ...]


@dataclass(frozen=True)
class AggregatorChoice:
    """An aggregation; `order` where it depends on the order of the atoms."""

    name: str
    formula: str
    order: bool


@dataclass(frozen=True)
class BuilderForm:
    """All that can be chosen; it stays as it is."""

    presets: tuple[PresetView, ...]
    layers: tuple[LayerChoice, ...]
    aggregators: tuple[AggregatorChoice, ...]
    layer_fields: tuple[FieldView, ...]
    network_fields: tuple[FieldView, ...]
    graph_fields: tuple[FieldView, ...]
    most_rounds: int


@dataclass(frozen=True)
class FaultView:
    """One thing that is wrong, at the path of its field."""

    path: str
    what: str
    mend: str


@dataclass(frozen=True)
class PartCost:
    """What one part of the network costs."""

    name: str
    parameters: int
    multiply_adds: int
    messages: int


@dataclass(frozen=True)
class CostView:
    """What the network costs on the molecule at hand."""

    parameters: int
    multiply_adds: int
    complete: bool
    parts: tuple[PartCost, ...]


@dataclass(frozen=True)
class BuilderState:
    """The draft as it stands, what is wrong with it, what it does and costs.

    `readout_options` are those of the draft's readout; for most there are none.
    """

    spec: dict[str, Any]
    details: dict[str, LayerDetails]
    readout_options: tuple[FieldView, ...]
    faults: tuple[FaultView, ...]
    preset: str
    words: str
    cost: CostView | None
    molecule: str
    notes: tuple[str, ...]


@cache
def fields_of(model: type[ModelSpec | Layer]) -> tuple[FieldView, ...]:
    """Every field of a specification, or of one of its layers."""
    return model_fields(model, REGISTRIES)


def builder_form(presets: Sequence[PresetView]) -> BuilderForm:
    """The form, from the registries and the schemas of `ModelSpec` and `Layer`."""
    fields = [f for f in fields_of(ModelSpec) if f.name not in ("rounds", "readout_options")]
    return BuilderForm(
        presets=tuple(presets),
        layers=_layer_choices(),
        aggregators=tuple(
            AggregatorChoice(a.name, a.formula, a.order) for a in AGGREGATORS.values()
        ),
        layer_fields=tuple(f for f in fields_of(Layer) if f.name not in ("name", "options")),
        network_fields=tuple(f for f in fields if f.name not in GRAPH),
        graph_fields=tuple(f for f in fields if f.name in GRAPH),
        most_rounds=LIMITS.rounds,
    )


def builder_state(
    draft: dict[str, Any],
    *,
    faults: Sequence[Fault] = (),
    preset: str = "",
    words: str = "",
    cost: Cost | None = None,
    molecule: str = "",
    notes: Sequence[str] = (),
) -> BuilderState:
    """The state of a draft, which may be faulty."""
    names = {str(layer.get("name")) for layer in draft["rounds"]}
    return BuilderState(
        spec=draft,
        readout_options=readout_fields(draft.get("readout")),
        details={name: _details(LAYERS[name]) for name in names if name in LAYERS},
        faults=tuple(FaultView(f.path, f.what, f.mend) for f in faults),
        preset=preset,
        words=words,
        cost=None if cost is None else _cost(cost),
        molecule=molecule,
        notes=tuple(notes),
    )


def readout_fields(readout: Any) -> tuple[FieldView, ...]:
    """The own options of the readout of this name."""
    entry = CLUSTERS.get(readout) if isinstance(readout, str) else None
    options = {} if entry is None else entry.described()
    return tuple(option_field(option) for option in options.values())


def plain(view: BuilderForm | BuilderState) -> dict[str, Any]:
    """The view as JSON has it."""
    return asdict(view)


def _layer_choices() -> tuple[LayerChoice, ...]:
    known = [
        LayerChoice(entry.name, _title(family), entry.formula, _reads(entry), "")
        for family in FAMILIES
        for entry in family.ENTRIES
    ]
    missing = [LayerChoice(n, "Not available", "", "", reason) for n, reason in UNAVAILABLE.items()]
    return (*known, *missing)


def _title(family: Any) -> str:
    """The first line of a family's docstring to its first comma, less what all begin with."""
    line = (family.__doc__ or "").strip().splitlines()[0].rstrip(".").partition(",")[0]
    line = line.removeprefix("Layers ").removeprefix("that ")
    return line[:1].upper() + line[1:]


def _reads(entry: LayerEntry) -> str:
    return ", ".join(READS.get(need, need) for need in entry.reads)


def _details(entry: LayerEntry) -> LayerDetails:
    return LayerDetails(
        name=entry.name,
        formula=entry.formula,
        paper=entry.paper,
        reads=_reads(entry),
        aggr=entry.aggr,
        aggrs=entry.aggrs if entry.aggr is not None else (),
        options=tuple(option_field(option) for option in entry.described().values()),
    )


def _cost(cost: Cost) -> CostView:
    parts = (PartCost(p.name, p.parameters, p.multiply_adds, p.messages) for p in cost.parts)
    return CostView(cost.parameters, cost.multiply_adds, cost.complete, tuple(parts))
