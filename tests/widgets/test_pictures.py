"""Pictures that Python asks of the page: written when they come, and only if they are some."""

import struct
import threading
import warnings

import pytest

import mpnn_lab as ml
from mpnn_lab.limits import LIMITS
from mpnn_lab.widgets import pictures
from mpnn_lab.widgets.pictures import Pictures, checked

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><title>a &lt;b&gt;</title></svg>'
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 1, 1) + b"\0" * 9 + b"IEND\xaeB`\x82"


@pytest.fixture
def stage(monkeypatch):
    """A stage on a page, and what it sends."""
    sent = []
    monkeypatch.setattr(ml.Stage, "send", lambda _self, content, buffers=None: sent.append(content))
    monkeypatch.setattr(pictures, "PATIENCE", 60.0)
    trace = ml.trace(ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)]).build(), "CCO")
    shown = ml.Stage(trace)
    shown._view_count = 1
    sent.clear()
    yield shown, sent
    for timer in threading.enumerate():
        if isinstance(timer, threading.Timer):
            timer.cancel()


def comes(stage, content, *buffers):
    stage._handle_custom_msg(content, list(buffers))


def test_the_page_is_asked_and_what_it_sends_is_written(stage, tmp_path):
    stage, sent = stage
    path = stage.to_svg(tmp_path / "a.svg", width=500)
    assert path == tmp_path / "a.svg"
    assert not path.exists()
    (question,) = sent
    number = question["id"]
    assert question == {"kind": "picture", "id": number, "format": "svg", "width": 500}
    comes(stage, {"kind": "picture", "id": number, "format": "svg"}, memoryview(SVG))
    assert path.read_bytes() == SVG
    path.unlink()
    comes(stage, {"kind": "picture", "id": number, "format": "svg"}, SVG)  # of a second page
    assert not path.exists()
    assert len(sent) == 1
    stage.to_png(tmp_path / "b.png")
    comes(stage, {"kind": "picture", "id": sent[1]["id"], "format": "png"}, PNG)
    assert (tmp_path / "b.png").read_bytes() == PNG


def test_without_a_page_it_is_said_and_asked_when_one_comes(stage, tmp_path):
    stage, sent = stage
    stage._view_count = 0
    with pytest.warns(
        ml.LabWarning, match=r"no page shows this stage yet: a\.svg is drawn"
    ) as said:
        stage.to_svg(tmp_path / "a.svg")
    assert said[0].filename == __file__
    assert sent == []
    stage._view_count = 1
    (question,) = sent
    comes(stage, {"kind": "picture", "id": question["id"], "format": "svg"}, SVG)
    assert (tmp_path / "a.svg").read_bytes() == SVG
    stage._view_count = 2
    assert len(sent) == 1


def test_a_page_that_does_not_answer_is_said_to_have_not(monkeypatch, tmp_path):
    monkeypatch.setattr(pictures, "PATIENCE", 0.01)
    said, heard = [], threading.Event()
    monkeypatch.setattr(
        warnings, "warn", lambda text, kind, **_: (said.append((text, kind)), heard.set())
    )
    Pictures(lambda _: None).ask("png", tmp_path / "a.png", 100, True)
    assert heard.wait(10)
    ((text, kind),) = said
    assert "no page has sent a.png" in text
    assert kind is ml.LabWarning


BAD = [
    ({}, (SVG,), "no SVG|one svg"),
    ({"format": "png"}, (PNG,), "one svg"),
    ({"format": "svg"}, (), "one svg"),
    ({"format": "svg"}, (SVG, SVG), "one svg"),
    ({"format": "svg"}, (PNG,), "no SVG"),
    ({"format": "svg"}, (b"",), "no SVG"),
    ({"format": "svg"}, (SVG.replace(b"<title>", b"<script>1</script><title>"),), "no SVG"),
    ({"format": "svg"}, (SVG.replace(b"<title>", b"<a xlink:href='javascript:1'/><title>"),), "no"),
    ({"format": "svg"}, (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG,), "no SVG"),
    ({"format": "svg"}, (SVG.replace(b"&lt;", b"\xff"),), "no SVG"),
    ({"format": "svg", "what": "no room"}, (), "could not draw a.svg: no room"),
]


@pytest.mark.parametrize(("content", "buffers", "said"), BAD)
def test_what_is_no_picture_is_refused_once_and_written_nowhere(
    stage, tmp_path, content, buffers, said
):
    stage, sent = stage
    stage.to_svg(tmp_path / "a.svg")
    number = sent.pop()["id"]
    with pytest.warns(ml.LabWarning, match=said):
        comes(stage, {"kind": "picture", "id": number, **content}, *buffers)
    ((reply),) = sent
    assert reply["kind"] == "error"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [None, 5, "7", True, -1, [1], 1.0])
def test_what_nobody_asked_for_is_refused(stage, tmp_path, number):
    stage, sent = stage
    with pytest.warns(ml.LabWarning, match="under this id"):
        comes(stage, {"kind": "picture", "id": number, "format": "svg"}, SVG)
    assert sent[0]["kind"] == "error"
    assert list(tmp_path.iterdir()) == []


def test_a_picture_past_the_cap(monkeypatch):
    monkeypatch.setattr(pictures, "LIMITS", ml.limits.Limits(picture_bytes=len(PNG) - 1))
    with pytest.raises(ml.InputError, match="at most"):
        checked("png", PNG)


def test_what_cannot_be_asked_for(stage, tmp_path):
    stage, sent = stage
    for width in (0, 15, LIMITS.picture_width + 1, "1", 1.5, True):
        with pytest.raises(ml.InputError, match="width"):
            stage.to_png(tmp_path / "a.png", width=width)
    with pytest.raises(ml.LabError, match="no folder"):
        stage.to_svg(tmp_path / "no" / "a.svg")
    assert sent == []


def test_a_file_that_cannot_be_written_is_said(stage, tmp_path):
    stage, sent = stage
    (tmp_path / "in").mkdir()
    stage.to_svg(tmp_path / "in" / "a.svg")
    (tmp_path / "in").rmdir()
    with pytest.warns(ml.LabWarning, match="cannot be written"):
        comes(stage, {"kind": "picture", "id": sent.pop()["id"], "format": "svg"}, SVG)
    assert "cannot be written" in sent[0]["what"]
