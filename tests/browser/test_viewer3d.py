"""The 3D viewer in a real JupyterLab: drawn, clicked, linked with a stage, offline."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.staged import settle
from tests.browser.test_stage import EVIL

pytestmark = pytest.mark.browser

LINKED = (
    "import mpnn_lab as ml\n"
    "spec = ml.ModelSpec(rounds=[ml.Layer('NNConv', 8)] * 2, update='gru')\n"
    "stage = ml.Stage(ml.trace(spec.build(seed=0), 'CC(=O)O'), selected_atom=None)\n"
    "viewer = ml.Viewer3D(stage.trace, hydrogens=False)\n"
    "unlink = viewer.link(stage)\n"
    "viewer"
)
SLOW = 15_000
"""Drawn in software, on a busy machine: in ms."""
PIXELS = """canvas => {
  const copy = Object.assign(document.createElement('canvas'), {width: 200, height: 120});
  const pen = copy.getContext('2d');
  pen.drawImage(canvas, 0, 0, 200, 120);
  const {data} = pen.getImageData(0, 0, 200, 120);
  return new Set(Array.from({length: 24000}, (_, k) => data.slice(4 * k, 4 * k + 3).join())).size;
}"""
PLACE = """([atoms]) => {
  const canvas = document.querySelector('.lab-space canvas');
  const at = canvas._3dmol_viewer.modelToScreen(atoms.map(([x, y, z]) => ({x, y, z})));
  const sum = at.reduce((s, p) => [s[0] + p.x, s[1] + p.y], [0, 0]);
  return [sum[0] / at.length - scrollX, sum[1] / at.length - scrollY];
}"""


def colours_in(page: Page, selector: str) -> int:
    """How many colours the picture has: 1 where it is blank."""
    settle(page)
    return page.locator(selector).first.evaluate(PIXELS)


def click(book, *atoms: int) -> None:
    """Click in the middle of some atoms' places."""
    places = book.kernel.value(f"[viewer._whole.geometry.positions[a].tolist() for a in {atoms}]")
    x, y = book.page.evaluate(PLACE, [places])
    book.page.mouse.click(x, y)


def test_atoms_and_bonds_are_clicked_and_colours_follow_the_stage(notebook):
    book = notebook([LINKED])
    page = book.page
    picture = page.locator('.lab-space[data-state="drawn"]')
    picture.wait_for()
    assert colours_in(page, ".lab-space canvas") > 20
    said = page.locator(".lab-viewer3d [aria-live]")
    click(book, 3)
    book.kernel.wait_for("[viewer.selected_atom, stage.selected_atom]", [3, 3])
    expect(said).to_contain_text("atom O3: oxygen, 1 hydrogen", timeout=SLOW)
    click(book, 0, 1)
    book.kernel.wait_for("[stage.selected_atom, stage.selected_bond]", [None, 0])
    expect(said).to_contain_text("bond C0–C1", timeout=SLOW)
    book.kernel.run("stage.selected_bond, stage.selected_atom = None, 2")
    expect(said).to_contain_text("atom O2", timeout=SLOW)
    for number in (1, 2):
        book.kernel.run(f"stage.step = stage.steps.index('Round {number}: update')")
        size = book.kernel.value(f"stage.trace.rounds[{number - 1}].state_out[2].norm().item()")
        expect(said).to_contain_text(f"size of new state {size:.3f}", timeout=SLOW)
    page.locator(".lab-viewer-scale select").select_option("3")
    book.kernel.wait_for("stage.channel", 3)
    picture.press("ArrowLeft")
    picture.press("n")
    book.kernel.wait_for("stage.selected_atom", 3)


def test_names_are_text_and_scenes_are_replayed_without_any_request(notebook):
    code = (
        "import mpnn_lab as ml, py3Dmol\nfrom rdkit import Chem\n"
        "view = py3Dmol.view(height=200)\n"
        "for k, name in enumerate(" + repr(EVIL) + "):\n"
        "    view.addLabel(name, {'position': {'x': 0, 'y': k, 'z': 0}})\n"
        "mol = Chem.MolFromSmiles('CCO')\nmol.SetProp('_Name', " + repr(EVIL[1]) + ")\n"
        "view.addModel(Chem.MolToMolBlock(mol), 'sdf').setStyle({'stick': {}})\n"
        "view.addSurface('VDW', {'opacity': 0.5}).zoomTo()\n"
        "viewer = ml.Viewer3D.from_py3dmol(view, selected_bond=1)\nviewer"
    )
    book = notebook([code])
    page = book.page
    page.locator('.lab-space[data-state="drawn"]').wait_for()
    expect(page.locator(".lab-viewer-name")).to_have_text(EVIL[1])
    assert colours_in(page, ".lab-space canvas") > 20
    assert page.locator(".lab-viewer3d [role=alert]").count() == 0
    assert page.locator(".lab-root script, .lab-root img, .lab-root a, .lab-root b").count() == 0


def test_py3dmols_own_views_draw_offline_and_contexts_are_let_go(notebook):
    own = (
        "import mpnn_lab as ml, py3Dmol\nml.enable_py3dmol_offline()\n"
        "py3Dmol.view(data='2\\n\\nC 0 0 0\\nO 1.2 0 0\\n', format='xyz', "
        "style={'stick': {}}, width=300, height=200)"
    )
    two = "ethanol = ml.Viewer3D('CCO', height=150)\nethanol"
    book = notebook([own, two, "ethanol"], theme="dark", width=700)
    page = book.page
    page.locator('[id^="3dmolviewer_"] canvas').wait_for()
    assert colours_in(page, '[id^="3dmolviewer_"] canvas') > 5
    spaces = page.locator('.lab-space[data-state="drawn"]')
    expect(spaces).to_have_count(2)
    spaces.nth(1).scroll_into_view_if_needed()
    assert colours_in(page, ".lab-space canvas") > 20
    assert page.evaluate("mpnnLab3D.open") == 2
    page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.wait_for_function("mpnnLab3D.open === 0")
