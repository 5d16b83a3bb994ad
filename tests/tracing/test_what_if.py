"""One thing told otherwise, or one message scaled: only what follows from it changes."""

import pytest
import torch

import mpnn_lab as ml
from mpnn_lab.errors import InputError
from mpnn_lab.nn import LAYERS
from tests.molecules import ASPIRIN

ACETIC = "CC(=O)O"


def run(name="NNConv", smiles=ACETIC, rounds=3, update="residual", **more):
    spec = ml.ModelSpec(rounds=[ml.Layer(name, 12)] * rounds, update=update, **more)
    return ml.trace(spec.build(seed=3), smiles)


def moved(before, after):
    """The atoms whose states have changed, round by round."""
    return [
        set(torch.nonzero((a.state_out != b.state_out).any(1)).flatten().tolist())
        for a, b in zip(before.rounds, after.rounds, strict=True)
    ]


def test_a_bond_of_another_kind_is_another_row_of_features_and_nothing_else():
    before = run()
    data, model = before.data.clone(), before.model
    after = ml.what_if(before, bond=1, to="single")
    columns = model.bond_columns
    for edge in (2, 3):  # there and back
        data.edge_attr[edge, columns.index("double")] = 0
        data.edge_attr[edge, columns.index("single")] = 1
    data.edge_kind, data.kind_attr = torch.unique(data.edge_attr, dim=0, return_inverse=True)[::-1]
    torch.testing.assert_close(after.output, model(data).detach(), rtol=0, atol=0)
    torch.testing.assert_close(after.data.edge_attr, data.edge_attr)
    assert torch.equal(after.data.x, before.data.x)
    assert after.model is not None
    assert after.verify()
    assert after.mol is before.mol
    assert [e.words for e in after.edits] == ["C1–O2 as single bond"]
    assert after.origin is before
    assert before.edits == ()
    assert before.origin is None


def test_an_element_reaches_one_bond_further_in_each_round():
    before = run("GCNConv", "CCCCCC", rounds=3, update="none")
    after = ml.what_if(before, atom=0, element="N")
    assert moved(before, after) == [{0, 1}, {0, 1, 2}, {0, 1, 2, 3}]
    columns = before.model.atom_columns
    changed = torch.nonzero(after.data.x != before.data.x).tolist()
    assert sorted(columns[c] for row, c in changed) == ["element C", "element N"]
    assert {row for row, _ in changed} == {0}


@pytest.mark.parametrize(
    ("change", "column", "value"),
    [
        ({"atom": 3, "charge": -1}, "formal charge", -1.0),
        ({"atom": 3, "feature": "in ring", "to": 1}, "in ring", 1.0),
        ({"atom": 3, "feature": 0, "to": 0.25}, "element H", 0.25),
    ],
)
def test_one_value_of_an_atoms_features(change, column, value):
    before = run()
    after = ml.what_if(before, **change)
    (place,) = torch.nonzero(after.data.x != before.data.x).tolist()
    assert place == [3, before.model.atom_columns.index(column)]
    assert after.data.x[place[0], place[1]] == value


def test_an_element_that_has_no_column_is_told_as_other():
    after = ml.what_if(run(), atom=0, element="Se")
    assert after.data.x[0, after.model.atom_columns.index("element other")] == 1
    assert after.data.x[0, :13].sum() == 1


@pytest.mark.parametrize(
    "name", ["NNConv", "GCNConv", "GATv2Conv", "RGCNConv", "TAGConv", "ARMAConv"]
)
@pytest.mark.parametrize("factor", [0, 0.5, -2.0])
def test_a_scaled_message_changes_its_receiver_first(name, factor):
    before = run(name)
    p = before.rounds[1].propagations[0]
    after = ml.what_if(before, round=2, edge=1, times=factor)
    q = after.rounds[1].propagations[0]
    others = [e for e in range(p.edge_index.shape[1]) if e != 1]
    torch.testing.assert_close(q.messages[1], p.messages[1] * factor)
    assert torch.equal(q.messages[others], p.messages[others])
    report = after.verify()
    assert report
    assert len(report.passed) == len(before.verify().passed)
    receiver = int(p.edge_index[1 - p.sends, 1])
    first, second, _ = moved(before, after)
    assert first == set()
    if name != "TAGConv":  # whose later hops send on what the first one left
        assert second == {receiver}


def test_a_tied_layers_message_is_scaled_in_the_one_round():
    before = run(tied=True)
    after = ml.what_if(before, round=3, edge=0, times=0)
    assert moved(before, after)[:2] == [set(), set()]
    assert len(moved(before, after)[2]) == 1


def test_the_sum_without_a_message_by_hand():
    before = run("SimpleConv", update="none", rounds=1)
    after = ml.what_if(before, round=1, edge=0, times=0)
    p = before.rounds[0].propagations[0]
    expected = p.aggregated.clone()
    expected[int(p.edge_index[1, 0])] -= p.messages[0]
    torch.testing.assert_close(after.rounds[0].propagations[0].aggregated, expected)


def test_changes_add_up_and_a_later_one_takes_the_place_of_an_earlier():
    before = run()
    after = ml.what_if(before, atom=0, element="N")
    after = ml.what_if(after, bond=0, to="double")
    after = ml.what_if(after, round=1, edge=0, times=0.5)
    after = ml.what_if(after, atom=0, element="O")
    after = ml.what_if(after, round=1, edge=0, times=2)
    words = [e.words for e in after.edits]
    assert words == ["C0–C1 as double bond", "C0 as O", "message C0→C1 of round 1 times 2"]
    assert after.origin is before
    alone = ml.what_if(before, bond=0, to="double")
    alone = ml.what_if(ml.what_if(alone, atom=0, element="O"), round=1, edge=0, times=2)
    assert torch.equal(alone.output, after.output)


def test_the_model_is_left_as_it_was_and_so_is_the_first_run():
    before = run()
    output, hooks = before.output.clone(), [len(m._forward_hooks) for m in before.model.modules()]
    weights = [w.clone() for w in before.model.parameters()]
    ml.what_if(before, round=1, edge=0, times=0)
    assert torch.equal(before.output, output)
    assert [len(m._forward_hooks) for m in before.model.modules()] == hooks
    assert all(map(torch.equal, before.model.parameters(), weights))
    assert not any(getattr(m, "_message_forward_hooks", None) for m in before.model.modules())
    assert torch.equal(ml.trace(before.model, before.data).output, output)


def test_a_brought_model_is_told_otherwise_by_the_numbers_of_its_features():
    from torch_geometric.nn.models import GIN

    torch.manual_seed(0)
    data = ml.featurize(ACETIC)
    model = GIN(data.x.shape[1], 8, 2)
    before = ml.trace(model, data, forward=lambda m, d: m(d.x, d.edge_index))
    after = ml.what_if(before, atom=1, feature=3, to=5.0)
    data.x[1, 3] = 5.0
    torch.testing.assert_close(after.output, model.eval()(data.x, data.edge_index).detach())


def test_atomic_numbers_of_a_brought_model_change_with_the_element():
    from torch_geometric.nn import GCNConv

    class ByNumber(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.conv = torch.nn.Embedding(20, 4), GCNConv(4, 4)

        def forward(self, z, edge_index):
            return self.conv(self.embed(z), edge_index)

    torch.manual_seed(0)
    data, model = ml.featurize(ACETIC), ByNumber().eval()
    data.z = torch.tensor([6, 6, 8, 8])
    before = ml.trace(model, data)
    after = ml.what_if(before, atom=0, element="N")
    wanted = model(torch.tensor([7, 6, 8, 8]), data.edge_index).detach()
    torch.testing.assert_close(after.output, wanted)


WRONG = [
    {}, {"bond": 0}, {"bond": 0, "to": "quadruple"}, {"bond": 3, "to": "single"},
    {"bond": -1, "to": "single"}, {"bond": True, "to": "single"}, {"atom": 4, "element": "N"},
    {"atom": 0, "element": "Xx"}, {"atom": 0, "element": 7}, {"atom": 0, "charge": float("nan")},
    {"atom": 0, "charge": "1"}, {"atom": 0, "feature": "colour", "to": 1},
    {"atom": 0, "feature": 99, "to": 1}, {"atom": 0, "feature": "in ring", "to": float("inf")},
    {"bond": 0, "feature": "in ring", "to": None}, {"round": 0, "edge": 0, "times": 1},
    {"round": 4, "edge": 0, "times": 1}, {"round": 1, "edge": 6, "times": 1},
    {"round": 1, "edge": 0, "times": 1e9}, {"round": 1, "edge": 0, "times": 1, "propagation": 1},
    {"atom": 0, "element": "N", "charge": 1},
]  # fmt: skip


@pytest.mark.parametrize("change", WRONG, ids=str)
def test_what_cannot_be_changed_is_said(change):
    with pytest.raises(InputError):
        ml.what_if(run(), **change)


WHOLE = ("HANConv", "HGTConv", "HeteroConv", "MetaLayer")
"""Layers whose messages are put together of several propagations: they are not scaled."""


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_every_layer_survives_a_change_of_each_sort(name):
    width = 12 - 12 % LAYERS[name].multiple_of
    spec = ml.ModelSpec(rounds=[ml.Layer(name, width)] * 2)
    before = ml.trace(spec.build(seed=1), ASPIRIN)
    for change in ({"bond": 1, "to": "single"}, {"atom": 2, "element": "S"}):
        after = ml.what_if(before, **change)
        assert after.verify()
    if name in WHOLE:
        with pytest.raises(InputError, match="scaled"):
            ml.what_if(before, round=1, edge=0, times=0.5)
    else:
        assert ml.what_if(before, round=1, edge=0, times=0.5).verify()
