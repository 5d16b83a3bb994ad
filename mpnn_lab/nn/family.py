"""What the parts of a specification that come from Gilmer et al. (2017) ask of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpnn_lab.errors import SpecError

if TYPE_CHECKING:
    from mpnn_lab.nn.spec import ModelSpec


def check_family(spec: ModelSpec) -> None:
    """Refuse parts that do not go together: SpecError, led by the field."""
    if spec.pad_input:
        _check_padding(spec)


def _check_padding(spec: ModelSpec) -> None:
    from mpnn_lab.chem import Featurizer

    columns = len(Featurizer(hydrogens=spec.hydrogens).atom_columns)
    if spec.width < columns:
        raise SpecError(
            f"pad_input: atoms have {columns} features, which are more than the {spec.width} "
            "channels of round 0",
            mend=f"Give the rounds a width of {columns} or more, or set pad_input=False.",
        )
