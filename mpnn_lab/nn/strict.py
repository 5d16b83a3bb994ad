"""What all parts of a specification have in common: strict fields, and faults in one form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mpnn_lab.errors import SpecError
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn.faults import spec_error, unknown_field

Width = Field(ge=1, le=LIMITS.width)


class Strict(BaseModel):
    """Immutable; an unknown field is an error; faults are SpecErrors with the field's path."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def __init__(self, *unnamed: Any, **fields: Any) -> None:
        if unnamed:
            first, name = next(iter(type(self).model_fields)), type(self).__name__
            raise SpecError(
                f"specification: {name} was given a {type(unnamed[0]).__name__} without a field's "
                "name",
                mend=f"Give {first} by name: {name}({first}=...).",
            )
        try:
            super().__init__(**fields)
        except ValidationError as fault:
            raise spec_error(fault, type(self), fields) from None

    @classmethod
    def model_validate(cls, obj: Any, **how: Any) -> Self:
        """Under pydantic's name, the part that a mapping describes; a SpecError if it is none."""
        return cls._said(super().model_validate, obj, how)

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **how: Any) -> Self:
        """Likewise of JSON, whatever its size."""
        return cls._said(super().model_validate_json, json_data, how)

    @classmethod
    def model_validate_strings(cls, obj: Any, **how: Any) -> Self:
        """Likewise of a mapping whose values are all text."""
        return cls._said(super().model_validate_strings, obj, how)

    @classmethod
    def _said(cls, read: Callable[..., Self], given: Any, how: dict[str, Any]) -> Self:
        """What pydantic reads, its faults in our words."""
        try:
            return read(given, **how)
        except ValidationError as fault:
            raise spec_error(fault, cls) from None

    @classmethod
    def unknown(cls, name: str, given: Mapping[str, Any]) -> tuple[str, str]:
        """What is wrong with a field that there is not, and how to mend it."""
        return unknown_field(cls, name)

    def __setattr__(self, name: str, value: Any) -> None:
        raise SpecError(
            f"{name}: a {type(self).__name__} is not changed once it is made",
            mend=f"Make another: .replace({name}=...).",
        )

    def __delattr__(self, name: str) -> None:
        raise SpecError(f"{name}: a {type(self).__name__} is not changed once it is made")

    def replace(self, **changes: Any) -> Self:
        """The same with some fields changed; checked like a new one."""
        return type(self)(**{**dict(self), **changes})

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """`replace`, under pydantic's name: pydantic's own would check nothing."""
        return self.replace(**(update or {}))
