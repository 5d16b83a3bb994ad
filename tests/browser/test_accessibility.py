"""What axe finds on the page, and what the keyboard reaches of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.staged import ready, settle
from tests.browser.wondering import DARK, MAP, STAGE, VIEWER

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
# The body is of no height, for all in it is placed absolutely: axe would then hold every text
# for hidden, and look at the colours of none.
BODY = "body { height: 100vh }"
FIND = """async only => {
  const options = {resultTypes: ['violations', 'passes'], ...(only ? {runOnly: [only]} : {})};
  const {violations, passes} = await axe.run({include: [['.lab-root']]}, options);
  const grave = violations.filter(v => v.impact === 'serious' || v.impact === 'critical');
  const texts = passes.find(rule => rule.id === 'color-contrast')?.nodes.length ?? 0;
  const where = v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 200)}: ${n.failureSummary}`);
  return [grave.flatMap(where), texts];
}"""


def examine(page: Page, what: str, only: str | None = None, *, least: int = 30) -> None:
    settle(page)
    faults, texts = page.evaluate(FIND, only)
    assert not faults, f"{what}:\n" + "\n".join(faults)
    assert texts >= least, f"{what}: axe saw the colours of only {texts} texts"


def test_axe_finds_nothing_serious_on_any_page_in_light_and_in_dark(notebook):
    book = notebook([STAGE, VIEWER, MAP])
    page = book.page
    ready(page)
    page.add_style_tag(content=BODY)
    page.evaluate(AXE.read_text("utf-8"))
    stage = page.locator(".lab-stage")
    wonder = stage.get_by_role("button", name="What if")
    names = ("Step by step", "Whole run", "Edge matrices")
    tab = {name: stage.get_by_role("tab", name=name) for name in names}
    for only in (None, "color-contrast"):  # a theme changes colours alone
        place = stage.locator('input[type="range"]')
        for step in ("Round 1: edge matrix", "Round 2: update", "Prediction: predict"):
            place.fill(str(book.kernel.value(f"stage.steps.index({step!r})")))
            examine(page, step, only)
        place.fill(str(book.kernel.value("stage.steps.index('Round 1: message')")))
        wonder.click()
        stage.get_by_label("feature").first.select_option("formal charge")
        examine(page, "what-if", only)
        stage.get_by_label("element", exact=True).select_option("N")
        stage.locator(".lab-changed").wait_for()
        examine(page, "the changed run beside", only)
        stage.locator('[data-side="difference"]').click()
        stage.get_by_role("button", name="save").click()
        stage.get_by_role("button", name="? keys").click()
        examine(page, "difference, save, keys", only)
        stage.get_by_role("button", name="? keys").click()
        tab["Whole run"].click()
        examine(page, "the whole run's differences", only)
        tab["Edge matrices"].click()
        examine(page, "the edge matrices of both", only)
        tab["Whole run"].click()
        book.kernel.run("stage.undo()")
        expect(stage.locator(".lab-sides")).to_have_count(0)
        examine(page, "the whole run", only)
        wonder.click()
        tab["Step by step"].click()
        book.kernel.run("stage.ask('message', round=1, sender=2, receiver=1)")
        stage.locator(".lab-hidden").first.wait_for()
        book.kernel.run("stage.presenting = True")
        page.locator(".lab-presenting").wait_for()
        # What lies above the page axe holds for hidden; its colours are those it has in the page.
        examine(page, "a question, presented", only, least=0)
        book.kernel.run("stage.presenting, stage.revealed = False, True")
        expect(page.locator(".lab-presenting")).to_have_count(0)
        if only is None:
            before = background(stage)
            page.evaluate(DARK)
            expect(page.locator('.lab-root[data-theme="dark"]')).to_have_count(3)
            assert background(stage) != before
    # Were nothing ever found, this would be no test.
    faint = "color: #777 !important; background: #666 !important"
    page.add_style_tag(content=f".lab-stage .lab-narration p {{ {faint} }}")
    assert any("color-contrast" in fault for fault in page.evaluate(FIND, None)[0])


def background(stage: Locator) -> str:
    return str(stage.evaluate("e => getComputedStyle(e).backgroundColor"))


LEFT = """stage => [...stage.querySelectorAll('button, select, input, [tabindex]')].filter(e =>
  e.tabIndex >= 0 && e.checkVisibility() && !e.disabled && !e.dataset.met
  && !(e.type === 'radio' && !e.checked)).map(e => e.outerHTML.slice(0, 160))"""
MEET = """() => {
  const e = document.activeElement;
  if (!e?.closest('.lab-stage')) return false;
  e.dataset.met = true;
  return true;
}"""


def reaches_all(page: Page, stage: Locator) -> None:
    """Go through the stage with the tab key, and expect to meet all that can be used."""
    stage.evaluate("e => e.focus()")
    page.keyboard.press("Tab")
    for _ in range(300):
        if not page.evaluate(MEET):
            break
        page.keyboard.press("Tab")
    assert stage.evaluate(LEFT) == []


def test_the_keyboard_alone_reaches_and_uses_everything_and_leaks_nothing(notebook):
    book = notebook([STAGE], reduced_motion=True)
    page = book.page
    ready(page)
    before = [cell["source"] for cell in book.cells()]
    stage, key = page.locator(".lab-stage"), page.keyboard
    book.kernel.run("stage.step = stage.steps.index('Round 1: message')")
    packets = stage.locator(".lab-packets")
    packets.wait_for(state="attached")
    settle(page)
    still = packets.evaluate("e => e.outerHTML")
    page.wait_for_timeout(200)
    assert packets.evaluate("e => e.outerHTML") == still  # they have arrived, and stay

    stage.get_by_role("button", name="What if").focus()
    key.press("Enter")
    stage.get_by_label("element", exact=True).focus()
    key.press("n")
    stage.locator(".lab-changed").wait_for()
    book.kernel.run("stage.ask('prediction')")
    stage.locator(".lab-ask").wait_for()
    reaches_all(page, stage)

    stage.locator('[data-side="other"] input').focus()
    key.press("ArrowRight")
    expect(stage.locator('[data-side="difference"] input')).to_be_checked()
    cells = stage.locator(".lab-changed tbody button")
    stage.locator(".lab-changed tbody button[tabindex='0']").focus()
    met = set()
    for row in range(3):
        key.press("Home")
        for _ in range(4):
            met.add(page.evaluate("document.activeElement.getAttribute('aria-label')"))
            key.press("ArrowRight")
        if row < 2:
            key.press("ArrowDown")
    assert met == {cell.get_attribute("aria-label") for cell in cells.all()}
    assert len(met) == 12
    key.press("Enter")
    last = "stage.steps.index('Round 2: update')"
    book.kernel.wait_for(f"[stage.selected_atom, stage.step == {last}]", [3, True])

    stage.locator(".lab-ask input").focus()
    key.type("1.5")
    key.press("Enter")
    book.kernel.wait_for("[stage.guess, stage.revealed]", ["1.5", True])
    book.kernel.run("stage.step = stage.steps.index('Round 1: message')")
    stage.get_by_role("button", name="silent").focus()
    key.press("Enter")
    book.kernel.wait_for("len(stage.against.edits)", 2)
    stage.get_by_role("button", name="save").focus()
    key.press("Enter")
    key.press("Tab")
    assert "SVG" in page.evaluate("document.activeElement.textContent")
    key.press("Escape")
    expect(stage.get_by_role("group", name="Save")).to_have_count(0)
    stage.get_by_role("button", name="Present").focus()
    key.press("Enter")
    book.kernel.wait_for("stage.presenting", True)
    key.press("Escape")
    book.kernel.wait_for("stage.presenting", False)

    stage.get_by_role("tab", name="Step by step").focus()
    key.press("ArrowLeft")
    expect(stage.get_by_role("tab", name="Edge matrices")).to_be_focused()
    reaches_all(page, stage)
    matrix = stage.locator(".lab-card [role=slider]").first
    matrix.focus()
    key.press("ArrowDown")
    key.press("ArrowRight")
    said = matrix.get_attribute("aria-valuetext") or ""
    assert said.startswith("[1 → 1] = ")
    expect(stage.locator(".lab-card .lab-magnifier").first).to_have_text(said)
    stage.get_by_role("tab", name="Edge matrices").focus()
    key.press("ArrowLeft")
    expect(stage.get_by_role("tab", name="Whole run")).to_be_focused()
    reaches_all(page, stage)
    heat = stage.locator(".lab-heat [role=slider]").first
    heat.focus()
    key.press("ArrowUp")  # from the atom that is selected
    key.press("ArrowRight")
    key.press("Enter")
    book.kernel.wait_for("stage.selected_atom", 2)
    for place in (heat, stage.locator(".lab-tabs button").first):
        place.focus()
        for letter in "abxzdd0mylh":
            key.press(letter)
    assert [cell["source"] for cell in book.cells()] == before
