"""The file opened without a network, what can be saved, and a stage whose kernel is gone."""

from __future__ import annotations

import struct
import time
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import mpnn_lab as ml
from mpnn_lab.exporting import trace_to_html
from tests.browser.staged import LAB, at, numbers, ready, settle
from tests.exporting.test_html import EVIL
from tests.molecules import ASPIRIN

pytestmark = pytest.mark.browser


def trace_of(name="NNConv", smiles=ASPIRIN, width=16, **fields):
    fields = {"update": "gru", "readout": "set2set", "head": (width,)} | fields
    spec = ml.ModelSpec(rounds=[ml.Layer(name, width)] * 2, **fields)
    return ml.trace(spec.build(seed=1), smiles)


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a trace's file without a network; what must not happen is an error at the end."""
    contexts, wrong = [], []

    def open_file(trace, scheme="light", width=1280, height=900, **how) -> Page:
        path = trace_to_html(trace, tmp_path / f"{len(contexts)}.html", **how)
        context = browser.new_context(
            offline=True, color_scheme=scheme, viewport={"width": width, "height": height}
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("request", lambda r: r.url == path.as_uri() or wrong.append(f"asked {r.url[:90]}"))
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("console", lambda message: wrong.append(f"console: {message.text}"))
        page.on("dialog", lambda dialog: (wrong.append("a dialog"), dialog.dismiss()))
        page.goto(path.as_uri())
        ready(page)
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert not [w for w in wrong if "data:image/svg+xml" not in w], wrong


def go(page: Page, name: str) -> None:
    """Step until the counter says so."""
    page.locator(".lab-timeline input[type=range]").fill("0")
    counter = page.locator(".lab-counter")
    for _ in range(40):
        if counter.inner_text() == name:
            return
        page.get_by_role("button", name="Step forward").click()
        settle(page)
    raise AssertionError(f"no step is called {name}")


def test_a_file_without_a_network_draws_steps_and_holds_the_models_numbers(opened):
    trace = trace_of()
    page = opened(trace, selected_atom=1)
    expect(page.locator(".lab-stage")).to_have_attribute("data-theme", "light")
    expect(page.locator(".lab-counter")).to_have_text("round 1 of 2 · message")
    page.locator('[data-bond="1"]').click(force=True)
    for number in (1, 2):
        r = trace.rounds[number - 1]
        p = r.propagations[0]
        edge = p.edge_number(2, 1)
        go(page, f"round {number} of 2 · message")
        assert numbers(page, f"round {number}/message", edge) == p.messages[edge].tolist()
        go(page, f"round {number} of 2 · aggregate")
        assert numbers(page, f"round {number}/aggregate", 1) == p.aggregated[1].tolist()
        go(page, f"round {number} of 2 · update")
        assert numbers(page, f"round {number}/state", 1) == r.state_out[1].tolist()
    spelled = page.locator(".lab-spelled")
    value, again = (float(spelled.get_attribute(f"data-{n}")) for n in ("value", "recomputed"))
    assert value == pytest.approx(again, abs=1e-6)
    go(page, "prediction · predict")
    header = page.locator("[data-prediction]")
    assert float(header.get_attribute("data-value")) == trace.output.item()
    assert page.locator(".lab-fault").count() == 0


def test_every_recomputed_number_is_the_kernels(opened):
    """The gates of a GRU are worked out in the page: compared here with the stage's own view."""
    trace = trace_of(width=8)
    view = {q["name"]: q["values"] for q in ml.views.decode(ml.Stage(trace)._view)["quantities"]}
    page = opened(trace, step=0, selected_atom=1)
    seen = set()
    strips = """[...document.querySelectorAll('.lab-lens [data-quantity][data-values]')].map(
        e => [e.dataset.quantity, +e.dataset.row, e.dataset.values])"""
    for _ in range(40):
        for name, row, values in page.evaluate(strips):
            if view.get(name) is None:
                continue
            held = np.atleast_2d(view[name])
            expected = held[row] if len(held) > row else held.reshape(-1)
            shown = np.array(values.split(), np.float64).astype(np.float32)
            np.testing.assert_array_equal(shown, expected.reshape(-1)[: len(shown)], err_msg=name)
            seen.add(name)
        forward = page.get_by_role("button", name="Step forward")
        if forward.get_attribute("aria-disabled") == "true":
            break
        forward.click()
        settle(page)
    assert {"round 1/gru r", "round 2/gru z", "round 2/gru n", "round 1/state"} <= seen


@pytest.mark.parametrize(("scheme", "width"), [("light", 700), ("dark", 1280)])
def test_it_follows_the_systems_theme_and_the_windows_width(opened, scheme, width):
    page = opened(trace_of("GCNConv", update="none"), scheme=scheme, width=width, height=720)
    expect(page.locator(".lab-stage")).to_have_attribute("data-theme", scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_jacobians_that_the_file_holds_and_those_it_does_not(opened):
    trace = trace_of("GATv2Conv", update="residual", width=8)
    page = opened(trace, jacobians=[1], selected_atom=1, selected_bond=1)
    block = page.locator('[data-block="jacobian"]')
    expect(block.locator(".lab-matrix[aria-label*='inputs by']")).to_be_visible()
    expect(block).to_contain_text("Jacobian ∂m/∂h")
    page.locator('[data-bond="4"]').click(force=True)
    expect(block).to_contain_text("this page has none. It holds those along C1=O2")
    assert block.locator("button").count() == 0


@pytest.mark.parametrize("evil", EVIL)
def test_hostile_names_are_text_in_the_file(opened, evil):
    spec = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)])
    model = spec.build()
    conv = model.rounds[0].conv
    conv.__class__ = type(evil, (type(conv),), {})
    page = opened(ml.trace(model, "CCO " + evil), title=evil)
    expect(page.locator(".lab-title")).to_have_text(evil, use_inner_text=False)
    assert page.title() == " ".join(evil.split())
    expect(page.locator(".lab-timeline")).to_contain_text("Round 1")
    page.wait_for_timeout(150)
    assert page.locator("#stage :is(script, img, a, b, iframe)").count() == 0
    assert page.locator("body > :not(script, main)").count() == 0


def save(page: Page, what: str) -> tuple[str, bytes]:
    """Name and bytes of what the menu gives."""
    if page.locator(".lab-save .lab-pop").count() == 0:
        page.get_by_role("button", name="save", exact=True).click()
    with page.expect_download(timeout=60_000) as download:
        page.locator(".lab-save .lab-pop").get_by_role("button", name=what).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def gif_frames(data: bytes) -> list[tuple[int, tuple[int, ...]]]:
    """Time in ms and place of each frame, read block by block to the last byte."""
    assert data[:6] == b"GIF89a"
    at, frames, delay = 13 + 3 * 256, [], 0
    while data[at] != 0x3B:
        if data[at] == 0x21:
            if data[at + 1] == 0xF9:
                delay = 10 * int.from_bytes(data[at + 4 : at + 6], "little")
            at += 2
        else:
            assert data[at] == 0x2C
            frames.append((delay, struct.unpack_from("<4H", data, at + 1)))
            at += 11
        while data[at]:
            at += data[at] + 1
        at += 1
    assert at == len(data) - 1
    return frames


def test_pictures_and_an_animation_are_saved(opened, browser):
    page = opened(trace_of(smiles="CC(=O)O acid & <more>"), selected_atom=1)
    name, svg = save(page, "as SVG")
    assert name == "acid-more-round-1-of-2-message.svg"
    root = ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root[0].text == "acid & <more> · round 1 of 2 · message"
    shapes = [e.tag.rpartition("}")[2] for e in root.iter()]
    assert shapes.count("circle") == 4 + 1  # the atoms, and the ring round the chosen one
    assert not {"script", "foreignObject", "a", "image", "style"} & set(shapes)
    assert not any(k in e.attrib for e in root.iter() for k in ("class", "style", "onload"))
    _, png = save(page, "as PNG")
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack_from(">I", png, 16) == (1600,)
    name, gif = save(page, "as GIF")
    assert name == "acid-more-round-1.gif"
    frames = gif_frames(gif)
    assert len(frames) >= 20
    assert frames[0][1][:2] == (0, 0)
    assert frames[0][1][2] == 960
    assert sum(ms for ms, _ in frames) > 5_000
    sheet = browser.new_page()
    size = sheet.evaluate(
        """async bytes => {
          const image = new Image();
          image.src = URL.createObjectURL(new Blob([new Uint8Array(bytes)], {type: 'image/gif'}));
          await image.decode();
          return [image.naturalWidth, image.naturalHeight];
        }""",
        list(gif),
    )
    assert size == list(frames[0][1][2:])
    sheet.close()
    expect(page.locator(".lab-counter")).to_have_text("round 1 of 2 · message")


def appears(path: Path) -> bytes:
    for _ in range(200):
        if path.exists():
            return path.read_bytes()
        time.sleep(0.05)
    raise AssertionError(f"{path.name} was not written")


def test_python_asks_the_page_for_pictures_and_the_page_the_kernel_for_the_file(notebook, tmp_path):
    svg, png = tmp_path / "a.svg", tmp_path / "b.png"
    code = (
        "import warnings\nwith warnings.catch_warnings(record=True) as said:\n"
        f"    lab.stage.to_svg({str(svg)!r}, width=800)\nprint(said[0].message)"
    )
    book = notebook([LAB.rsplit("\n", 1)[0], code, "lab"])
    page = book.page
    ready(page)
    assert "no page shows this stage yet" in str(book.cells()[1]["outputs"])
    root = ElementTree.fromstring(appears(svg))
    assert root.attrib["width"] == "800"
    book.kernel.run(f"lab.stage.to_png({str(png)!r}, width=640)")
    data = appears(png)
    assert struct.unpack_from(">I", data, 16) == (640,)
    at(book, "Round 2: message")
    name, data = save(page, "as HTML")
    assert name == "aspirin.html"
    assert b'data-step="' + str(book.kernel.value("lab.stage.step")).encode() + b'"' in data
    assert data.decode("utf-8").startswith("<!DOCTYPE html>")


def test_a_stage_goes_on_when_its_kernel_is_gone(notebook):
    code = (
        "import mpnn_lab as ml\n"
        "spec = ml.ModelSpec(rounds=[ml.Layer('GATv2Conv', 8)] * 2, update='gru')\n"
        "stage = ml.Stage(ml.trace(spec.build(), 'CC(=O)O'), selected_atom=1)\nstage"
    )
    book = notebook([code])
    page = book.page
    ready(page)
    go(page, "round 1 of 2 · message")
    page.locator('.lab-stage [data-bond="1"]').click(force=True)
    book.kernel.wait_for("stage.selected_bond", 1)
    book.server.ask(f"/api/kernels/{book.kernel.id}", method="DELETE")
    page.wait_for_function(
        "!['idle', 'busy'].includes(jupyterapp.shell.currentWidget.sessionContext"
        ".session?.kernel?.status)"
    )
    seen = set()
    for name in ("gather", "message", "aggregate", "update"):
        go(page, f"round 2 of 2 · {name}")
        seen.add(page.locator(".lab-lens").inner_text())
    assert len(seen) == 4
    page.locator('.lab-stage [data-atom="3"]').click(force=True)
    expect(page.locator(".lab-lens-head")).to_contain_text("O3")
    strip = page.locator(".lab-lens [data-quantity='round 2/state'][data-values]").first
    strip.click(position={"x": 20, "y": 5})
    expect(page.locator(".lab-spelled")).to_have_attribute("data-quantity", "round 2/state")
    go(page, "round 2 of 2 · message")
    block = page.locator('[data-block="jacobian"]')
    block.get_by_role("button").click()
    expect(block.get_by_role("alert")).to_contain_text("The kernel is gone.")
    save_link = page.get_by_role("button", name="save", exact=True)
    save_link.click()
    page.get_by_role("button", name="as HTML").click()
    expect(page.locator(".lab-save [role=status]")).to_contain_text("The kernel is gone.")
