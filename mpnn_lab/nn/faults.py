"""What is wrong with a specification, field by field, in words of our own."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from mpnn_lab.checks import shown
from mpnn_lab.errors import Fault, SpecError
from mpnn_lab.nn.nearest import nearest

OPTIONS = ("options", "readout_options")
WORDS = {
    "bool_type": "expected True or False",
    "dict_type": "expected options by name",
    "extra_forbidden": "there is no such field",
    "finite_number": "expected a finite number",
    "float_type": "expected a number",
    "greater_than": "expected more than {gt}",
    "greater_than_equal": "expected {ge} or more",
    "int_type": "expected a whole number",
    "json_invalid": "this is no JSON: {error}",
    "less_than": "expected less than {lt}",
    "less_than_equal": "expected {le} or less",
    "literal_error": "expected {expected}",
    "missing": "it is missing",
    "model_type": "expected a {class_name}",
    "string_type": "expected a word",
    "tuple_type": "expected whole numbers with commas between them",
}
"""What is said of pydantic's faults, by their types."""
BOUNDS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
ROUNDS = {
    "tuple_type": ("expected a list of layers", "Give a list: rounds=[ml.Layer('GCNConv', 16)]."),
    "missing": ("a network has at least one round", "Give rounds=[ml.Layer('GCNConv', 16)]."),
    "too_short": ("expected at least one round", "Give rounds=[ml.Layer('GCNConv', 16)]."),
    "too_long": ("expected at most {max_length} rounds", "Leave some of them out."),
}
"""The same of the field `rounds`, with how to mend it."""


def spec_error(
    fault: ValidationError, model: type[BaseModel], given: dict[str, Any] | None = None
) -> SpecError:
    """Every fault of a pydantic error, one a line, each led by its field's path.

    Parameters
    ----------
    fault : what pydantic found.
    model : the part of a specification that it was about.
    given : the fields that were given for it, as far as they are known.
    """
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
        if len(item["loc"]) > 2 and item["loc"][0] in OPTIONS:  # once for each type it could be
            path = ".".join(str(part) for part in item["loc"][:2])
            if any(f.path == path for f in faults):
                continue
        what, mend = _said(item, model, given or {})
        lines.append(f"{path or 'specification'}: {what}{_shown(item)}")
        faults.append(Fault(path, what, mend))
    mends = dict.fromkeys(f.mend for f in faults if f.mend)
    return SpecError("\n".join(lines), mend=" ".join(mends), faults=faults)


def unknown_field(model: type[BaseModel], name: str) -> tuple[str, str]:
    """What is wrong with a field that a part does not have, and how to mend it."""
    near = nearest(name, model.model_fields)
    mend = f"Did you mean {near!r}?" if near else f"Its fields are {', '.join(model.model_fields)}."
    return f"{model.__name__} has no field {name!r}", mend


def _shown(item: Any) -> str:
    if item["type"] in ("extra_forbidden", "missing"):
        return ""
    return f" (given: {shown(item['input'])})"


def _said(item: Any, model: type[BaseModel], given: dict[str, Any]) -> tuple[str, str]:
    """What is wrong, and how to mend it, where the field and what it holds are in sight."""
    kind, loc, context = item["type"], item["loc"], item.get("ctx", {})
    if kind == "extra_forbidden" and len(loc) == 1:
        unknown = getattr(model, "unknown", None)
        found: tuple[str, str] = (
            unknown(loc[0], given) if unknown else unknown_field(model, str(loc[0]))
        )
        return found
    if loc == ("rounds",) and kind in ROUNDS:
        what, mend = ROUNDS[kind]
        return what.format(**context), mend
    if loc and loc[0] in OPTIONS and len(loc) > 2:
        return "expected True, False, a number or a word", ""
    if kind in BOUNDS and len(loc) == 1 and (field := model.model_fields.get(str(loc[0]))):
        return f"expected {_range(field)}", ""
    if kind in WORDS:
        return WORDS[kind].format(**context), ""
    said = str(item["msg"]).removeprefix("Value error, ").replace("Input should be", "expected")
    return said[:1].lower() + said[1:], ""


def _range(field: FieldInfo) -> str:
    """The numbers that a field takes."""
    bound: dict[str, Any] = {}
    for part in field.metadata:
        bound |= {n: getattr(part, n) for n in ("ge", "gt", "le", "lt") if hasattr(part, n)}
    what = "a whole number" if field.annotation is int else "a number"
    least = f"from {bound['ge']:g}" if "ge" in bound else f"above {bound.get('gt', 0):g}"
    most = f"to {bound['le']:g}" if "le" in bound else f"to below {bound.get('lt', 0):g}"
    if "gt" in bound:
        most = f"and {'up ' * ('le' in bound)}{most}" if "le" in bound else f"and {most[3:]}"
    return f"{what} {least} {most}"
