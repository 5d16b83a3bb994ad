"""A run beside another on the page: what-if, linked selection, two stages, a page loaded again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.staged import ready, settle
from tests.browser.wondering import DARK, SECOND, STAGE

pytestmark = pytest.mark.browser

ANSWER = '.lab-lens [data-quantity="prediction/prediction"][data-row="0"][data-values]'


def side(stage: Locator, name: str) -> Locator:
    return stage.locator(f'[data-side="{name}"] input')


def test_a_changed_run_says_what_the_kernel_says_and_all_comes_back_when_loaded_again(notebook):
    book = notebook([STAGE, SECOND])
    page = book.page
    ready(page)
    first, second = page.locator(".lab-stage").first, page.locator(".lab-stage").nth(1)
    first.get_by_role("button", name="What if").click()
    first.get_by_label("element", exact=True).select_option("N")
    expect(side(first, "other")).to_be_checked()
    expected = book.kernel.value("ml.what_if(stage.trace, atom=1, element='N').output.item()")
    own = book.kernel.value("stage.trace.output.item()")
    assert book.kernel.value("stage.against.output.item()") == expected != own
    scrubber = first.locator('input[type="range"]')
    end = scrubber.get_attribute("max")
    scrubber.fill(end)
    for name, number in (("other", expected), ("this", own)):
        side(first, name).check()
        settle(page)
        assert float(first.locator(ANSWER).get_attribute("data-values")) == number

    # Each stage has buttons of its own.
    side(second, "other").check()
    expect(side(first, "this")).to_be_checked()
    side(first, "difference").check()
    expect(side(second, "other")).to_be_checked()

    # Of two molecules both are drawn, and what is chosen in one is chosen in the other.
    drawn = second.locator(".lab-two .lab-molecule")
    expect(drawn).to_have_count(2)
    drawn.nth(1).locator('[data-atom="1"]').click(force=True)
    book.kernel.wait_for("second.selected_atom", 1)
    expect(drawn.locator(".lab-ring")).to_have_count(2)

    # Another theme while it is shown, and the page loaded again, leave it as it is.
    page.evaluate(DARK)
    expect(page.locator('.lab-stage[data-theme="dark"]')).to_have_count(2)
    expect(side(first, "difference")).to_be_checked()
    book.kernel.wait_for("stage.step", int(end))
    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    first.locator("[data-atom]").first.wait_for(timeout=60_000)
    expect(scrubber).to_have_value(end)
    expect(first.locator(".lab-edits li")).to_contain_text("C1 as N")
    expect(drawn.locator(".lab-ring")).to_have_count(2)
    side(first, "other").check()
    assert float(first.locator(ANSWER).get_attribute("data-values")) == expected
    side(first, "this").check()
    first.get_by_role("button", name="Step back").click()  # the kernel still hears of it
    book.kernel.wait_for("stage.step", int(end) - 1)
