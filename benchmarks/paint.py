"""What one step of the stage costs the page, in a real JupyterLab."""

from __future__ import annotations

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
STEP = """async () => {
  document.querySelector('.lab-stage [aria-label="Step forward"]').click();
  await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
}"""


def rows() -> list[Row]:
    """Time of the page's main thread a step: script, style, layout and painting."""
    found = []
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server = Server(Path(home))
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
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
    """Main-thread milliseconds a step, mean over a second pass through the whole run."""
    book = Notebook(server, browser, [source], reduced_motion=True)
    try:
        page = book.page
        page.locator(".lab-stage [data-atom]").first.wait_for()
        slider = page.locator('.lab-stage input[type="range"]')
        last = int(slider.get_attribute("max") or 0)
        metrics = page.context.new_cdp_session(page)
        metrics.send("Performance.enable")
        spent = [0.0, 0.0]
        for turn in range(2):  # the first pass fills caches, as a user's first look does
            slider.fill("0")
            page.wait_for_timeout(500)
            before = task_time(metrics)
            for _ in range(last):
                page.evaluate(STEP)
            spent[turn] = 1e3 * (task_time(metrics) - before) / last
        return spent[1]
    finally:
        book.close()


def task_time(metrics: Any) -> float:
    """Seconds that the page's main thread has worked so far."""
    values = metrics.send("Performance.getMetrics")["metrics"]
    return next(float(m["value"]) for m in values if m["name"] == "TaskDuration")
