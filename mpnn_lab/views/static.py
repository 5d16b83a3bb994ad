"""Where the built front end lies."""

from __future__ import annotations

from pathlib import Path

from mpnn_lab.errors import LabError

FOLDER = Path(__file__).parents[1] / "static"


def built(name: str) -> Path:
    """A file of the built front end, such as ``"stage.js"``.

    Raises
    ------
    LabError
        If the front end was not built.
    """
    if not (FOLDER / name).is_file():
        raise LabError(
            f"the front end is not built: {name} is missing",
            mend="From a checkout run `make lab`, or `npm ci && npm run build` in frontend/.",
        )
    return FOLDER / name
