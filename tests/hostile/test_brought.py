"""Models of others under strain: hooks gone whatever happens, NaN named, no wrong bond."""

import pytest
import torch
from torch import nn

import mpnn_lab as ml
from mpnn_lab.tracing.arguments import first_tensor
from tests.brought import BROUGHT, DirectedMPNN, graph, made, stood_in

# PyG's GraphUNet multiplies sparse matrices; torch says once that they are new and unchecked.
pytestmark = pytest.mark.filterwarnings("ignore:Sparse (CSR|invariant):UserWarning")

HOOKS = (
    "_forward_hooks", "_forward_pre_hooks", "_propagate_forward_pre_hooks",
    "_propagate_forward_hooks", "_message_forward_hooks", "_message_forward_pre_hooks",
    "_aggregate_forward_hooks", "_aggregate_forward_pre_hooks", "_edge_update_forward_pre_hooks",
    "_edge_update_forward_hooks",
)  # fmt: skip


def hooks(model):
    """How many hooks stand on each module, by module and kind."""
    return [len(getattr(m, kind, ())) for m in model.modules() for kind in HOOKS]


@pytest.mark.parametrize("name", BROUGHT)
def test_traced_twice_and_left_as_it_was(name):
    model, data = made(name), graph()
    model.train()
    modes, hooked = [m.training for m in model.modules()], hooks(model)
    with stood_in(name):
        first, second = ml.trace(model, data), ml.trace(model, data)
        assert [m.training for m in model.modules()] == modes
        plain = first_tensor(BROUGHT[name].plain(model.eval(), data))
    assert torch.equal(first.output, plain)
    assert torch.equal(second.output, plain)
    for one, other in zip(first.rounds, second.rounds, strict=True):
        assert torch.equal(one.output, other.output)
    assert hooks(model) == hooked


@pytest.mark.parametrize("name", BROUGHT)
def test_an_exception_inside_leaves_no_hook(name):
    model, data = made(name), graph()

    def fail(module, inputs, output):
        raise RuntimeError("inside")

    with stood_in(name):
        last = ml.trace(model, data).rounds[-1].layer
        handle = model.get_submodule(last).register_forward_hook(fail)
        hooked = hooks(model)
        with pytest.raises(RuntimeError, match="inside"):
            ml.trace(model, data)
        assert hooks(model) == hooked
        handle.remove()
        assert ml.trace(model, data).rounds[-1].layer == last


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize(
    ("name", "weight", "where"),
    [
        ("GCN", "convs.1.lin.weight", "round 2: messages"),
        ("GIN", "convs.1.nn.lins.0.weight", "round 2: state_out"),
        ("QM9 example, forward(data)", "lin0.weight", "round 1: state_in"),
        ("QM9 example, forward(data)", "conv.nn.2.bias", "round 1: messages"),
        ("QM9 example, forward(data)", "lin2.bias", "the prediction: output"),
        ("AttentiveFP", "mol_conv.lin.weight", "round 3: messages"),
        ("D-MPNN (as chemprop's)", "W_h.weight", "round 1: state_out"),
        ("DimeNetPlusPlus", "interaction_blocks.1.lin_up.weight", "round 2: state_out"),
    ],
)
def test_a_weight_that_is_no_number_is_named_with_its_round(name, weight, where, bad):
    model, data = made(name), graph()
    with torch.no_grad():
        dict(model.named_parameters())[weight].view(-1)[0] = bad
    with stood_in(name), pytest.raises(ml.TraceError) as caught:
        ml.trace(model, data)
    assert str(caught.value).startswith(where)
    assert f"so does the weight {weight}" in caught.value.what


@pytest.mark.parametrize("name", ["GCN", "SchNet", "D-MPNN (as chemprop's)"])
@pytest.mark.parametrize("field", ["x", "edge_attr", "pos"])
def test_features_that_are_no_numbers_are_named(name, field):
    data = graph()
    data.pos = torch.zeros(13, 3)
    data[field].view(-1)[3] = float("nan")
    with stood_in(name), pytest.raises(ml.TraceError, match=f"the graph: {field} holds 1 value"):
        ml.trace(made(name), data)


@pytest.mark.parametrize("smiles", ["C", "CC", "[Na+].[Cl-]"])
@pytest.mark.parametrize("name", [n for n, b in BROUGHT.items() if not b.compiled])
def test_the_smallest_molecules(name, smiles):
    """They run, or PyG's own error comes through; nothing that is recomputed differs."""
    model, data = made(name), ml.featurize(smiles)
    try:
        plain = first_tensor(BROUGHT[name].plain(model.eval(), data))
    except (RuntimeError, ValueError, IndexError) as fault:
        with pytest.raises(type(fault)):
            ml.trace(model, data)
        return
    trace = ml.trace(model, data)
    assert torch.equal(trace.output, plain)
    assert not trace.verify().failed
    bonds = data.mol.GetNumBonds()
    for p in (p for r in trace.rounds for p in r.propagations):
        assert set(p.edge_origin.tolist()) <= {-1, *range(bonds)}


def test_one_atom_s_directed_bonds_are_none():
    trace = ml.trace(DirectedMPNN(), ml.featurize("C"))
    assert [tuple(r.output.shape) for r in trace.rounds] == [(0, 8), (0, 8)]


def test_a_module_that_is_called_with_nothing_like_states():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = nn.ModuleList(nn.Linear(3, 3) for _ in range(2))

        def forward(self, x, edge_index):
            return sum(part(torch.ones(1, 3)).sum() for part in self.parts)

    with pytest.raises(ml.TraceError, match="its modules is called again and again"):
        ml.trace(Odd(), ml.featurize("CCO"))
