"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from mpnn_lab.errors import LabError


def write_whole(path: str | Path, data: bytes) -> Path:
    """Put `data` at `path`; what was there stays until all of it is written.

    Raises
    ------
    LabError
        If it cannot be written; nothing is left behind then.
    """
    target = Path(path)
    temporary = None
    try:
        number, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        temporary = Path(name)
        with open(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_usual_mode(target))
        temporary.replace(target)
    except (OSError, ValueError) as error:  # ValueError: a path with NUL in it
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()
        why = getattr(error, "strerror", None) or str(error)
        raise LabError(
            f"{target} cannot be written: {why}",
            mend="Name a file in a folder that exists and can be written to, with "
            f"{len(data) / 1e6:.1f} MB to spare.",
        ) from error
    return target


def _usual_mode(target: Path) -> int:
    """The permissions that the file has, or that a new one would get."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
