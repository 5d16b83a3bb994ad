"""What a graph with unbonded pairs and positions supplies, against loops over its edges."""

import math

import pytest
import torch

from mpnn_lab import InputError, Layer, ModelSpec
from mpnn_lab.chem import DISTANCE_BINS
from mpnn_lab.graph import collate
from mpnn_lab.nn.supply import CENTRAL, bond_type_columns, supply_of
from tests.molecules import ASPIRIN, CAFFEINE, METHANE


def supplied(spec, data):
    batch = data.batch if data.batch is not None else torch.zeros(data.num_nodes, dtype=torch.long)
    return supply_of(data, data.x, batch, spec.featurizer().bond_columns)


@pytest.mark.parametrize("distances", ["none", "raw", "binned"])
def test_unbonded_pairs_have_types_of_their_own_and_weigh_one(distances):
    spec = ModelSpec(rounds=[Layer("RGCNConv", 4)], virtual_edges=True, distances=distances)
    data = spec.featurize("C=CC#Cc1ccccc1")
    supply = supplied(spec, data)
    types = list(bond_type_columns(spec.featurizer().bond_columns))
    ends = data.pos[data.edge_index] if "pos" in data else None
    for edge, bond in enumerate(data.edge_bond.tolist()):
        name, weight = types[supply.edge_type[edge]], supply.edge_weight[edge].item()
        if bond >= 0:
            rdkit_bond = data.mol.GetBondWithIdx(bond)
            assert name == str(rdkit_bond.GetBondType()).lower()
            assert weight == rdkit_bond.GetBondTypeAsDouble()
        else:
            assert weight == 1
            if distances == "binned":
                length = math.dist(*ends[:, edge].tolist())
                assert DISTANCE_BINS.index(name) == min(max(int((length - 2) // 0.5) + 1, 0), 9)
            else:
                assert name == "no bond"
    assert len(types) == (15 if distances == "binned" else 6)
    assert spec.build().rounds[0].conv.weight.shape[0] == len(types)


def test_normals_lead_outwards_from_the_centre_of_each_molecule():
    spec = ModelSpec(rounds=[Layer("PPFConv", 4)])
    graphs = [spec.featurize(s) for s in (ASPIRIN, METHANE, CAFFEINE, "CC(C)(C)C")]
    data = collate(graphs)
    normals = supplied(spec, data).normal.split([g.num_nodes for g in graphs])
    for graph, found in zip(graphs, normals, strict=True):
        places = graph.pos.tolist()
        centre = [sum(p[k] for p in places) / len(places) for k in range(3)]
        for place, normal in zip(places, found.tolist(), strict=True):
            outwards = [a - c for a, c in zip(place, centre, strict=True)]
            length = math.hypot(*outwards)
            wanted = [0.0] * 3 if length <= CENTRAL else [a / length for a in outwards]
            assert normal == pytest.approx(wanted, abs=1e-5)
    assert not normals[1].any()
    assert not normals[3][1].any()
    assert (normals[3].norm(dim=1) > 0.99).sum() == 4


@pytest.mark.parametrize("name", ["PointNetConv", "PPFConv"])
def test_a_layer_that_reads_positions_asks_for_them(name):
    spec = ModelSpec(rounds=[Layer("GCNConv", 4), Layer(name, 4)])
    assert not spec.geometry
    assert spec.positions
    model, data = spec.build(), spec.featurize("CCO")
    assert model(data).isfinite().all()
    wrong = (
        ("nothing", None),
        (r"torch.float32 \[2, 3\]", data.pos[:2]),
        (r"torch.float32 \[3, 2\]", data.pos[:, :2]),
        (r"torch.float64 \[3, 3\]", data.pos.double()),
    )
    for said, pos in wrong:
        data.pos = pos
        with pytest.raises(InputError, match=rf"data\.pos: got {said}; this model reads positions"):
            model(data)
