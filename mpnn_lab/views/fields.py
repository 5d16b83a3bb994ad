"""The fields of a specification as a form has them: kinds, ranges, choices, what they mean."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from mpnn_lab.nn.ranges import LARGEST, Option

Kind = Literal["flag", "whole", "number", "choice", "text", "list", "json"]


@dataclass(frozen=True)
class FieldView:
    """One field of a form. What may be left out is `optional`, and null where it is."""

    name: str
    label: str
    description: str
    kind: Kind
    default: bool | int | float | str | tuple[int, ...] | None
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    below: bool = False
    optional: bool = False


class _Schema(GenerateJsonSchema):
    """Says nothing of a default that JSON has no word for: the form then shows none."""

    ignored_warning_kinds = frozenset({"non-serializable-default", "skipped-choice"})  # type: ignore[assignment]


def model_fields(
    model: type[BaseModel], registries: Mapping[str, tuple[str, ...]]
) -> tuple[FieldView, ...]:
    """Every field of a pydantic model, in its order, from its JSON schema and its docstring.

    `registries` has the names that a text can be, by the field's own name or by the one in
    ``json_schema_extra={"registry": ...}``. What no other kind fits is edited as JSON, so that no
    field is ever missing.
    """
    schema = model.model_json_schema(schema_generator=_Schema)
    said = attribute_docs(model)
    return tuple(
        _field(name, part, schema.get("$defs", {}), said.get(name, ""), registries)
        for name, part in schema["properties"].items()
    )


def option_field(option: Option) -> FieldView:
    """One of a layer's own options."""
    kinds: dict[type, Kind] = {bool: "flag", str: "choice" if option.choices else "text"}
    kind: Kind = "number" if float in option.types else "whole"
    if option.types[-1] is str and float in option.types:
        kind = "text"  # a number or a word
    elif option.types in ((bool,), (str,)):
        kind = kinds[option.types[0]]
    limits = option.range
    return FieldView(
        name=option.name,
        label=label_of(option.name),
        description=option.words(),
        kind=kind,
        default=option.default,
        choices=option.choices,
        least=None if limits.least == -LARGEST else limits.least,
        most=None if limits.most == LARGEST else limits.most,
        below=limits.below,
        optional=True,
    )


def label_of(name: str) -> str:
    """``virtual_edges`` as a person reads it."""
    label = {"aggr": "aggregator"}.get(name, name)
    return label[:1].upper() + label[1:].replace("_", " ")


def attribute_docs(cls: type) -> dict[str, str]:
    """What a class's docstring says of each attribute, by name."""
    _, _, listed = inspect.cleandoc(cls.__doc__ or "").partition("Attributes\n----------\n")
    said: dict[str, str] = {}
    for names, text in re.findall(r"^(\w[\w, ]*) : (.*(?:\n[ \t]+.*)*)", listed, re.M):
        plain = " ".join(text.split()).replace("``", "").replace("`", "")
        for name in names.split(","):
            said[name.strip()] = plain[:1].upper() + plain[1:]
    return said


def _field(
    name: str,
    part: dict[str, Any],
    defined: dict[str, Any],
    description: str,
    registries: Mapping[str, tuple[str, ...]],
) -> FieldView:
    kinds = [_resolved(p, defined) for p in part.get("anyOf", [part])]
    optional = any(k.get("type") == "null" for k in kinds)
    plain = [k for k in kinds if k.get("type") != "null"]
    only = plain[0] if len(plain) == 1 else {}
    choices = tuple(
        str(word) for word in only.get("enum", [only["const"]] if "const" in only else [])
    )
    if only.get("type") == "string":
        choices = registries.get(part.get("registry", name), choices)
    least, most = (only.get(n) for n in ("minimum", "maximum"))
    default = part.get("default")
    return FieldView(
        name=name,
        label=label_of(name),
        description=description,
        kind=_kind(only, choices),
        default=tuple(default) if isinstance(default, list) else default,
        choices=choices,
        least=only.get("exclusiveMinimum", least),
        most=only.get("exclusiveMaximum", most),
        below="exclusiveMaximum" in only,
        optional=optional,
    )


def _resolved(part: dict[str, Any], defined: dict[str, Any]) -> dict[str, Any]:
    reference = part.get("$ref")
    return part if reference is None else defined[reference.rpartition("/")[2]]


def _kind(part: dict[str, Any], choices: tuple[str, ...]) -> Kind:
    if choices:
        return "choice"
    if part.get("type") == "array" and part.get("items", {}).get("type") == "integer":
        return "list"
    plain: dict[str, Kind] = {
        "boolean": "flag", "integer": "whole", "number": "number", "string": "text"
    }  # fmt: skip
    return plain.get(str(part.get("type")), "json")
