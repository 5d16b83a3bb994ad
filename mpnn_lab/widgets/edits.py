"""What the builder's page may ask for, and what each wish makes of a draft."""

from __future__ import annotations

import copy
import json
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    TypeAdapter,
    ValidationError,
)

from mpnn_lab.errors import InputError
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn import LAYERS, Layer, ModelSpec
from mpnn_lab.views.builder import fields_of, readout_fields
from mpnn_lab.views.fields import FieldView, option_field

Draft = dict[str, Any]
"""A specification as JSON has it, which may be faulty."""

Text = Annotated[StrictStr, Field(max_length=10_000)]
Scalar = StrictBool | StrictInt | StrictFloat | Text | None
Round = Annotated[StrictInt, Field(ge=0, lt=LIMITS.rounds)]


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[StrictInt, Field(ge=0, le=2**53)]


class Set(_Wish):
    """Give a field, such as ``rounds.1.width``, a value."""

    kind: Literal["set"]
    path: Annotated[StrictStr, Field(max_length=200)]
    value: Scalar | Annotated[list[StrictInt], Field(max_length=64)]


class Take(_Wish):
    """Take a preset, by its name."""

    kind: Literal["preset"]
    name: Annotated[StrictStr, Field(max_length=200)]


class Change(_Wish):
    """Copy a round to the place after it, or remove it."""

    kind: Literal["copy", "remove"]
    round: Round


class Spread(_Wish):
    """Give all rounds one field of this one, or, where none is named, its whole layer."""

    kind: Literal["spread"]
    round: Round
    field: Annotated[StrictStr, Field(max_length=200)] = ""


class Move(_Wish):
    """Bring a round to another place."""

    kind: Literal["move"]
    round: Round
    to: Round


Edit = Set | Change | Spread | Move
_Edit = Annotated[Edit, Field(discriminator="kind")]


class Revert(_Wish):
    """Go back to the last draft without a fault."""

    kind: Literal["revert"]


class Several(_Wish):
    """Edits that were asked for while another was at work: granted in turn, looked at once."""

    kind: Literal["several"]
    wishes: Annotated[list[_Edit], Field(min_length=1, max_length=1_000)]


Wish = Set | Take | Change | Spread | Move | Revert | Several
_WISH: TypeAdapter[Wish] = TypeAdapter(Annotated[Wish, Field(discriminator="kind")])


def read_wish(message: object) -> Wish:
    """The wish that a message of the page states; InputError for one that states none."""
    try:
        return _WISH.validate_python(message)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(
            f"a message that the builder does not know: {where} {first['msg']}"
        ) from None


def draft_of(spec: ModelSpec) -> Draft:
    """The specification as a draft."""
    draft: Draft = spec.model_dump(mode="json")
    return draft


def granted(draft: Draft, wish: Edit) -> tuple[Draft, list[str]]:
    """The draft with the wish granted, and what was changed beside it; the old one stays.

    Raises
    ------
    InputError
        Where there is no such field or round.
    """
    draft = copy.deepcopy(draft)
    if isinstance(wish, Set):
        return draft, _set(draft, wish)
    rounds = draft["rounds"]
    for place in (wish.round, wish.to if isinstance(wish, Move) else 0):
        if place >= len(rounds):
            raise InputError(f"there is no round {place + 1}: there are {len(rounds)}")
    if isinstance(wish, Move):
        rounds.insert(wish.to, rounds.pop(wish.round))
    elif isinstance(wish, Spread):
        _spread(rounds, wish)
    elif wish.kind == "remove":
        if len(rounds) == 1:
            raise InputError("the last round cannot be removed", mend="Add another one first.")
        rounds.pop(wish.round)
    elif len(rounds) >= LIMITS.rounds:
        raise InputError(f"{LIMITS.rounds} rounds are the most")
    else:
        rounds.insert(wish.round + 1, copy.deepcopy(rounds[wish.round]))
    return draft, []


def _set(draft: Draft, wish: Set) -> list[str]:
    head, _, rest = wish.path.partition(".")
    if head == "readout_options":
        _set_readout_option(draft, rest, wish)
        return []
    if head != "rounds":
        draft[head] = _value(_field(ModelSpec, wish.path), wish.value)
        return _left_out(draft) if head == "readout" else []
    number, _, name = rest.partition(".")
    if not (number.isascii() and number.isdigit() and int(number) < len(draft["rounds"])):
        raise _no_field(wish.path)
    rounds = draft["rounds"]
    layer = rounds[int(number)]
    tied = draft.get("tied") is True and all(other == layer for other in rounds)
    notes: list[str] = []
    if name == "name":
        notes = _set_layer(layer, wish.value)
    elif name.startswith("options."):
        _set_option(layer, name.removeprefix("options."), wish)
    else:
        layer[name] = _value(_field(Layer, name, wish.path), wish.value)
    if tied and len(rounds) > 1:
        draft["rounds"] = [copy.deepcopy(layer) for _ in rounds]
        notes.append("The rounds are tied: all have changed")
    return notes


def _spread(rounds: list[Draft], wish: Spread) -> None:
    layer = rounds[wish.round]
    if wish.field:
        _field(Layer, wish.field)
    for other in rounds:
        other |= copy.deepcopy({wish.field: layer[wish.field]} if wish.field else layer)


def _set_layer(layer: Draft, name: Any) -> list[str]:
    """Another layer keeps what it knows of the options and the aggregator; the rest is named."""
    layer["name"] = name
    entry = LAYERS.get(name) if isinstance(name, str) else None
    if entry is None:
        return []
    lost = [option for option in layer["options"] if option not in entry.options()]
    notes = [f"{name} has no option {option}: left out" for option in lost]
    layer["options"] = {k: v for k, v in layer["options"].items() if k not in lost}
    aggr = layer.get("aggr")
    if aggr is not None and (entry.aggr is None or aggr not in entry.aggrs):
        layer["aggr"] = None
        notes.append(f"{name} does not aggregate by {aggr}: its own way instead")
    return notes


def _set_option(layer: Draft, name: str, wish: Set) -> None:
    entry = LAYERS.get(layer["name"])
    options = {} if entry is None else entry.described()
    if name not in options:
        raise _no_field(wish.path)
    if wish.value is None:
        layer["options"].pop(name, None)
        return
    value = wish.value
    if isinstance(value, str) and float in options[name].types:
        value = _number(value)
    layer["options"][name] = _value(option_field(options[name]), value)


def _set_readout_option(draft: Draft, name: str, wish: Set) -> None:
    field = next((f for f in readout_fields(draft["readout"]) if f.name == name), None)
    if field is None:
        raise _no_field(wish.path)
    if wish.value is None:
        draft["readout_options"].pop(name, None)
    else:
        draft["readout_options"][name] = _value(field, wish.value)


def _left_out(draft: Draft) -> list[str]:
    """Another readout keeps what it knows of the options; the rest is named."""
    known = {field.name for field in readout_fields(draft["readout"])}
    lost = [name for name in draft["readout_options"] if name not in known]
    for name in lost:
        del draft["readout_options"][name]
    return [f"{draft['readout']} has no option {name}: left out" for name in lost]


def _field(model: type[ModelSpec | Layer], name: str, path: str = "") -> FieldView:
    for field in fields_of(model):
        if field.name == name and name not in ("rounds", "options"):
            return field
    raise _no_field(path or name)


def _value(field: FieldView, value: Any) -> Any:
    """The value as the field has it; where it does not fit, pydantic says so at the field."""
    if field.kind == "json" and isinstance(value, str):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _no_field(path: str) -> InputError:
    return InputError(f"there is no field {path!r}")
