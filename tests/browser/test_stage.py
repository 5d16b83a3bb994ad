"""The stage and the lab in a real JupyterLab: numbers on the page are the kernel's tensors."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.staged import LAB, at, numbers, ready, settle, strip

pytestmark = pytest.mark.browser

EVIL = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</title><svg onload=alert(1)>",
    "</scRIPt ><b>bold</b>",
    "javascript:alert(1)",
    "$\\href{javascript:alert(1)}{x}$",
    '<a data-commandlinker-command="terminal:open">x</a>',
)


def type_molecule(page: Page, text: str) -> None:
    page.get_by_role("button", name="Molecule", exact=True).click()
    field = page.get_by_label("As text")
    field.fill(text)
    field.press("Enter")
    page.get_by_role("button", name="Step", exact=True).click()


def test_type_a_molecule_step_select_and_read_the_numbers(notebook):
    book = notebook([LAB])
    page = book.page
    ready(page)
    type_molecule(page, "CC(=O)O")
    expect(page.locator(".lab-stage [data-atom]")).to_have_count(4)
    assert book.kernel.value("lab.mol.GetNumAtoms()") == 4
    at(book, "Round 1: gather")
    forward, back = (page.get_by_role("button", name=f"Step {w}") for w in ("forward", "back"))
    seen = [page.locator(".lab-lens").inner_text()]
    for _ in range(4):
        forward.click()
        settle(page)
        seen.append(page.locator(".lab-lens").inner_text())
    assert len(set(seen)) == 5
    book.kernel.wait_for("lab.stage.steps[lab.stage.step]", "Round 1: update")
    for before in reversed(seen[:-1]):
        back.click()
        settle(page)
        assert page.locator(".lab-lens").inner_text() == before
    at(book, "Round 1: message")
    page.locator('.lab-stage [data-atom="1"]').click(force=True)
    page.locator('.lab-stage [data-bond="1"]').click(force=True)
    book.kernel.wait_for("[lab.stage.selected_atom, lab.stage.selected_bond]", [1, 1])
    row = book.kernel.value("lab.trace.rounds[0].propagations[0].edge_number(2, 1)")
    message = book.kernel.value(f"lab.trace.rounds[0].propagations[0].messages[{row}].tolist()")
    assert numbers(page, "round 1/message", row) == pytest.approx(message, abs=0)
    assert len(message) == 16


@pytest.mark.parametrize("choice", ["edge network", "GINE", "GCN", "GATv2"])
def test_every_sub_step_shows_the_kernels_numbers(notebook, choice):
    code = (
        "import mpnn_lab as ml\nfrom mpnn_lab.widgets.choices import CHOICES\n"
        f"spec = next(c.spec for c in CHOICES if c.name == {choice!r})\n"
        "lab = ml.Lab('CC(=O)O', spec)\nlab.stage.selected_atom = 1\nlab"
    )
    book = notebook([code])
    page = book.page
    ready(page)
    at(book, "Round 2: message")
    row = book.kernel.value("lab.trace.rounds[1].propagations[0].edge_number(2, 1)")
    page.locator('.lab-stage [data-bond="1"]').click(force=True)
    p = "lab.trace.rounds[1].propagations[0]"
    message = book.kernel.value(f"{p}.messages[{row}].reshape(-1).tolist()")
    shown = numbers(page, "round 2/message", row)
    assert shown == pytest.approx(message[: len(shown)], abs=0)
    at(book, "Round 2: aggregate")
    total = book.kernel.value(f"{p}.aggregated[1].reshape(-1).tolist()")
    shown = numbers(page, "round 2/aggregate", 1)
    assert shown == pytest.approx(total[: len(shown)], abs=0)
    at(book, "Round 2: update")
    state = book.kernel.value("lab.trace.rounds[1].state_out[1].tolist()")
    assert numbers(page, "round 2/state", 1) == pytest.approx(state, abs=0)
    at(book, "Prediction: predict")
    output = book.kernel.value("lab.trace.output.item()")
    assert numbers(page, "prediction/prediction", 0) == [output]
    header = page.locator("[data-prediction]")
    assert float(header.get_attribute("data-value")) == output


def test_a_cell_spelled_out_differs_from_the_model_by_rounding_only(notebook):
    book = notebook([LAB])
    page = book.page
    ready(page)
    at(book, "Round 1: message")
    book.kernel.run("lab.stage.selected_atom, lab.stage.selected_bond = 1, 1")
    row = book.kernel.value("lab.trace.rounds[0].propagations[0].edge_number(2, 1)")
    message = strip(page, "round 1/message", row)
    box = message.bounding_box()
    message.click(position={"x": box["width"] * 4.5 / 16, "y": box["height"] / 2})
    spelled = page.locator(f'.lab-spelled[data-row="{row}"][data-channel="4"]')
    spelled.wait_for()
    value, again = (float(spelled.get_attribute(f"data-{n}")) for n in ("value", "recomputed"))
    expected = book.kernel.value(
        "sum(float(a) * float(b) for a, b in zip(lab.trace.rounds[0].state_in[2], "
        f"lab.trace.rounds[0].propagations[0].edge_matrix({row}).values[:, 4]))"
    )
    assert again == pytest.approx(expected, abs=1e-12)
    assert value == pytest.approx(expected, abs=1e-6)
    assert "+ 8 more terms" in spelled.inner_text()


def test_a_bad_molecule_is_said_beside_the_field_and_the_stage_stays(notebook):
    book = notebook([LAB])
    page = book.page
    ready(page)
    before = page.locator(".lab-stage").inner_text()
    type_molecule(page, "CC(=O)C(")
    alert = page.locator(".lab-bar [role=alert]")
    alert.wait_for()
    assert alert.locator("mark").count() == 1
    assert page.locator(".lab-stage").inner_text() == before
    type_molecule(page, "CCO")
    expect(page.locator(".lab-stage [data-atom]")).to_have_count(3)
    expect(alert).to_have_count(0)


def test_choosing_another_model(notebook):
    book = notebook([LAB])
    page = book.page
    ready(page)
    page.get_by_label("Model").select_option("GCN")
    page.locator(".lab-stage", has_text="GCNConv × 3").wait_for()
    assert book.kernel.value("lab.trace.rounds[0].kind") == "GCNConv"
    assert page.locator(".lab-step", has_text="edge matrix").count() == 0


def test_hostile_names_are_text(notebook):
    """In a molecule's name, a layer's class and what is typed: no dialog, no request, no markup."""
    code = (
        "import mpnn_lab as ml\n"
        "def evil(name):\n"
        "    model = lab.spec.build()\n"
        "    conv = model.rounds[0].conv\n"
        "    conv.__class__ = type(name, (type(conv),), {})\n"
        "    lab.mol, lab.model = 'CCO ' + name, model\n"
        "lab = ml.Lab('CCO')\nlab"
    )
    book = notebook([code])
    page = book.page
    ready(page)
    for name in EVIL:
        book.kernel.run(f"evil({name!r})")
        expect(page.locator(".lab-stage header")).to_contain_text(name)
        expect(page.locator(".lab-stage .lab-timeline")).to_contain_text("Round 1")
        type_molecule(page, f"C( {name}")
        expect(page.locator(".lab-bar [role=alert]")).to_contain_text(name[:20])
        type_molecule(page, f"CCN {name}")
        expect(page.locator(".lab-bar [role=alert]")).to_have_count(0)
        expect(page.locator(".lab-stage header")).to_contain_text(name)
    page.wait_for_timeout(300)
    assert page.locator(".lab-root script, .lab-root img, .lab-root a, .lab-root b").count() == 0


def test_keys_step_and_never_reach_the_notebook(notebook):
    book = notebook([LAB])
    page = book.page
    ready(page)
    before = len(book.cells())
    at(book, "Round 1: gather")
    page.locator('.lab-stage [role="application"]').focus()
    page.keyboard.press(".")
    page.keyboard.press(".")
    page.keyboard.press(",")
    for key in "abxzdd0mylh":
        page.keyboard.press(key)
    book.kernel.wait_for("lab.stage.steps[lab.stage.step]", "Round 1: edge matrix")
    page.wait_for_timeout(200)
    assert len(book.cells()) == before
    book.kernel.run("lab.stage.selected_atom = 0")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    slider = page.locator('input[aria-label="Step of the run"]')
    start = int(slider.input_value())
    page.wait_for_function(
        "start => +document.querySelector('input[aria-label=\"Step of the run\"]').value > start",
        arg=start,
    )
    page.keyboard.press("Space")
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").wait_for()


def test_two_stages_one_shown_twice_and_a_cell_run_again(notebook):
    spec = "ml.ModelSpec(rounds=[ml.Layer('GCNConv', 4)])"
    other = f"two = ml.Stage(ml.trace({spec}.build(), 'CCO'))\ntwo"
    book = notebook([LAB, other, "two"])
    page = book.page
    expect(page.locator(".lab-stage")).to_have_count(3)
    shown = [page.locator(".lab-stage").nth(k) for k in range(3)]
    book.kernel.run("two.step = 0")
    for stage, value in zip(shown, (None, "0", "0"), strict=True):
        if value:
            expect(stage.locator('input[type="range"]')).to_have_value(value)
    assert shown[0].locator('input[type="range"]').input_value() != "0"
    shown[1].get_by_role("button", name="Step forward").click()
    expect(shown[2].locator('input[type="range"]')).to_have_value("1")
    ids = page.evaluate("[...document.querySelectorAll('.lab-root [id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_timeout(3000)
    expect(page.locator(".lab-stage")).to_have_count(3)
