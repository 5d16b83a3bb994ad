"""Every layer of the registry: built, trained for a step, traced, verified, permuted, described."""

import inspect

import pytest
import torch
from rdkit import Chem
from torch_geometric.nn import MessagePassing, conv

import mpnn_lab as ml
from mpnn_lab import InputError, Layer, ModelSpec, SpecError
from mpnn_lab.graph import collate
from mpnn_lab.nn import AGGREGATORS, LAYERS, UNAVAILABLE
from mpnn_lab.nn.aggregators import DEGREES, IN_LAYERS
from mpnn_lab.nn.supply import supply_of
from mpnn_lab.views import stage_view
from tests.molecules import ASPIRIN, CAFFEINE, DRUGS, METHANE, SODIUM_CHLORIDE

WIDTH = 12
ROWS_WANTED = {"GENConv", "GPSConv"}
"""Layers with batch statistics inside: in training one atom alone is too few."""


def build(name, **options):
    return ModelSpec(rounds=[Layer(name, WIDTH, **options)] * 2, update="residual").build(seed=2)


@pytest.mark.parametrize("name", LAYERS)
def test_a_training_step_moves_the_weights_and_all_stays_finite(name):
    model = build(name)
    data = collate([model.spec.featurize(smiles) for smiles in (*DRUGS, METHANE)])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    before = [p.detach().clone() for p in model.parameters()]
    out = model(data)
    assert out.shape == (len(DRUGS) + 1, 1)
    out.square().mean().backward()
    optimizer.step()
    assert model(data).isfinite().all()
    moved = [not torch.equal(p, b) for p, b in zip(model.parameters(), before, strict=True)]
    assert any(moved)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("smiles", [METHANE, SODIUM_CHLORIDE, "CO", ASPIRIN])
def test_traced_bit_for_bit_and_nothing_differs(name, smiles):
    model = build(name).eval()
    data = model.spec.featurize(smiles)
    trace = ml.trace(model, data)
    assert torch.equal(trace.output, model(data))
    assert trace.output.isfinite().all()
    report = trace.verify()
    assert not report.failed, str(report)
    assert report.passed
    stage_view(trace)


@pytest.mark.parametrize("name", LAYERS)
def test_one_atom_in_training(name):
    model = build(name)
    data = model.spec.featurize(METHANE)
    if name in ROWS_WANTED:
        with pytest.raises(InputError, match="round 1 normalises by the batch's mean"):
            model(data)
        assert model.eval()(data).isfinite().all()
    else:
        model(data).sum().backward()


@pytest.mark.parametrize("name", LAYERS)
def test_the_order_of_the_atoms_does_not_matter(name):
    model = build(name).eval().double()
    mol = Chem.MolFromSmiles(CAFFEINE)
    order = torch.randperm(mol.GetNumAtoms()).tolist()
    shuffled = Chem.RenumberAtoms(mol, order)
    one, other = (ml.trace(model, m) for m in (mol, shuffled))
    torch.testing.assert_close(one.output, other.output)
    for r, s in zip(one.rounds, other.rounds, strict=True):
        torch.testing.assert_close(r.state_out[order], s.state_out)


@pytest.mark.parametrize("name", LAYERS)
def test_messages_run_along_bonds_or_loops(name):
    trace = ml.trace(build(name), ASPIRIN)
    mol = trace.mol
    for r in trace.rounds:
        for p in r.propagations:
            for (s, t), role, bond in zip(
                p.edge_index.T.tolist(), p.edge_role, p.edge_origin, strict=True
            ):
                if role == "hyperedge":
                    assert name == "HypergraphConv"
                    continue
                between = mol.GetBondBetweenAtoms(s, t)
                assert role == ("self-loop" if s == t else "bond")
                assert bond == (-1 if s == t else between.GetIdx())


@pytest.mark.parametrize("name", LAYERS)
def test_edge_matrices_take_the_state_to_the_message(name):
    """Exact ones as they are; Jacobians against a small step of the sender's state."""
    model = build(name).double()
    p = ml.trace(model, "CC=O").rounds[0].propagations[0]
    if p.messages is None:
        return
    matrix = p.edge_matrix(0)
    assert matrix.values.shape[0] == WIDTH
    assert matrix.values.size == WIDTH * p.messages[0].numel()
    if matrix.exact:
        state = ml.trace(model, "CC=O").rounds[0].state_in[p.edge_index[p.sends, 0]]
        made = state.float() @ torch.tensor(matrix.values)
        torch.testing.assert_close(made, p.messages[0].float().flatten(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", LAYERS)
def test_no_weight_is_what_memory_happened_to_hold(name):
    """Memory that nobody has filled is NaN where algorithms are to be deterministic."""
    torch.use_deterministic_algorithms(True)
    try:
        model = build(name)
    finally:
        torch.use_deterministic_algorithms(False)
    assert all(p.isfinite().all() for p in model.parameters())


def test_every_convolution_of_pygs_is_there_or_says_why_not():
    assert not set(LAYERS) & set(UNAVAILABLE)
    known = set(LAYERS) | set(UNAVAILABLE) | {"MessagePassing"}
    assert set(conv.__all__) - {"ECConv"} <= known
    assert conv.ECConv is conv.NNConv is LAYERS["NNConv (PyG)"].conv
    theirs = [e for e in LAYERS.values() if e.conv.__module__.startswith("torch_geometric.nn.conv")]
    assert {e.name for e in theirs if e.conv.__name__ != e.name} == {"NNConv (PyG)"}
    for name, reason in UNAVAILABLE.items():
        with pytest.raises(SpecError, match=f"name: {name} "):
            Layer(name, 8)
        assert reason.endswith(".")


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_is_described(name):
    entry = LAYERS[name]
    assert "h_i" in entry.formula
    assert entry.paper
    given = set(inspect.signature(entry.conv.__init__).parameters)
    assert set(entry.fixed) <= given
    for option, default in entry.options().items():
        assert option in given | set(entry.ours)
        assert default is None or isinstance(default, bool | int | float | str), option


@pytest.mark.parametrize(
    ("name", "aggr"),
    [(n, a) for n, e in LAYERS.items() if e.aggr is not None for a in e.aggrs if a in IN_LAYERS],
)
def test_every_aggregation_it_allows_is_the_one_it_uses(name, aggr):
    model = build(name, aggr=aggr)
    for module in model.modules():
        if isinstance(module, MessagePassing):
            assert type(module.aggr_module) is type(AGGREGATORS[aggr].build(WIDTH))
    report = ml.trace(model, ASPIRIN).verify()
    assert not report.failed, str(report)


@pytest.mark.parametrize("name", [n for n, entry in LAYERS.items() if entry.aggr is None])
def test_a_layer_with_its_own_way_of_aggregating_takes_no_other(name):
    with pytest.raises(SpecError, match="in a way of its own"):
        Layer(name, 8, aggr="max")


def test_an_aggregation_that_a_layer_does_not_know():
    with pytest.raises(SpecError, match="FastRGCNConv cannot aggregate its messages by 'max'"):
        Layer("FastRGCNConv", 8, aggr="max")


def test_stacks_are_an_axis_after_the_edges():
    model = ModelSpec(rounds=[Layer("ARMAConv", 8, options={"num_stacks": 3})]).build()
    p = ml.trace(model, ASPIRIN).rounds[0].propagations[0]
    assert p.axes == ("edge", "stack", "channel")
    assert p.messages.shape == (26, 3, 8)
    assert p.aggregated.shape == (13, 3, 8)
    report = ml.trace(model, ASPIRIN).verify()
    assert "round 1/aggregate" in {c.name for c in report.passed}


@pytest.mark.parametrize("name", [n for n, entry in LAYERS.items() if entry.keeps_width])
def test_layers_that_keep_their_width_say_so(name):
    spec = ModelSpec(rounds=[Layer("GCNConv", 12), Layer(name, 24)])
    with pytest.raises(SpecError, match=f"{name} (leaves states as|mixes in the first|attends)"):
        spec.build()


def test_the_degrees_that_pna_scales_by_are_freesolvs():
    counts = [0] * 5
    for mol in ml.load_dataset("freesolv").mols:
        for atom in mol.GetAtoms():
            counts[atom.GetDegree()] += 1
    assert tuple(counts) == DEGREES


def test_widths_that_cannot_be_divided():
    with pytest.raises(SpecError, match="width: 8, but MixHopConv wants a multiple of 3"):
        Layer("MixHopConv", 8)


def test_bond_types_and_orders():
    spec = ModelSpec(rounds=[Layer("RGCNConv", 4)])
    model, data = spec.build(), spec.featurize("C=CC#Cc1ccccc1")
    batch = torch.zeros(data.num_nodes, dtype=torch.long)
    supply = supply_of(data, data.x, batch, model.bond_columns)
    mol = data.mol
    for bond, kind, weight in zip(
        data.edge_bond.tolist(), supply.edge_type.tolist(), supply.edge_weight.tolist(), strict=True
    ):
        rdkit_bond = mol.GetBondWithIdx(bond)
        assert model.bond_columns[kind] == str(rdkit_bond.GetBondType()).lower()
        assert weight == rdkit_bond.GetBondTypeAsDouble()


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [("GPSConv", "attn_type", "performer"), ("FeaStConv", "add_self_loops", False)],
)
def test_options_under_which_pygs_layer_goes_wrong_are_refused(name, option, value):
    with pytest.raises(SpecError, match=f"^options.{option}: .*PyG's"):
        Layer(name, WIDTH, options={option: value})


def test_there_are_no_weights_to_drop_where_none_are_made():
    layer = Layer("APPNP", WIDTH, options={"dropout": 0.5, "normalize": False})
    with pytest.raises(SpecError, match=r"^rounds.0.options.dropout: 0.5 of the edges' weights"):
        ModelSpec(rounds=[layer]).build()


@pytest.mark.parametrize("concat", [True, False])
@pytest.mark.parametrize("bias", [True, False])
def test_dimensions_of_attention_share_the_width(concat, bias):
    mode = {"attention_mode": "multiplicative-self-attention", "concat": concat, "bias": bias}
    layer = Layer("RGATConv", WIDTH, options={**mode, "dim": 3, "heads": 2})
    model = ModelSpec(rounds=[layer] * 2).build()
    trace = ml.trace(model, ASPIRIN)
    assert trace.rounds[0].output.shape[1] == WIDTH
    assert not trace.verify().failed
    model(model.spec.featurize(ASPIRIN)).sum().backward()
    faulty = ModelSpec(rounds=[layer.replace(options={**mode, "dim": 5, "heads": 2})])
    with pytest.raises(SpecError, match=r"^rounds.0.options.dim: 5 does not divide the (6|12) ch"):
        faulty.build()
