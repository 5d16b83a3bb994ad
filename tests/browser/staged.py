"""A lab in a notebook, and what the tests do with the stage in it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

LAB = "import mpnn_lab as ml\nlab = ml.Lab('CC(=O)Oc1ccccc1C(=O)O')\nlab"


def ready(page: Page) -> None:
    page.locator(".lab-stage [data-atom]").first.wait_for()


def strip(page: Page, quantity: str, row: int) -> Locator:
    """The strip of the lens that holds one row of a quantity in full."""
    at = f'[data-quantity="{quantity}"][data-row="{row}"][data-values]'
    return page.locator(f".lab-lens {at}").first


def numbers(page: Page, quantity: str, row: int) -> list[float]:
    """The values of one row of a quantity, as the lens shows them, by channel."""
    shown = strip(page, quantity, row)
    shown.wait_for()
    return [float(value) for value in (shown.get_attribute("data-values") or "").split()]


def settle(page: Page) -> None:
    """Wait until what was asked for is painted."""
    page.evaluate("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")


def at(book: Any, step: str) -> None:
    """Bring the stage to a named step from Python, and wait until the page shows it."""
    place = book.page.locator('input[aria-label="Step of the run"]')
    book.kernel.wait_for("lab.stage.step", int(place.input_value()))  # else it would come after
    book.kernel.run(f"lab.stage.step = lab.stage.steps.index({step!r})")
    expect(place).to_have_value(str(book.kernel.value("lab.stage.step")))
    settle(book.page)
