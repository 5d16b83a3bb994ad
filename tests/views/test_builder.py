"""The builder's form and state: made of the schema and the registries alone."""

import json
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from mpnn_lab import Layer, ModelSpec
from mpnn_lab.errors import Fault, SpecError
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn import AGGREGATORS, LAYERS, READOUTS, UNAVAILABLE
from mpnn_lab.nn.clusters import CLUSTERS
from mpnn_lab.views.builder import (
    PresetView,
    builder_form,
    builder_state,
    fields_of,
    plain,
    readout_fields,
)
from mpnn_lab.views.fields import attribute_docs, label_of, model_fields, option_field

FORM = builder_form([PresetView("a", "A", "What it does.", "Some")])
FIELDS = {f.name: f for f in (*FORM.network_fields, *FORM.graph_fields)}


class Part(BaseModel):
    """A part."""

    depth: int = 1


class Later(BaseModel):
    """A specification with fields that the form has never heard of.

    Attributes
    ----------
    colour : which colour,
        in ``words``.
    fast, loud : whether it is.
    """

    colour: Literal["red", "blue"] = "red"
    fast: bool = False
    loud: bool | None = None
    depth: Annotated[int, Field(ge=1, le=5)] = 2
    share: float = Field(default=0.5, gt=0, lt=1)
    widths: tuple[int, ...] = (3, 4)
    name: str = "x"
    chosen: str | None = None
    other: str = Field(default="two", json_schema_extra={"registry": "chosen"})
    part: Part | None = None
    anything: dict[str, Any] = {}


LATER = {f.name: f for f in model_fields(Later, {"chosen": ("one", "two")})}


def test_a_field_that_nobody_foresaw_has_a_kind():
    kinds = {name: field.kind for name, field in LATER.items()}
    assert kinds == {
        "colour": "choice", "fast": "flag", "loud": "flag", "depth": "whole", "share": "number",
        "widths": "list", "name": "text", "chosen": "choice", "other": "choice", "part": "json",
        "anything": "json",
    }  # fmt: skip
    assert LATER["colour"].choices == ("red", "blue")
    assert (LATER["depth"].least, LATER["depth"].most, LATER["depth"].default) == (1, 5, 2)
    assert (LATER["share"].most, LATER["share"].below) == (1, True)
    assert LATER["widths"].default == (3, 4)
    assert LATER["chosen"].choices == LATER["other"].choices == ("one", "two")
    assert [n for n, f in LATER.items() if f.optional] == ["loud", "chosen", "part"]


def test_what_a_field_means_is_read_from_the_docstring():
    assert LATER["colour"].description == "Which colour, in words."
    assert LATER["fast"].description == LATER["loud"].description == "Whether it is."
    assert LATER["depth"].description == ""
    assert attribute_docs(Part) == {}
    assert label_of("virtual_edges") == "Virtual edges"


@pytest.mark.parametrize("model", [ModelSpec, Layer])
def test_every_field_is_in_the_form_with_its_meaning(model):
    fields = {field.name: field for field in fields_of(model)}
    assert set(fields) == set(model.model_fields)
    assert [name for name, field in fields.items() if not field.description] == []
    shown = set(FIELDS) if model is ModelSpec else {f.name for f in FORM.layer_fields}
    assert set(fields) - shown == (
        {"rounds", "readout_options"} if model is ModelSpec else {"name", "options"}
    )


def test_defaults_and_ranges_are_those_of_the_specification():
    spec = ModelSpec(rounds=[Layer("GCNConv", 4)])
    for name, field in FIELDS.items():
        assert field.default == getattr(spec, name)
        assert field.kind != "json"
    width = next(f for f in FORM.layer_fields if f.name == "width")
    assert (width.kind, width.least, width.most) == ("whole", 1, LIMITS.width)
    dropout = next(f for f in FORM.layer_fields if f.name == "dropout")
    assert (dropout.kind, dropout.least, dropout.most, dropout.below) == ("number", 0, 1, True)
    assert set(FIELDS["readout"].choices) >= set(AGGREGATORS)


def test_every_layer_is_listed_and_what_cannot_be_chosen_says_why():
    listed = {layer.name: layer for layer in FORM.layers}
    assert set(listed) == {*LAYERS, *UNAVAILABLE}
    assert {n: layer.reason for n, layer in listed.items() if layer.reason} == UNAVAILABLE
    assert all(listed[name].formula and listed[name].family for name in LAYERS)
    assert listed["NNConv"].reads == "the bond's features"


def test_aggregators_that_depend_on_order_are_marked():
    marked = {a.name for a in FORM.aggregators if a.order}
    assert marked == {n for n, entry in AGGREGATORS.items() if entry.order}
    assert {"lstm", "gru"} <= marked


@pytest.mark.parametrize("name", LAYERS)
def test_a_layers_options_as_fields(name):
    for option in LAYERS[name].described().values():
        field = option_field(option)
        assert field.optional
        assert field.kind in ("flag", "whole", "number", "choice", "text")
        assert (field.kind == "flag") == (option.types == (bool,))
        for number in (field.least, field.most):
            if number is not None and not (field.below and number == field.most):
                option.check(int(number) if option.types[0] is int else number)


def test_a_number_or_a_word_is_typed():
    field = option_field(LAYERS["GATConv"].described()["fill_value"])
    assert (field.kind, field.default) == ("text", "mean")
    assert "mul" in field.choices


def test_form_and_state_are_small_and_plain():
    draft = {"rounds": [{"name": "NNConv", "width": 8, "options": {}}, {"name": "GCNConv"}]}
    state = builder_state(draft, faults=[Fault("rounds.1.width", "missing", "Give one.")])
    for view, limit in ((FORM, 60_000), (state, 12_000)):
        text = json.dumps(plain(view), allow_nan=False)
        assert len(text) < limit
    assert set(state.details) == {"NNConv", "GCNConv"}
    assert state.details["GCNConv"].aggrs == LAYERS["GCNConv"].aggrs
    assert plain(state)["faults"] == (
        {"path": "rounds.1.width", "what": "missing", "mend": "Give one."},
    )
    strange = builder_state({"rounds": [{"name": "NoConv"}, {"name": 3}]})
    assert strange.details == {}


@pytest.mark.parametrize("name", [*AGGREGATORS, *READOUTS, *CLUSTERS])
def test_a_readouts_options_as_fields(name):
    """At the ends of their ranges a specification takes them, beyond it does not."""
    fields = {field.name: field for field in readout_fields(name)}
    assert bool(fields) == (name in CLUSTERS)
    for field in fields.values():
        if field.kind == "choice":
            good, bad = field.choices, ["none of these"]
        else:
            good, bad = [field.least, field.most], [field.least - 1, field.most + 1]
        spec = ModelSpec(rounds=[Layer("GCNConv", 4)], readout=name)
        for value in good:
            spec.replace(readout_options={field.name: value})
        for value in bad:
            with pytest.raises(SpecError, match=f"readout_options.{field.name}"):
                spec.replace(readout_options={field.name: value})


def test_what_is_no_readout_has_no_options():
    for readout in (None, 3, ["sum"], "typical"):
        assert readout_fields(readout) == ()
