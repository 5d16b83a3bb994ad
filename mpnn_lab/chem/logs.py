"""RDKit's own words about a failure, kept off the terminal."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rdkit import rdBase

# RDKit's logs are global: two threads that silence them at once would restore them in the wrong
# order, and one would read the other's message.
_lock = threading.RLock()
_TIME = re.compile(r"^\[\d\d:\d\d:\d\d\] ?")
_LABEL = re.compile(r"^(SMILES Parse Error|ERROR|WARNING): ?")
_QUOTED = re.compile(r" ?(while parsing|for input): ?.*$")
_RANGE = re.compile(r"Range Error.*?Failed Expression: (\d+) < (\d+)", re.DOTALL)
_POSITION = re.compile(r"around position (\d+):")


class Messages:
    """What RDKit logged while a call was listened to.

    Attributes
    ----------
    text : str
        The error log as RDKit wrote it ("" before the call is over, or where nothing was said).
    """

    def __init__(self) -> None:
        self.text = ""

    @property
    def reason(self) -> str:
        """The first sentence of the log, without time, quoted input or stack trace."""
        beyond = _RANGE.search(self.text)
        if beyond is not None:
            return f"number {int(beyond[1]) + 1} is named, but there are only {beyond[2]}"
        for line in self.text.splitlines():
            said = _QUOTED.sub("", _LABEL.sub("", _TIME.sub("", line))).strip()
            if said and not said.startswith(("****", "Post-condition", "Pre-condition")):
                return said[0].lower() + said[1:] if said[1:2].islower() else said
        return ""

    @property
    def position(self) -> int | None:
        """The 0-based place in the text that RDKit points at, where it does."""
        found = _POSITION.search(self.text)
        return int(found.group(1)) - 1 if found else None


def _read(log: Any) -> str:
    """What the log holds; nothing where RDKit quotes a column that cuts a letter in two."""
    try:
        said: str = log.messages or ""
    except UnicodeDecodeError:
        return ""
    return said


@contextmanager
def listening() -> Iterator[Messages]:
    """Run RDKit calls with nothing on stderr; what the error log said is in `.text` afterwards.

    Other threads of this package wait: RDKit's logs are one for the whole process.
    """
    messages = Messages()
    capture = getattr(rdBase, "CaptureErrorLog", None)
    with _lock, rdBase.BlockLogs():
        if capture is None:  # RDKit before 2026: silent, but without its words
            yield messages
            return
        with capture() as log:
            try:
                yield messages
            finally:
                messages.text = _read(log)
