"""How the stage lies on the page: nothing cut, nothing jumps, light and dark, wide and narrow."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.staged import LAB, at, ready

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 700])
def test_nothing_is_cut_off(notebook, theme, width):
    book = notebook([LAB], theme=theme, width=width)
    page = book.page
    ready(page)
    expect(page.locator(".lab-stage")).to_have_attribute("data-theme", theme)
    wide = page.evaluate(
        "[...document.querySelectorAll('.lab-root')].map(e => e.scrollWidth - e.clientWidth)"
    )
    assert max(wide) <= 1


@pytest.mark.parametrize("width", [1280, 700])
def test_nothing_jumps_from_step_to_step(notebook, width):
    book = notebook([LAB], width=width)
    page = book.page
    ready(page)
    heights = "['.lab-stage', '.lab-picture'].map(s => document.querySelector(s).offsetHeight)"
    inside = """(() => {
      const [box, open] = ['.lab-chapters', '.lab-open'].map(s => document.querySelector(s));
      const [b, o] = [box, open].map(e => e.getBoundingClientRect());
      const fade = side => box.classList.contains(`lab-more-${side}`) ? 27 : -1;
      return o.left >= b.left + fade('before') && o.right <= b.right - fade('after');
    })()"""
    seen = set()
    for step in book.kernel.value("lab.stage.steps"):
        at(book, step)
        page.wait_for_function(inside)
        seen.add(tuple(page.evaluate(heights)))
    assert len(seen) == 1


def test_the_lens_scrolls_as_a_whole_and_clips_no_list(notebook):
    book = notebook([LAB])
    page = book.page
    ready(page)
    at(book, "Readout: readout")
    more = page.locator(".lab-lens .lab-link", has_text="more atoms").first
    more.click()
    clipped = """[...document.querySelectorAll('.lab-blocks *')].filter(e =>
      getComputedStyle(e).overflowY !== 'visible' && e.scrollHeight > e.clientHeight + 1
      && !e.matches('.lab-label')).map(e => e.className)"""
    assert page.evaluate(clipped) == []
    page.locator(".lab-lens .lab-link", has_text="only the 8 largest").first.click()
    expect(more).to_be_visible()


@pytest.mark.parametrize("width", [1280, 700])
def test_each_line_of_the_list_of_keys_is_a_line(notebook, width):
    book = notebook([LAB], width=width)
    page = book.page
    ready(page)
    page.get_by_role("button", name="keys").click()
    keys = page.get_by_role("dialog", name="Keys")
    tall = keys.locator("dt").evaluate_all("all => Math.max(...all.map(e => e.offsetHeight))")
    assert tall < 30
    assert keys.evaluate("e => e.scrollHeight <= e.clientHeight && e.scrollWidth <= e.clientWidth")


def test_packets_rest_at_their_arrowheads_where_motion_is_unwanted(notebook):
    book = notebook([LAB], reduced_motion=True)
    page = book.page
    ready(page)
    at(book, "Round 1: message")
    places = "[...document.querySelectorAll('.lab-packet')].map(e => e.outerHTML)"
    first = page.evaluate(places)
    page.wait_for_timeout(400)
    assert first
    assert page.evaluate(places) == first
