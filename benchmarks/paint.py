"""What one step of the stage costs the page, in a real JupyterLab."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

import mpnn_lab as ml
from benchmarks import Row
from tests.browser.chromium import FLAGS, find
from tests.browser.lab import Notebook, Server

SILDENAFIL = "CCCc1nn(C)c2c1nc([nH]c2=O)-c1cc(ccc1OCC)S(=O)(=O)N1CCN(C)CC1"
PACLITAXEL = (
    "CC1=C2C(C(=O)C3(C(CC4C(C3C(C(C2(C)C)(CC1OC(=O)C(C(C5=CC=CC=C5)NC(=O)C6=CC=CC=C6)O)O)"
    "OC(=O)C7=CC=CC=C7)(CO4)OC(=O)C)O)C)OC(=O)C"
)
# From the click to the end of the frame that shows it, without the wait for the frame to begin.
STEP = """async () => {
  const start = performance.now();
  document.querySelector('.lab-stage [aria-label="Step forward"]').click();
  await new Promise(r => queueMicrotask(() => queueMicrotask(r)));  // the page is drawn anew here
  const drawn = performance.now();
  return await new Promise(done => requestAnimationFrame(() => {
    const frame = performance.now();
    const { port1, port2 } = new MessageChannel();  // its message comes after style, layout, paint
    port1.onmessage = () => done(drawn - start + performance.now() - frame);
    port2.postMessage(0);
  }));
}"""


def rows() -> list[Row]:
    """Time a step takes on the page: script, style, layout and painting."""
    found, chromium = [], find()
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server = Server(Path(home))
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            for bound, smiles in ((16.0, SILDENAFIL), (16.0, PACLITAXEL)):
                atoms = ml.read_molecule(smiles).GetNumAtoms()
                cost = step_cost(server, browser, f"import mpnn_lab as ml\nml.Lab({smiles!r})")
                found.append(Row(f"a step on {atoms} atoms", "ms", cost, at_most=bound))
        finally:
            browser.close()
            server.stop()
    return found


def step_cost(server: Server, browser: Any, source: str) -> float:
    """Milliseconds a step: median over a second pass through the whole run."""
    book = Notebook(server, browser, [source], reduced_motion=True)
    try:
        page = book.page
        page.locator(".lab-stage [data-atom]").first.wait_for()
        slider = page.locator('.lab-stage input[type="range"]')
        last = int(slider.get_attribute("max") or 0)
        costs: list[float] = []
        for _ in range(2):  # the first pass fills caches, as a user's first look does
            slider.fill("0")
            page.wait_for_timeout(500)
            costs = []
            for _ in range(last):
                costs.append(page.evaluate(STEP))
                page.wait_for_timeout(150)  # the kernel hears of the step
        return statistics.median(costs)
    finally:
        book.close()
