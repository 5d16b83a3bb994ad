"""ModelSpec: a network written down, to be built, stored as JSON and shown in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    StrictBool,
    StrictInt,
    field_validator,
    model_validator,
)

from mpnn_lab.errors import SpecError
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn.blocks import check_blocks
from mpnn_lab.nn.clusters import check_readout_options
from mpnn_lab.nn.family import check_family, described
from mpnn_lab.nn.faults import ROUNDS
from mpnn_lab.nn.jumping import check_jumping
from mpnn_lab.nn.layer import Layer
from mpnn_lab.nn.options import Options
from mpnn_lab.nn.pooling import check_pools
from mpnn_lab.nn.strict import Strict

if TYPE_CHECKING:
    from torch_geometric.data import Data

    from mpnn_lab.chem import Featurizer, Mol
    from mpnn_lab.nn.network import Network


UPDATES = {"none": "", "residual": " · residual", "gru": " · GRU", "mlp": " · MLP"}


class ModelSpec(Strict):
    """A message-passing network over a molecule.

    Attributes
    ----------
    rounds : the layers, one for each round of message passing.
    tied : whether all rounds share one set of weights (needs equal layers).
    update : how the aggregated message m changes the state h: ``none`` (h' = m), ``residual``
        (h' = h + m), ``gru`` (h' = GRU(m, h), Gilmer et al. 2017) or ``mlp``
        (h' = MLP([h, m])). GatedGraphConv brings a GRU of its own, and wants ``none``.
    tied_update : whether all rounds share the weights of the update, however their layers differ.
    jumping : what the readout is given: ``none`` (the states after the last round), or those
        after all rounds, as ``cat`` (end to end), ``max`` (the largest of each channel) or
        ``lstm`` (weighted by attention; Xu et al. 2018, arXiv:1806.03536).
    readout : how the atoms' last states become one vector: a name in the registry of
        aggregations, such as ``sum``, ``mean`` or ``set2set``, or of readouts that read more:
        ``gated`` (the first states too), ``set2set with x`` (the features), ``fingerprint`` (the
        states of all rounds), ``atomwise``.
        By clusters too: ``mem pooling``, ``diff pooling``, ``mincut pooling``, ``dmon pooling``,
        whose ``aux_loss`` training adds to the loss.
    readout_options : the readout's own arguments, such as ``{"clusters": 4}``.
    head : widths of the hidden layers between readout and targets.
    targets : how many numbers are predicted.
    hydrogens : whether hydrogens are atoms of the graph.
    towers : in how many parts each atom's state passes messages; a network mixes them after every
        round (Gilmer et al. 2017, section 5.4).
    master_node : the width d_master of a node that every atom writes to and reads from in every
        round (section 5.2); 0 for none.
    both_directions : whether messages along the edges and against them have layers of their own
        (section 5: a channel for incoming and one for outgoing edges).
    pad_input : whether the atoms' features are padded with zeros to the first width, instead of
        projected (Gilmer et al. 2017, section 6).
    edges : which pairs of atoms are edges: ``bonds``, ``complete`` (all pairs) or ``radius``
        (bonds, and pairs within `cutoff`). Pairs without a bond have a type of their own.
    geometry : whether the graph has positions; it has them in any case where a layer reads them,
        with distances, and with ``edges="radius"``.
    distances : whether edge features tell the atoms' distance: ``none``, ``raw`` (in Å, for every
        edge) or ``binned`` (ten bins, for pairs without a bond; Gilmer et al. 2017, section 6).
    cutoff : in Å, for ``edges="radius"`` alone.
    virtual_edges : whether every pair without a bond is an edge of a type of its own (the same,
        section 5.1); for ``edges="bonds"`` alone.
    """

    rounds: tuple[Layer, ...] = Field(min_length=1, max_length=LIMITS.rounds)
    tied: StrictBool = False
    update: Literal["none", "residual", "gru", "mlp"] = "none"
    tied_update: StrictBool = False
    jumping: Literal["none", "cat", "max", "lstm"] = "none"
    readout: str = Field(default="sum", json_schema_extra={"registry": "readouts"})
    readout_options: Annotated[dict[str, bool | int | float | str], AfterValidator(Options)] = (
        Options()
    )
    head: tuple[StrictInt, ...] = (64,)
    targets: StrictInt = Field(default=1, ge=1, le=1_000)
    hydrogens: StrictBool = False
    towers: StrictInt = Field(default=1, ge=1, le=LIMITS.towers)
    master_node: StrictInt = Field(default=0, ge=0, le=LIMITS.width)
    both_directions: StrictBool = False
    pad_input: StrictBool = False
    edges: Literal["bonds", "complete", "radius"] = "bonds"
    geometry: StrictBool = False
    distances: Literal["none", "raw", "binned"] = "none"
    cutoff: float = Field(default=5.0, gt=0, le=1_000, strict=True)
    virtual_edges: StrictBool = False

    @field_validator("rounds", mode="before")
    @classmethod
    def _several(cls, rounds: Any) -> Any:
        if isinstance(rounds, Layer | dict):  # both can be gone through, field by field
            what, mend = ROUNDS["tuple_type"]
            raise SpecError(f"rounds: {what}, and got one layer", mend=mend)
        return rounds

    @field_validator("readout")
    @classmethod
    def _known_readout(cls, readout: str) -> str:
        from mpnn_lab.nn.clusters import CLUSTERS
        from mpnn_lab.nn.readouts import readout_entry

        if readout not in CLUSTERS:
            readout_entry(readout, "readout")
        return readout

    @field_validator("head")
    @classmethod
    def _widths(cls, head: tuple[int, ...]) -> tuple[int, ...]:
        for place, width in enumerate(head):
            if not 1 <= width <= LIMITS.width:
                raise ValueError(f"head {place} is {width}; expected 1 to {LIMITS.width}")
        return head

    @model_validator(mode="after")
    def _graph_fits_together(self) -> ModelSpec:
        from mpnn_lab.chem.pairs import contradiction

        fault = contradiction(self.edges, self.virtual_edges, self.distances, self.cutoff)
        if fault is not None:
            raise SpecError(f"{fault[0]}: {fault[1]}", mend=fault[2])
        return self

    @model_validator(mode="after")
    def _fits_together(self) -> ModelSpec:
        unequal = next((t for t, r in enumerate(self.rounds) if r != self.rounds[0]), None)
        if self.tied and unequal is not None:
            raise SpecError(
                f"rounds.{unequal}: differs from the first round, but tied rounds share one layer",
                mend="Make the layers equal, or set tied=False.",
            )
        compound = self.towers > 1 or self.both_directions or bool(self.master_node)
        check_blocks(self.rounds, self.tied, self.update, compound)
        if self.tied_update and self.update not in ("gru", "mlp"):
            raise SpecError(
                f"tied_update: the update {self.update!r} has no weights to share",
                mend="Take update='gru' or update='mlp', or leave tied_update out.",
            )
        if self.update in ("residual", "gru") or self.tied_update:
            for t, layer in enumerate(self.rounds):
                if layer.width != self.rounds[0].width:
                    raise SpecError(
                        f"rounds.{t}.width: {layer.width}, but the update {self.update!r} keeps "
                        f"the width {self.rounds[0].width} of the first round",
                        mend="Give all rounds one width, or use update='none'.",
                    )
        check_family(self)
        check_readout_options(self.readout, self.readout_options)
        check_pools(self, compound)
        check_jumping(self)
        return self

    @property
    def width(self) -> int:
        """Channels of the projected input, which are those of the first round."""
        return self.rounds[0].width

    def summary(self) -> str:
        """The model in one line: ``NNConv × 3 · sum · GRU · set2set``."""
        from mpnn_lab.nn.registry import layer_entry

        names = [layer.name for layer in self.rounds]
        first = names[0] if len(set(names)) == 1 else " → ".join(names)
        count = f" × {len(names)}" if len(set(names)) == 1 else ""
        aggrs = list(
            dict.fromkeys(r.aggr or layer_entry(r.name).aggr or "own way" for r in self.rounds)
        )
        update = UPDATES[self.update].replace("· ", "· one " if self.tied_update else "· ")
        jumping = "" if self.jumping == "none" else f" · jumping ({self.jumping})"
        tied = " · tied" if self.tied and len(names) > 1 else ""
        parts = "".join(f" · {part}" for part in described(self))
        line = f"{first}{count}{tied} · {'/'.join(aggrs)}{update}{jumping}{parts} · {self.readout}"
        return " · ".join((line, *self._graph_words()))

    def _graph_words(self) -> list[str]:
        """What the graph has beside bonds."""
        words = {"bonds": [], "complete": ["all pairs"], "radius": [f"within {self.cutoff:g} Å"]}
        said = [*words[self.edges], *["virtual edges"] * self.virtual_edges]
        return said + [f"distances {self.distances}"] * (self.distances != "none")

    @property
    def positions(self) -> bool:
        """Whether the graph has positions, asked for or implied."""
        from mpnn_lab.nn.registry import layer_entry

        implied = self.edges == "radius" or self.distances != "none"
        return self.geometry or implied or any(layer_entry(r.name).positions for r in self.rounds)

    def featurizer(self) -> Featurizer:
        """What names and fills the columns of the graphs that this model reads."""
        from mpnn_lab.chem import Featurizer

        unbonded = self.virtual_edges or self.edges != "bonds"
        return Featurizer(self.hydrogens, unbonded, self.distances)

    def featurize(self, mol: Mol | str) -> Data:
        """The molecule as the `Data` that this model reads, with all that its layers ask for."""
        from mpnn_lab.graph import featurize

        return featurize(
            mol,
            hydrogens=self.hydrogens,
            edges=self.edges,
            geometry=self.positions,
            distances=self.distances,
            cutoff=self.cutoff,
            virtual_edges=self.virtual_edges,
        )

    def build(self, seed: int = 0) -> Network:
        """An ordinary ``nn.Module`` with parameters drawn from `seed` (and nothing else)."""
        from mpnn_lab.nn.network import build

        return build(self, seed)

    def to_json(self) -> str:
        """Write the specification as JSON, which `from_json` reads back."""
        return self.model_dump_json(indent=2)

    @classmethod
    def from_json(cls, text: str | bytes) -> ModelSpec:
        """Read what `to_json` wrote; anything else is a SpecError with the field's path."""
        if not isinstance(text, str | bytes):
            raise SpecError(
                f"specification: got a {type(text).__name__}; expected the text of its JSON",
                mend="Give what ModelSpec.to_json wrote.",
            )
        size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "replace"))
        if size > LIMITS.json_bytes:
            raise SpecError(
                f"a specification of {size} bytes; at most {LIMITS.json_bytes} are read"
            )
        return cls.model_validate_json(text)
