"""Pictures that Python asks of the page that shows the stage."""

from __future__ import annotations

import secrets
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Timer
from typing import Any, Literal

from mpnn_lab.checks import whole_number
from mpnn_lab.errors import InputError, LabError, LabWarning
from mpnn_lab.exporting.files import write_whole
from mpnn_lab.limits import LIMITS

PATIENCE = 30.0
"""Seconds after which a page that has not answered is said to have not."""

Send = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class _Wish:
    path: Path
    question: dict[str, Any]


class Pictures:
    """What has been asked of the page, and what it has sent.

    A question is ``{"kind": "picture", "id": n, "format": "svg" or "png", "width": pixels}``; the
    answer repeats kind, id and format and has one buffer, or `what` went wrong in place of it.

    Parameters
    ----------
    send : hands a question to every page that shows the stage.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._wishes: dict[int, _Wish] = {}
        self._granted: deque[int] = deque(maxlen=100)  # a second page answers too, and in vain
        self._lock = Lock()

    def ask(self, form: Literal["svg", "png"], path: str | Path, width: int, shown: bool) -> Path:
        """Ask for a picture to be written to `path` when it comes; `shown` if a page is there."""
        width = whole_number("width", width, 16, LIMITS.picture_width)
        target = Path(path).absolute()
        if not target.parent.is_dir():
            raise LabError(
                f"there is no folder {target.parent}", mend="Make it, or name another one."
            )
        number = secrets.randbits(48)
        question = {"kind": "picture", "id": number, "format": form, "width": width}
        with self._lock:
            self._wishes[number] = _Wish(target, question)
        if shown:
            self._send(question)
            timer = Timer(PATIENCE, self._late, [number])
            timer.daemon = True
            timer.start()
        else:
            warnings.warn(
                f"no page shows this stage yet: {target.name} is drawn by the page, and written "
                "when one does. Put the stage at the end of a cell.",
                LabWarning,
                stacklevel=3,
            )
        return target

    def repeat(self) -> None:
        """Ask a page that has just come for everything that none has given."""
        with self._lock:
            waiting = [wish.question for wish in self._wishes.values()]
        for question in waiting:
            self._send(question)

    def take(self, content: dict[str, Any], buffers: Sequence[Any] | None) -> None:
        """Write what a page has sent; LabError where it is not what was asked for."""
        number = content.get("id")
        with self._lock:
            if number in self._granted:
                return
            wish = self._wishes.get(number) if type(number) is int else None
            if wish is None:
                raise InputError("no picture was asked for under this id")
            del self._wishes[wish.question["id"]]
            self._granted.append(wish.question["id"])
        if "what" in content:
            raise LabError(
                f"the page could not draw {wish.path.name}: {str(content['what'])[:200]}"
            )
        form = wish.question["format"]
        if content.get("format") != form or len(buffers or ()) != 1:
            raise InputError(f"a picture is one {form} in one buffer")
        assert buffers is not None
        write_whole(wish.path, checked(form, bytes(buffers[0])))

    def _late(self, number: int) -> None:
        with self._lock:
            wish = self._wishes.get(number)
        if wish is not None:
            warnings.warn(
                f"no page has sent {wish.path.name} within {PATIENCE:.0f} s; it is written if one "
                "still does. A page answers between cells, while the stage is in it.",
                LabWarning,
                stacklevel=1,
            )


def checked(form: str, data: bytes) -> bytes:
    """Give back a picture that is one; InputError for anything else."""
    if len(data) > LIMITS.picture_bytes:
        raise InputError(
            f"the picture has {len(data) / 1e6:.1f} MB; at most "
            f"{LIMITS.picture_bytes / 1e6:.0f} MB are taken"
        )
    if form == "png":
        if data[:16] == b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" and data[-8:-4] == b"IEND":
            return data
    elif data[:5] == b"<svg " and data.rstrip().endswith(b"</svg>") and _only_shapes(data):
        return data
    raise InputError(f"what the page has sent is no {form.upper()}")


def _only_shapes(data: bytes) -> bool:
    """Whether an SVG is text without declarations, scripts or links."""
    try:
        text = data.decode("utf-8").lower()
    except UnicodeDecodeError:
        return False
    return not any(odd in text for odd in ("<!", "<?", "<script", "<foreignobject", "href"))
