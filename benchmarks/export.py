"""The stage as a file: its bytes, and how soon a browser has painted it."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

import torch
from playwright.sync_api import sync_playwright

import mpnn_lab as ml
from benchmarks import Row
from mpnn_lab.exporting import trace_to_html
from tests.browser.chromium import FLAGS, find

IMATINIB = "Cc1ccc(cc1Nc1nccc(n1)-c1cccnc1)NC(=O)c1ccc(cc1)CN1CCN(CC1)C"
PAINTED = """() => performance.getEntriesByType('paint')
  .filter(e => e.name === 'first-contentful-paint').map(e => e.startTime)[0] ?? 0"""


def rows() -> list[Row]:
    """An edge network of 3 rounds, F = 64, with a GRU and set2set, on a drug of 37 atoms."""
    found, chromium = [], find()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            for tied in (True, False):
                path = trace_to_html(_trace(tied), Path(folder) / f"{tied}.html")
                name = f"file of a drug, F = 64, {'tied' if tied else 'three matrices a bond'}"
                found.append(Row(name, "kB", path.stat().st_size / 1000, at_most=1000.0))
                seconds = statistics.median(_painted(browser, path) for _ in range(5))
                found.append(Row("opened and painted", "s", seconds, at_most=1.0))
        finally:
            browser.close()
    return found


def _trace(tied: bool) -> Any:
    spec = ml.ModelSpec(
        rounds=[ml.Layer("NNConv", 64)] * 3, update="gru", readout="set2set", tied=tied
    )
    model = spec.build(seed=0)
    torch.manual_seed(0)
    with torch.no_grad():  # as after training: fresh weights have fewer bits, and compress better
        for p in model.parameters():
            p.mul_(1 + 0.1 * torch.randn_like(p))
    return ml.trace(model, IMATINIB)


def _painted(browser: Any, path: Path) -> float:
    """Seconds from the navigation to the first paint with anything on it, in a fresh page."""
    context = browser.new_context(offline=True)
    try:
        page = context.new_page()
        page.goto(path.as_uri())
        page.locator(".lab-stage [data-atom]").first.wait_for()
        page.wait_for_function(f"() => ({PAINTED})() > 0")
        return page.evaluate(PAINTED) / 1000
    finally:
        context.close()
