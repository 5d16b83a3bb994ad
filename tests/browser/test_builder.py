"""The builder in a real JupyterLab: what is chosen is what the kernel has and the stage shows."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.staged import LAB, ready, settle

pytestmark = pytest.mark.browser

ALONE = "import mpnn_lab as ml\nbuilder = ml.ModelBuilder()\nbuilder"


def card(page: Page, number: int):
    return page.locator(f'.lab-card[data-round="{number - 1}"]')


def test_preset_aggregator_and_round_and_the_stage_follows(notebook):
    book = notebook([LAB])
    page, kernel = book.page, book.kernel
    ready(page)
    page.get_by_role("button", name="Build", exact=True).click()
    expect(page.locator(".lab-stage")).to_be_hidden()
    page.get_by_role("button", name="GCN", exact=True).click()
    kernel.wait_for("[r.kind for r in lab.trace.rounds]", ["GCNConv"] * 3)
    card(page, 1).get_by_label("Round 1: Aggregator").select_option("max")
    kernel.wait_for("lab.spec.rounds[0].aggr", "max")
    page.get_by_role("button", name="Add a round").click()
    kernel.wait_for("len(lab.trace.rounds)", 4)
    expect(card(page, 4).get_by_role("button", name="Copy round 4")).to_be_focused()
    weights = kernel.value("sum(p.numel() for p in lab.model.parameters())")
    expect(page.locator(".lab-counts")).to_contain_text(f"{weights:,} weights")
    assert kernel.value("bool(lab.trace.verify())")
    page.get_by_role("button", name="Of the literature").click()
    page.get_by_role("button", name="Master node").click()
    kernel.wait_for("lab.spec == ml.preset('master-node', width=16)", True)
    # From Python, too.
    kernel.run("lab.spec = ml.ModelSpec(rounds=[ml.Layer('SAGEConv', 8)])")
    expect(card(page, 1).get_by_role("button", name="layer SAGEConv")).to_be_visible()
    expect(card(page, 2)).to_have_count(0)
    page.get_by_role("button", name="Step", exact=True).click()
    expect(page.locator(".lab-builder")).to_be_hidden()
    expect(page.locator(".lab-chapters")).to_contain_text("Round 1 of 1")
    expect(page.locator(".lab-stage [data-atom]")).to_have_count(13)
    strip = page.locator(".lab-lens [data-values]").first
    expect(strip).to_be_visible()
    assert strip.evaluate("e => e.offsetWidth") > 40


def test_an_error_at_its_field_and_the_way_back(notebook):
    book = notebook([LAB])
    page, kernel = book.page, book.kernel
    ready(page)
    page.get_by_role("button", name="Build", exact=True).click()
    before = kernel.value("lab.spec.to_json()")
    card(page, 2).get_by_role("button", name="Round 2", exact=True).click()
    width = card(page, 2).get_by_label("Round 2: Width")
    width.fill("9")
    width.press("Enter")
    expect(width).to_have_attribute("aria-invalid", "true")
    fault = card(page, 2).get_by_role("alert")
    expect(fault).to_contain_text("the update 'gru' keeps the width 16")
    below = fault.bounding_box()["y"] - width.bounding_box()["y"]
    assert 0 < below < 60
    assert kernel.value("lab.spec.to_json()") == before
    # A page loaded anew shows the draft as it was left: it lies with the kernel.
    page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    expect(width).to_have_value("9", timeout=30_000)
    expect(fault).to_contain_text("the update 'gru' keeps the width 16")
    page.get_by_role("button", name="Go back").click()
    expect(width).to_have_value("16")
    expect(page.locator(".lab-wrong")).to_have_count(0)
    width.fill("8")
    card(page, 2).get_by_role("button", name="for all rounds").click()
    kernel.wait_for("[layer.width for layer in lab.spec.rounds]", [8, 8, 8])


def test_the_keyboard_alone_and_no_key_reaches_the_notebook(notebook):
    book = notebook([ALONE])
    page, kernel = book.page, book.kernel
    cells = len(book.cells())
    layer = card(page, 1).get_by_role("button", name="layer NNConv")
    layer.focus()
    page.keyboard.press("Enter")
    page.keyboard.type("gatv2")
    page.keyboard.press("Enter")
    expect(card(page, 1).get_by_role("button", name="layer GATv2Conv")).to_be_focused()
    kernel.wait_for("builder.spec.rounds[0].name", "GATv2Conv")
    expect(page.locator(".lab-remark")).to_contain_text("no option hidden")
    down = card(page, 1).get_by_role("button", name="Move round 1 down")
    down.focus()
    page.keyboard.press("Enter")
    kernel.wait_for("[r.name for r in builder.spec.rounds]", ["NNConv", "GATv2Conv", "NNConv"])
    expect(card(page, 2).get_by_role("button", name="Move round 2 down")).to_be_focused()
    for key in ("a", "b", "d", "d", "x", "m", "Enter"):
        page.keyboard.press(key)
    assert len(book.cells()) == cells
    kernel.wait_for("[r.name for r in builder.spec.rounds]", ["NNConv", "NNConv", "GATv2Conv"])


def test_nothing_is_cut_off_wide_or_narrow_light_or_dark(notebook):
    book = notebook([ALONE])
    page = book.page
    builder = page.locator(".lab-builder")
    card(page, 1).get_by_role("button", name="layer NNConv").click()
    card(page, 1).locator("summary").click()
    cut = """[...document.querySelectorAll('.lab-builder, .lab-builder :is(div, ol, section)')]
      .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.className)"""
    for theme in ("Light", "Dark"):
        change = (
            f"jupyterapp.commands.execute('apputils:change-theme', {{theme: 'JupyterLab {theme}'}})"
        )
        page.evaluate(change)
        expect(builder).to_have_attribute("data-theme", theme.lower())
        for width in (1100, 700, 332):
            book.kernel.run(f"builder.layout.width = '{width}px'")
            page.wait_for_function(f"document.querySelector('.lab-builder').offsetWidth <= {width}")
            settle(page)
            assert page.evaluate(cut) == [], (theme, width)


def test_3d_stands_beside_a_stage_that_has_room_and_is_not_made_where_there_is_none(notebook):
    book = notebook([LAB], width=1280)
    ready(book.page)
    expect(book.page.locator(".lab-foot")).to_contain_text("CPU · untrained · ")
    book.page.wait_for_timeout(600)
    assert book.kernel.value("lab._viewer is None")
    book.page.get_by_role("button", name="Molecule", exact=True).click()
    expect(book.page.locator(".lab-viewer3d")).to_be_visible()
    expect(book.page.locator(".lab-stage")).to_be_hidden()
    book.page.get_by_role("button", name="Step", exact=True).click()
    expect(book.page.locator(".lab-viewer3d")).to_be_hidden()
    book.page.set_viewport_size({"width": 1800, "height": 1000})
    expect(book.page.locator(".lab-viewer3d")).to_be_visible()
    expect(book.page.locator(".lab-stage")).to_be_visible()
