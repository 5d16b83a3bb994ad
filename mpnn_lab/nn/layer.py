"""Layer: one round of a specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StrictInt, model_validator

from mpnn_lab.checks import shown
from mpnn_lab.errors import SpecError
from mpnn_lab.nn.faults import unknown_field
from mpnn_lab.nn.norms import norm_entry
from mpnn_lab.nn.options import Options
from mpnn_lab.nn.pooling import check_pool
from mpnn_lab.nn.strict import Strict, Width

ABSENT: Any = object()
"""Stands for a name that was not given, which is a fault like any other field's."""


class Layer(Strict):
    """One round's message-passing layer and what follows it.

    A round is layer, norm, activation, dropout, update, pooling, in this order.

    Attributes
    ----------
    name : a name in the registry of layers, such as ``"NNConv"``.
    width : channels of the atom states that leave the layer.
    aggr : how messages are aggregated, by a name in the registry of aggregations; the layer's own
        way where it is not given.
    norm : how what the layer gives is normalised, by a name in the registry of normalisations.
    activation : applied to that, before the update.
    dropout : probability, in training only.
    pool : how atoms drop out or merge after the update, by a name in the registry of poolings.
    pool_ratio : the share of a molecule's atoms that stay (rounded up); a half if not given.
    block : how this round's states go on, as in the blocks of DeepGCN (Li et al. 2019,
        arXiv:1904.03751, and 2020, arXiv:2006.07739; PyG's DeepGCNLayer), instead of by the
        network's update: ``plain`` (h' = m), ``res`` (h' = h + m), ``dense`` (h' = [h, m], wider by
        the states that came), or ``res+``, where activation and dropout come before the layer
        (h' = h + layer(h)). ``none``: by the network's update.
    options : the layer's own arguments, such as ``{"heads": 4}``.
    """

    name: str
    width: StrictInt = Width
    aggr: str | None = None
    norm: str = Field(default="none", json_schema_extra={"registry": "norms"})
    activation: Literal["none", "relu", "elu", "silu", "tanh"] = "relu"
    dropout: float = Field(default=0.0, ge=0, lt=1, strict=True)
    pool: str = Field(default="none", json_schema_extra={"registry": "poolings"})
    pool_ratio: float | None = Field(default=None, gt=0, lt=1, strict=True)
    block: Literal["none", "plain", "res", "res+", "dense"] = "none"
    options: Annotated[dict[str, bool | int | float | str], AfterValidator(Options)] = Options()

    def __init__(self, name: str = ABSENT, width: int = 64, **fields: Any) -> None:
        named = {} if name is ABSENT else {"name": name}
        super().__init__(**named, width=width, **fields)

    @classmethod
    def unknown(cls, name: str, given: Mapping[str, Any]) -> tuple[str, str]:
        """A field that there is not, which may be an option of the layer's own."""
        from mpnn_lab.nn.registry import LAYERS

        what, mend = unknown_field(cls, name)
        entry = LAYERS.get(str(given.get("name")))
        if entry is not None and name in entry.options():
            value = shown(given.get(name))
            own = f"{entry.name}'s own options go in options={{{name!r}: {value}}}."
            mend = f"Its fields are {', '.join(cls.model_fields)}; {own}"
        return what, mend

    @model_validator(mode="after")
    def _known(self) -> Layer:
        from mpnn_lab.nn.registry import layer_entry

        entry = layer_entry(self.name)
        entry.check(self)
        norm_entry(self.norm)
        check_pool(self)
        if self.block == "res+" and "history" in entry.reads:
            raise SpecError(
                f"block: 'res+' changes the states before {self.name}, which reads those of all "
                "rounds as they were",
                mend="Take block='res'.",
            )
        return self
