"""What all parts of a specification have in common: strict fields, and faults in one form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mpnn_lab.errors import Fault, SpecError
from mpnn_lab.limits import LIMITS

Width = Field(ge=1, le=LIMITS.width)


class Strict(BaseModel):
    """Immutable; an unknown field is an error; faults are SpecErrors with the field's path."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as fault:
            raise spec_error(fault) from None

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


def spec_error(fault: ValidationError) -> SpecError:
    """Every fault of a pydantic error, one a line, each led by its field's path."""
    lines: list[str] = []
    faults: list[Fault] = []
    items = fault.errors(include_url=False)
    for item in items:
        if item["type"] == "too_short" and len(items) > 1:
            continue  # its parts were refused one by one
        path = ".".join(str(part) for part in item["loc"])
        inner = item.get("ctx", {}).get("error")
        if isinstance(inner, SpecError):
            # A field's own validator names the field, which stands in the path already.
            own = str(item["loc"][-1]) + ": " if item["loc"] else "\n"
            above = path.rpartition(".")[0] if inner.what.startswith(own) else path
            lines.append(".".join(filter(None, [above, inner.what])))
            faults += (inner.under(above) if above else inner).faults
            continue
        given = repr(item["input"])
        given = given if len(given) <= 60 else given[:57] + "..."
        said = f"{item['msg'].removeprefix('Value error, ')} (given: {given})"
        lines.append(f"{path or 'specification'}: {said}")
        faults.append(Fault(path, _words(item)))
    mends = dict.fromkeys(f.mend for f in faults if f.mend)
    return SpecError("\n".join(lines), mend=" ".join(mends), faults=faults)


WORDS = {
    "bool_type": "expected True or False",
    "float_type": "expected a number",
    "greater_than": "expected more than {gt}",
    "greater_than_equal": "expected {ge} or more",
    "int_type": "expected a whole number",
    "less_than": "expected less than {lt}",
    "less_than_equal": "expected {le} or less",
    "literal_error": "expected {expected}",
    "tuple_type": "expected whole numbers with commas between them",
}
"""What some of pydantic's faults say where the field, and what it holds, are in sight."""


def _words(item: Any) -> str:
    if item["type"] in WORDS:
        return WORDS[item["type"]].format(**item.get("ctx", {}))
    said = str(item["msg"]).removeprefix("Value error, ")
    return said[:1].lower() + said[1:]
