"""Every number that the lens shows, at every step, is the tensor that the trace holds."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.staged import ready, settle

pytestmark = pytest.mark.browser

# One of each family: edge networks, attention, degree factors, types of bonds, softmax aggregation.
LAYERS = {
    "NNConv": None,
    "GATv2Conv": "alpha",
    "GCNConv": "c_ij",
    "RGCNConv": None,
    "GENConv": "aggregate share",
}
"""With the page's name for the coefficients of its messages."""
CELL = """\
import mpnn_lab as ml

def run(name):
    spec = ml.ModelSpec(rounds=[ml.Layer(name, 8)] * 2)
    return ml.trace(spec.build(seed=0), spec.featurize(ml.read_molecule("CC(=O)O")))

def tensors(trace, weights):
    rows = {"input/features": trace.data.x, "input/state": trace.rounds[0].state_in}
    for r in trace.rounds:
        rows[f"round {r.number}/state"] = r.state_out
        for p in r.propagations:
            number = f" {p.number + 1}" if p.number else ""
            rows[f"round {r.number}/message{number}"] = p.messages
            rows[f"round {r.number}/aggregate{number}"] = p.aggregated
            if weights:
                rows[f"round {r.number}/{weights}"] = p.weights
        first = r.propagations[0]
        if trace.rounds[0].kind == "NNConv":  # the double bond's, in the row of its kind
            matrix = first.edge_matrix(first.edge_number(2, 1)).values
            rows[f"round {r.number}/matrices"] = [None, matrix.tolist()]
    rows["readout/readout"] = trace.readout.output
    rows["prediction/prediction"] = trace.output
    return {name: t if isinstance(t, list) else t.tolist() for name, t in rows.items()}

stage = ml.Stage(run("NNConv"))
stage"""
SHOWN = """lens => [...lens.querySelectorAll('[data-quantity]')].flatMap(({dataset: d}) =>
  d.values ? [[d.quantity, +d.row, +d.start, d.values.split(' ').map(Number)]]
  : d.value ? [[d.quantity, +d.row, +d.channel, [+d.value]]] : [])"""


def flat(held: Any) -> list[float]:
    return [v for part in held for v in flat(part)] if isinstance(held, list) else [held]


def test_every_sub_step_of_five_families_shows_the_traces_tensors(notebook):
    book = notebook([CELL])
    page = book.page
    ready(page)
    place = page.locator('.lab-stage input[type="range"]')
    lens = page.locator(".lab-lens")
    for name, weights in LAYERS.items():
        book.kernel.run(f"stage.trace = run({name!r})")
        expect(page.locator(".lab-chip", has_text=name)).to_have_count(1)
        book.kernel.run("stage.selected_atom, stage.selected_bond = 1, 1")
        page.locator(".lab-chosen-bond").wait_for(state="attached")
        held = book.kernel.value(f"tensors(stage.trace, {weights!r})")
        unseen = set(held)
        for number, step in enumerate(book.kernel.value("stage.steps")):
            place.fill(str(number))
            settle(page)
            checked = [s for s in lens.evaluate(SHOWN) if s[0] in held]
            for quantity, row, start, values in checked:
                tensor = flat(held[quantity][row])[start : start + len(values)]
                assert values == tensor, (name, step, quantity, row)
                unseen.discard(quantity)
            assert checked or silent(page), (name, step)
        # Where no bond of a type leads to the atom, its messages are nowhere to be seen.
        assert all(held[q] == [] for q in unseen), (name, unseen)
        said = float(page.locator("[data-prediction]").get_attribute("data-value") or "nan")
        assert said == held["prediction/prediction"][0][0]


def silent(page: Any) -> bool:
    """Whether the lens says that nothing comes along here."""
    return "no bond of this type leads to it" in page.locator(".lab-blocks").inner_text()
