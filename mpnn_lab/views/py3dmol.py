"""Reads the calls that a ``py3Dmol.view`` has recorded, as plain data.

py3Dmol writes each call down as a line of JavaScript, its arguments by ``json.dumps``. Such lines
are read here by their grammar; nothing is evaluated, and what is none of them is refused.
"""

from __future__ import annotations

import json
import re
from typing import Any

from mpnn_lab.errors import InputError
from mpnn_lab.views.scene_calls import Call, read_call

BEGIN = "$3Dmolpromise.then(function() {\n"
"""After this py3Dmol's own calls begin."""
MADE = re.compile(
    r"viewer_UNIQUEID = \$3Dmol\.createViewer\(document\.getElementById\("
    r'"3dmolviewer_UNIQUEID"\),\{backgroundColor:"white"\}\);\n'
)
CALL = re.compile(r"\s*viewer_UNIQUEID\.(\w+)\(")
MEMBER = re.compile(r"\.(\w+)\(")
END = re.compile(r"\s*;\s*")
SPACE = re.compile(r"\s*")
HEIGHT = re.compile(r'style="position: relative; width: [^;"]*; height: (\d+)px;"')


def _never(word: str) -> Any:
    raise json.JSONDecodeError(f"{word} is no JSON", word, 0)


_JSON = json.JSONDecoder(parse_constant=_never)


def recorded_calls(view: Any) -> tuple[list[Call], int | None]:
    """The calls of a ``py3Dmol.view``, checked; and its height in pixels, where it says one.

    Raises
    ------
    InputError
        If it is no such view, is a grid of several, loads from the network, or has a call that is
        not replayed; names the call.
    """
    kind = type(view)
    if kind.__module__.partition(".")[0] != "py3Dmol" or "startjs" not in vars(view):
        raise InputError(
            f"got a {kind.__name__}; expected a py3Dmol.view",
            mend="Make one with view = py3Dmol.view(), and add a model to it.",
        )
    if vars(view).get("viewergrid"):
        raise InputError(
            "this py3Dmol.view is a grid of viewers; one viewer shows one scene",
            mend="Make a py3Dmol.view without viewergrid for each of them.",
        )
    text = str(view.startjs)
    _, found, rest = text.partition(BEGIN)
    made = MADE.match(rest)
    if not found or made is None:
        raise InputError(
            "this version of py3Dmol writes its calls down in a way that is not known here",
            mend="Install py3Dmol 2.5, or make the calls on the Viewer3D itself.",
        )
    height = HEIGHT.search(text)
    return _calls(rest, made.end()), int(height[1]) if height else None


def _calls(text: str, at: int) -> list[Call]:
    calls = []
    while SPACE.fullmatch(text, at) is None:
        call, at = _call(text, at)
        calls.append(call)
    return calls


def _call(text: str, at: int) -> tuple[Call, int]:
    """One line, and where the next begins."""
    begun = CALL.match(text, at)
    if begun is None:
        raise _not_read(text, at)
    method, on = begun[1], None
    args, after = _arguments(text, begun.end(), method)
    if method == "getModel" and (member := MEMBER.match(text, after)):
        on, method = args, member[1]
        args, after = _arguments(text, member.end(), method)
    end = END.match(text, after)
    if end is None:
        raise _not_read(text, at)
    return read_call(method, args, on), end.end()


def _arguments(text: str, at: int, method: str) -> tuple[list[Any], int]:
    """Arguments up to the closing bracket, and the place after it."""
    args: list[Any] = []
    while True:
        at = _past_space(text, at)
        if text.startswith(")", at):
            # What is left undefined at the end is as if it had not been said.
            while args and args[-1] is None:
                args.pop()
            return args, at + 1
        value, at = _value(text, at, method)
        args.append(value)
        at = _past_space(text, at)
        if text.startswith(",", at):
            at += 1
        elif not text.startswith(")", at):
            raise _not_plain(text, at, method)


def _value(text: str, at: int, method: str) -> tuple[Any, int]:
    if text.startswith("undefined", at):
        return None, at + len("undefined")
    try:
        return _JSON.raw_decode(text, at)
    except (json.JSONDecodeError, RecursionError) as fault:
        raise _not_plain(text, at, method) from fault


def _past_space(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    return found.end() if found else at


def _not_plain(text: str, at: int, method: str) -> InputError:
    piece = text[at : at + 40].partition("\n")[0]
    return InputError(
        f"viewer.{method}(...) has an argument that is no plain data: {piece!r}",
        mend="Give numbers, text, lists and dictionaries; JavaScript is not evaluated here.",
    )


def _not_read(text: str, at: int) -> InputError:
    piece = text[at : at + 60].strip().partition("\n")[0]
    if piece.startswith("$3Dmol.download("):
        return InputError(
            "py3Dmol.view(query=...) loads from the network, and the viewer works without it",
            mend="Read the file in Python and give its text to addModel.",
        )
    return InputError(
        f"this py3Dmol.view holds something that is no call of the viewer: {piece!r}",
        mend="Only calls such as view.addModel(text, 'sdf') are replayed.",
    )
