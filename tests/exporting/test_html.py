"""The exported file: what is in it, what cannot be, how large it is, and that it stays the same."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import re
import zlib
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pytest
import torch

import mpnn_lab as ml
from mpnn_lab.exporting import trace_to_html
from mpnn_lab.exporting.packing import as_text, deflate, planes
from mpnn_lab.limits import Limits
from mpnn_lab.views import decode, encode
from tests.molecules import ASPIRIN

IMATINIB = "Cc1ccc(cc1Nc1nccc(n1)-c1cccnc1)NC(=O)c1ccc(cc1)CN1CCN(CC1)C"
EVIL = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</title><svg onload=alert(1)>",
    "</scRIPt ><b>bold</b>",
    "<!--<script>",
    "-->]]>\"'&amp;&lt;",
    "javascript:alert(1)",
    "$\\href{javascript:alert(1)}{x}$",
    '<a data-commandlinker-command="terminal:open">x</a>',
)


def trace_of(smiles=ASPIRIN, name="NNConv", width=8, **fields):
    fields = {"update": "gru", "readout": "set2set"} | fields
    spec = ml.ModelSpec(rounds=[ml.Layer(name, width)] * 2, **fields)
    return ml.trace(spec.build(seed=1), smiles)


@cache
def aspirin():
    return plain(ASPIRIN)


def plain(smiles):
    return ml.trace(ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)]).build(), smiles)


def test_the_licences_of_what_is_in_it_are_in_it():
    comments = []
    parser = HTMLParser()
    parser.handle_comment = comments.append
    parser.feed(trace_to_html(aspirin()))
    (comment,) = comments
    assert "preact" in comment
    assert "Permission is hereby granted" in comment


class Page(HTMLParser):
    """The elements of a page as a browser's rules split them, with attributes and texts."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append([tag, dict(attrs), ""])
        if tag not in ("meta", "link", "img"):
            self.open.append(self.elements[-1])

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1][0] == tag
        self.open.pop()

    def handle_data(self, data):
        if self.open:
            self.open[-1][2] += data

    def all(self, tag):
        return [element[1:] for element in self.elements if element[0] == tag]

    def part(self, name):
        ((attributes, text),) = [e for e in self.all("script") if e[0].get("id") == name]
        return unpacked(text, int(attributes["data-bytes"])), attributes


def unpacked(text, size):
    """Back from text, character by character."""
    sevens = []
    for code in map(ord, text):
        if code < 0x100:
            sevens.append(code)
        else:
            kind, seven = divmod(code - 0x100, 128)
            sevens += [(0, 13, 60)[kind], seven]
    bits = "".join(map("{:07b}".format, sevens))
    assert 0 <= len(bits) - 8 * size <= 14
    data = int(bits[: 8 * size] or "0", 2).to_bytes(size, "big")
    return zlib.decompress(data)


def blob_of(text):
    packed, attributes = Page(text).part("trace")
    length = int.from_bytes(packed[8:12], "little")
    head, arrays = packed[: 12 + length], np.frombuffer(packed[12 + length :], np.uint8)
    return decode(head + arrays.reshape(4, -1).T.tobytes()), attributes


def test_a_page_is_three_packed_parts_and_one_small_script():
    text = trace_to_html(trace_of())
    page = Page(text)
    assert page.open == []
    assert [e[0].get("id") for e in page.all("script")] == ["style", "program", "trace", None]
    assert {e[0].get("type") for e in page.all("script")} == {"application/octet-stream", None}
    assert not {"link", "img", "iframe", "base", "form", "object"} & {e[0] for e in page.elements}
    assert "\r" not in text
    assert "\0" not in text


def test_the_policy_allows_its_own_two_scripts_and_no_request():
    page = Page(trace_to_html(trace_of()))
    (policy,) = [
        e[0]["content"]
        for e in page.all("meta")
        if e[0].get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["base-uri"] == rules["form-action"] == "'none'"
    program, _ = page.part("program")
    boot = page.all("script")[-1][1].encode()
    expected = {
        f"'sha256-{base64.b64encode(hashlib.sha256(s).digest()).decode()}'" for s in (program, boot)
    }
    assert set(rules["script-src"].split()) == expected
    assert set(rules) == {
        "default-src", "script-src", "style-src", "img-src", "base-uri", "form-action",
    }  # fmt: skip
    assert rules["img-src"] == "data:"


@pytest.mark.parametrize("evil", EVIL)
def test_names_cannot_become_markup(evil):
    clean = [e[0] for e in Page(trace_to_html(plain("CCO"))).elements]
    text = trace_to_html(plain("CCO " + evil), title=evil)
    page = Page(text)
    assert [e[0] for e in page.elements] == clean
    assert page.all("title")[0][1] == evil
    view, _ = blob_of(text)
    assert view["header"]["title"] == evil
    assert "<" not in "".join(e[1] for e in page.all("script")[:3])


def test_the_trace_in_it_is_what_the_stage_is_sent():
    trace = trace_of()
    view, attributes = blob_of(trace_to_html(trace, step=3, selected_atom=4, selected_bond=2))
    shown = decode(ml.Stage(trace)._view)
    kept = [q for q in view["quantities"] if isinstance(q["values"], np.ndarray)]
    assert len(kept) > 10
    values = {q["name"]: q["values"] for q in shown["quantities"]}
    for q in kept:
        np.testing.assert_array_equal(q["values"], values[q["name"]])
    for key in ("header", "molecule", "steps", "chapters", "formulas", "check", "rounds"):
        np.testing.assert_equal(view[key], shown[key])
    names = [q["name"] for q in shown["quantities"]]
    assert [q["name"] for q in view["quantities"]] == names
    start = {k.removeprefix("data-"): v for k, v in attributes.items() if k.startswith("data-")}
    assert start.items() >= {"step": "3", "atom": "4", "bond": "2"}.items()


def test_where_it_opens():
    run = plain("CC(C)O")

    def start(**how):
        return {k: v for k, v in blob_of(trace_to_html(run, **how))[1].items() if "-" in k}

    names = [s["name"] for s in blob_of(trace_to_html(run))[0]["steps"]]
    usual = start()
    assert names[int(usual["data-step"])] == "message"
    assert usual["data-atom"] == "1"  # the first of three neighbours
    assert "data-bond" not in usual
    assert "data-atom" not in start(selected_atom=None)
    assert "data-atom" not in start(selected_bond=2)
    for wrong in ({"step": 99}, {"step": -1}, {"selected_atom": 4}, {"selected_bond": True}):
        with pytest.raises(ml.InputError, match=next(iter(wrong))):
            trace_to_html(run, **wrong)


@pytest.mark.parametrize("tied", [True, False])
def test_a_drug_takes_less_than_a_megabyte(tied, tmp_path):
    spec = ml.ModelSpec(
        rounds=[ml.Layer("NNConv", 64)] * 3, update="gru", readout="set2set", tied=tied
    )
    model = spec.build(seed=0)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():  # as after training: no two weights share their last bits
        for p in model.parameters():
            p.mul_(1 + 0.1 * torch.randn(p.shape, generator=generator))
    path = trace_to_html(ml.trace(model, IMATINIB), tmp_path / "imatinib.html")
    assert path.stat().st_size < (600_000 if tied else 1_000_000)


def test_the_same_trace_gives_the_same_file():
    assert trace_to_html(trace_of()) == trace_to_html(trace_of())


def test_jacobians_of_the_bonds_one_names():
    trace = trace_of(name="GATv2Conv", update="residual")
    view, _ = blob_of(trace_to_html(trace, jacobians=[(2, 1), 1, 4]))
    asked = view["asked"]
    assert len(asked) == 2 * 2 * 2  # two bonds, both ways, two rounds
    for m in asked:
        p = trace.rounds[m["round"]].propagations[m["propagation"]]
        assert p.edge_origin[m["edge"]] in (1, 4)
        np.testing.assert_array_equal(m["values"], p.edge_matrix(m["edge"]).values)
        assert (m["exact"], m["start"]) == (False, "layer")
    assert blob_of(trace_to_html(trace))[0]["asked"] == []
    exact, _ = blob_of(trace_to_html(trace_of(), jacobians=[1]))
    assert exact["asked"] == []
    assert exact["rounds"][0]["propagations"][0]["matrices"]["exact"] is True


@pytest.mark.parametrize(
    ("bond", "said"),
    [(13, "13 bonds"), (-1, "13 bonds"), ((0, 5), "no bond joins"), ((0, 99), "13 bonds"),
     ("1", "13 bonds"), (True, "13 bonds"), ((1, 2, 3), "13 bonds")],
)  # fmt: skip
def test_bonds_that_are_not_there(bond, said):
    with pytest.raises(ml.InputError, match=said):
        trace_to_html(aspirin(), jacobians=[bond])


def test_a_trace_too_large_for_a_file(monkeypatch):
    monkeypatch.setattr("mpnn_lab.exporting.html.LIMITS", Limits(stage_bytes=1000))
    with pytest.raises(ml.InputError, match="a file holds at most"):
        trace_to_html(trace_of())


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "stage.html"
    assert trace_to_html(trace_of(), path) == path
    whole = path.read_text("utf-8")
    assert whole == trace_to_html(trace_of())
    assert path.stat().st_mode & 0o777 == 0o666 & ~_mask()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ml.LabError, match="No space left") as caught:
        trace_to_html(trace_of("CCO"), path)
    assert "MB to spare" in caught.value.mend
    assert path.read_text("utf-8") == whole
    assert [p.name for p in tmp_path.iterdir()] == ["stage.html"]


def _mask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("path", ["no/such/folder/x.html", "x\0.html"])
def test_a_path_that_cannot_be_written(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ml.LabError, match="cannot be written"):
        trace_to_html(trace_of("CCO"), path)
    assert list(tmp_path.iterdir()) == []


def test_the_stage_writes_itself_where_it_stands(tmp_path):
    stage = ml.Stage(plain("CC(C)O"), step=2, selected_atom=3, selected_bond=None)
    _, attributes = blob_of(stage.to_html(tmp_path / "a.html").read_text("utf-8"))
    assert (attributes["data-step"], attributes["data-atom"]) == ("2", "3")
    stage.selected_atom = None
    _, attributes = blob_of(stage.to_html(tmp_path / "a.html").read_text("utf-8"))
    assert "data-atom" not in attributes


def test_text_goes_both_ways_whatever_the_bytes():
    rng = np.random.default_rng(0)
    for size in (0, 1, 2, 6, 7, 8, 13, 100, 5000):
        for data in (bytes(size), b"\xff" * size, rng.bytes(size)):
            text = as_text(deflate(data))
            assert unpacked(text, len(deflate(data))) == data
            assert not re.search("[\0\r<\x80-\xff]|[^\0-\u027f]", text)


def test_planes_only_move_bytes():
    blob = encode({"x": np.random.default_rng(0).normal(size=9_000).astype(np.float32)})
    assert sorted(planes(blob)) == sorted(blob)
    assert len(deflate(planes(blob))) < 0.98 * len(deflate(blob))
