"""One JupyterLab and one Chromium for all browser tests, and a fixture that opens notebooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import FLAGS, find
from tests.browser.lab import Notebook, Server

OpenNotebook = Callable[..., Notebook]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("jupyter"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find()
    assert path, "No Chromium was found: make test installs one, or name one in $CHROMIUM."
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def notebook(server: Server, browser: Browser, tmp_path: Path) -> Iterator[OpenNotebook]:
    """Open a notebook of the given cells, run it, and hand it over for as long as the test lasts.

    ``notebook([source, ...], theme="light", width=1280, height=1000, timeout=120,
    reduced_motion=False)``. The checks of `Notebook.check` are made after running and again at
    the end of the test. A picture of each page is left in the test's temporary folder.
    """
    opened: list[Notebook] = []

    def open_notebook(sources: Sequence[str], **how: Any) -> Notebook:
        opened.append(Notebook(server, browser, sources, **how))
        return opened[-1]

    yield open_notebook
    try:
        for number, book in enumerate(opened):
            book.page.screenshot(path=str(tmp_path / f"page-{number}.png"))
            book.check()
    finally:
        for book in opened:
            book.close()
