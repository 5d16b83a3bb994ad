"""py3Dmol's scene language: which calls of 3Dmol's viewer are replayed, and with what arguments.

A call is plain data, ``{"on": None, "method": "addLabel", "args": [...]}``; `on` holds the
arguments of ``getModel`` where a model's method is called. The page replays it on 3Dmol's viewer;
3Dmol takes text under some names for JavaScript and evaluates it, and some of its calls load
from the network: both are refused here, and no call that is not listed gets through.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any

from mpnn_lab.errors import InputError
from mpnn_lab.nn.nearest import did_you_mean

MODELS = ("addModel", "addModels", "addModelsAsFrames", "addAsOneMolecule")
STYLES = ("setStyle", "addStyle", "setColorByElement", "setColorByProperty", "mapAtomProperties")
VIEWER = (
    *MODELS, *STYLES, "removeModel", "removeAllModels",
    "addSurface", "setSurfaceMaterialStyle", "removeSurface", "removeAllSurfaces",
    "addIsosurface", "addVolumetricData", "addVolumetricRender",
    "addLabel", "addResLabels", "addPropertyLabels", "removeAllLabels", "hideAllLabels",
    "showAllLabels", "addSphere", "addBox", "addArrow", "addCylinder", "addLine", "addCurve",
    "addShape", "addCustom", "addUnitCell", "removeUnitCell", "replicateUnitCell",
    "removeAllShapes", "clear", "setBackgroundColor", "setViewStyle", "setProjection", "enableFog",
    "setSlab", "fitSlab", "setZoomLimits", "setCameraParameters", "setView", "center", "zoomTo",
    "zoom", "rotate", "translate", "translateScene", "spin", "animate", "stopAnimate",
    "pauseAnimate", "resumeAnimate", "setFrame", "vibrate", "setPerceivedDistance",
    "setDefaultCartoonQuality", "render",
)  # fmt: skip
"""Methods of 3Dmol's viewer that take plain data and ask for nothing."""
MODEL = (
    "setStyle", "setColorByElement", "setColorByProperty", "setCoordinates", "setFrame",
    "vibrate", "hide", "show", "addAtoms", "assignBonds",
)  # fmt: skip
"""The same of one of its models."""
_FUNCTIONS = "takes a JavaScript function, which is not evaluated here"
_NETWORK = "loads from the network, and the viewer works without it"
REFUSED = {
    "setClickable": _FUNCTIONS,
    "setHoverable": _FUNCTIONS,
    "enableContextMenu": _FUNCTIONS,
    "setClickCallback": _FUNCTIONS,
    "setViewChangeCallback": _FUNCTIONS,
    "setStateChangeCallback": _FUNCTIONS,
    "setColorByFunction": _FUNCTIONS,
    "download": _NETWORK,
    "setCoordinatesFromURL": _NETWORK,
    "setWidth": "is the widget's own matter: set viewer.height",
    "setHeight": "is the widget's own matter: set viewer.height",
    "setHoverDuration": "is for callbacks in JavaScript, which are not evaluated here",
}
_MENDS = {
    _FUNCTIONS: "Observe viewer.selected_atom or viewer.selected_bond in Python instead.",
    _NETWORK: "Read the file in Python and give its text to addModel.",
}
EVALUATED = re.compile(r"callback|func|predicate|handler", re.IGNORECASE)
"""Names of arguments that 3Dmol would call, evaluating a text first."""
ADDRESS = re.compile(r"\s*(?:(?:[a-z][a-z0-9+.-]*:)?//|(?:data|javascript|blob|file):)", re.I)
"""How an address begins that a browser could load."""
DEPTH = 12

Call = dict[str, Any]


def read_call(method: str, args: Sequence[Any], on: Sequence[Any] | None = None) -> Call:
    """Check a call, and give it as plain data.

    Parameters
    ----------
    method : of 3Dmol's viewer, or of one of its models.
    args : JSON's types alone; arrays are taken for lists.
    on : the arguments of ``getModel``, where it is a model's method.

    Raises
    ------
    InputError
        Names the call, what is wrong with it, and how to mend it.
    """
    known, whose = (VIEWER, "viewer") if on is None else (MODEL, "viewer.getModel()")
    name = f"{whose}.{method}(...)"
    if method in REFUSED:
        reason = REFUSED[method]
        raise InputError(f"{name} {reason}", mend=_MENDS.get(reason, "Leave it out."))
    if method not in known:
        raise InputError(
            f"{name} is not among the calls that are replayed",
            mend=did_you_mean(method, known, "There are"),
        )
    # The first argument of addLabel is drawn, whatever it says.
    plain = [
        str(a) if method == "addLabel" and k == 0 else _plain(a, name, DEPTH)
        for k, a in enumerate(args)
    ]
    return {
        "on": None if on is None else [_plain(a, name, DEPTH) for a in on],
        "method": method,
        "args": plain,
    }


def bytes_of(calls: Sequence[Call]) -> int:
    """How many bytes calls take on their way to the page."""
    return sum(len(json.dumps(call)) for call in calls)


def _plain(value: Any, name: str, depth: int) -> Any:
    """The value in JSON's types; InputError for anything else or what 3Dmol would evaluate."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if depth == 0:
        raise InputError(f"{name} has an argument nested too deep", mend="Give it plainer.")
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InputError(f"{name} has an argument that is {value}", mend="Give a number.")
        return value
    if isinstance(value, str):
        if "\n" not in value and ADDRESS.match(value):
            raise InputError(
                f"{name} has an address as an argument: {value[:60]!r}; the viewer loads nothing",
                mend=_MENDS[_NETWORK],
            )
        return value
    if isinstance(value, list | tuple):
        return [_plain(v, name, depth - 1) for v in value]
    if isinstance(value, dict):
        return {_key(k, name): _plain(v, name, depth - 1) for k, v in value.items()}
    raise InputError(
        f"{name} has an argument that is no plain data, but a {type(value).__name__}",
        mend="Give numbers, text, lists and dictionaries.",
    )


def _key(key: Any, name: str) -> str:
    """The name of an argument; one under which 3Dmol expects a function is refused."""
    text = str(key)
    if EVALUATED.search(text):
        raise InputError(f"{name} with {text!r} {_FUNCTIONS}", mend=_MENDS[_FUNCTIONS])
    if text in ("__proto__", "constructor", "prototype"):
        raise InputError(f"{name} has an argument named {text!r}", mend="Leave it out.")
    return text
