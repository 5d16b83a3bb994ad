"""Programs written from specifications: they stand alone, and give the same numbers."""

from __future__ import annotations

import ast
import itertools
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import pytest
import torch

import mpnn_lab as ml
from mpnn_lab.nn import AGGREGATORS, LAYERS, PRESETS, READOUTS
from mpnn_lab.nn.aggregators import IN_LAYERS
from tests.molecules import ASPIRIN

NUMBERS = itertools.count()
MOLECULES = (ASPIRIN, "C", "C[N+](C)(C)CC([O-])=O")


def program(spec: ml.ModelSpec, seed: int = 3) -> ModuleType:
    """Run the program, which may not know of this package."""
    text = ml.to_code(spec, seed=seed)
    for node in ast.walk(ast.parse(text)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
        assert not any(name.startswith("mpnn_lab") for name in names)
    # In a file of its own: dataclasses look their module up, and PyG reads its layers' text.
    name = f"a_program_of_its_own_{next(NUMBERS)}"
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.py"
        file.write_text(text, encoding="utf-8")
        found = spec_from_file_location(name, file)
        made = sys.modules[name] = module_from_spec(found)
        found.loader.exec_module(made)
        made.build()
    return made


@pytest.fixture(autouse=True)
def _programs_are_forgotten():
    yield
    for name in [name for name in sys.modules if name.startswith("a_program_of_its_own_")]:
        del sys.modules[name]


def assert_same(spec: ml.ModelSpec) -> None:
    made, ours = program(spec), spec.build(3)
    theirs = made.build()
    assert list(theirs.state_dict()) == list(ours.state_dict())
    for name, weight in ours.named_parameters():
        if not name.endswith("conv.l2"):  # RGATConv never reads it, and PyG leaves it unset
            assert torch.equal(weight, theirs.get_parameter(name)), name
    theirs.load_state_dict(ours.state_dict())
    ours.eval(), theirs.eval()
    with torch.no_grad():
        for text in MOLECULES:
            mine, other = ours(spec.featurize(text)), theirs(made.graph(text))
            torch.testing.assert_close(other, mine, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer(name):
    assert_same(ml.ModelSpec(rounds=[ml.Layer(name, 12, dropout=0.1)] * 2, update="residual"))


@pytest.mark.parametrize(
    "fields",
    [
        {"towers": 3, "both_directions": True},
        {"master_node": 5, "both_directions": True},
        {"towers": 2, "tied": False, "update": "none"},
    ],
    ids=lambda fields: " ".join(fields),
)
def test_rounds_of_several_layers(fields):
    assert_same(ml.preset("enn-s2s", width=12, rounds=2).replace(**fields))


def test_a_padded_input():
    assert_same(ml.preset("gg-nn", width=40, rounds=1, pad_input=True))


@pytest.mark.parametrize("name", [*AGGREGATORS, *READOUTS])
def test_every_readout(name):
    assert_same(ml.ModelSpec(rounds=[ml.Layer("GINConv", 12)], readout=name, head=[]))


@pytest.mark.parametrize("name", IN_LAYERS)
def test_every_aggregation_within_a_layer(name):
    assert_same(ml.ModelSpec(rounds=[ml.Layer("GraphConv", 12, aggr=name)]))


@pytest.mark.parametrize(
    "graph",
    [
        {"hydrogens": True},
        {"virtual_edges": True},
        {"edges": "complete", "distances": "raw"},
        {"edges": "radius", "cutoff": 3.0, "hydrogens": True},
        {"virtual_edges": True, "distances": "binned"},
    ],
    ids=lambda graph: " ".join(graph),
)
def test_every_graph(graph):
    assert_same(ml.ModelSpec(rounds=[ml.Layer("NNConv", 8)] * 2, tied=True, update="gru", **graph))


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset(name):
    assert_same(ml.preset(name))


@pytest.mark.parametrize(
    "parts",
    [{"towers": 2}, {"master_node": 5}, {"both_directions": True}, {"pad_input": True}],
    ids=lambda parts: " ".join(parts),
)
def test_every_part_of_a_network(parts):
    assert_same(ml.ModelSpec(rounds=[ml.Layer("NNConv", 32)] * 2, update="gru", **parts))


@pytest.mark.parametrize("towers", [1, 2])
@pytest.mark.parametrize("update", ["gru", "mlp"])
def test_rounds_that_share_an_update(update, towers):
    rounds = [ml.Layer("GCNConv", 8), ml.Layer("SAGEConv", 8)]
    spec = ml.ModelSpec(rounds=rounds, update=update, tied_update=True, towers=towers)
    assert_same(spec)
    ours, theirs = spec.build(), program(spec).build()
    assert [n for n, _ in theirs.named_parameters()] == [n for n, _ in ours.named_parameters()]
    with torch.no_grad():
        for model in (ours, theirs):
            for p, number in zip(model.parameters(), itertools.count(1)):
                p.fill_(0.01 * (number % 7))
    mine, other = ours(spec.featurize(ASPIRIN)), theirs(spec.featurize(ASPIRIN))
    torch.testing.assert_close(other, mine, rtol=2e-5, atol=2e-5)


def test_a_program_runs_by_itself(tmp_path):
    spec = ml.ModelSpec(rounds=[ml.Layer("NNConv", 8)] * 2, tied=True, readout="set2set")
    file = tmp_path / "program.py"
    file.write_text(ml.to_code(spec, seed=5), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-I", str(file), ASPIRIN, "O"], capture_output=True, text=True, check=True,
        cwd=tmp_path,
    )  # fmt: skip
    lines = [line.split(maxsplit=1) for line in run.stdout.splitlines()]
    assert [text for text, _ in lines] == [ASPIRIN, "O"]
    model = spec.build(5).eval()
    for text, printed in lines:
        torch.testing.assert_close(
            torch.tensor(ast.literal_eval(printed)), model(spec.featurize(text)).detach(),
            rtol=2e-5, atol=2e-5,
        )  # fmt: skip


def test_words_are_written_as_words():
    hostile = 'relu"); import os; os.abort() #'
    with pytest.raises(ml.SpecError):
        ml.Layer("GENConv", 8, options={"norm": hostile})
    made = program(ml.ModelSpec(rounds=[ml.Layer("GPSConv", 12, options={"act": "gelu"})]))
    assert any(isinstance(part, torch.nn.GELU) for part in made.build().modules())


@pytest.mark.parametrize("text", ["", "C(", "not a molecule"])
def test_the_program_refuses_what_is_no_molecule(text):
    made = program(ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)]))
    with pytest.raises(ValueError, match="is not the SMILES of a molecule"):
        made.graph(text)


def test_only_specifications_are_written():
    with pytest.raises(ml.SpecError, match=r"got a Network.*\n.*model\.spec"):
        ml.to_code(ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)]).build())


def test_the_global_random_state_is_left_alone():
    before = torch.random.get_rng_state()
    ml.to_code(ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)]))
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("aggr", ["mlp", "lstm", "softmax"])
def test_weights_of_layer_and_aggregation_are_drawn_in_one_order(aggr):
    assert_same(ml.ModelSpec(rounds=[ml.Layer("GINConv", 8, aggr=aggr)]))


def test_weights_of_clusters_are_drawn_in_the_same_order():
    options = {"clusters": 3, "layer": "DenseGraphConv"}
    assert_same(
        ml.ModelSpec(
            rounds=[ml.Layer("GINConv", 8)], readout="diff pooling", readout_options=options
        )
    )
