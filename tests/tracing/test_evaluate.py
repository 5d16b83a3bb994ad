"""Every operation of the arithmetic against torch and PyG; one atom is reached by nobody."""

from typing import get_args

import numpy as np
import pytest
import torch
from torch.nn import functional
from torch_geometric.nn import aggr
from torch_geometric.nn.conv.ppf_conv import point_pair_features
from torch_geometric.utils import scatter, softmax, to_dense_batch

from mpnn_lab.tracing.arithmetic import QUANTILES, Op
from mpnn_lab.tracing.evaluate import Ground, evaluate, recorded
from mpnn_lab.tracing.ledger import compare

SOURCE, TARGET = torch.tensor([0, 1, 1, 2, 3]), torch.tensor([1, 0, 2, 1, 1])
KIND, GRAPH = torch.tensor([0, 0, 1, 1, 0]), torch.tensor([0, 0, 0, 1])
BEFORE, AFTER = torch.tensor([0, 1, 2, 3, 5]), torch.tensor([0, 0, 1, 2, 3])
KEPT = torch.tensor([0, 2, 3, 5])  # of six nodes before a pooling
GROUND = Ground(
    *(t.numpy() for t in (SOURCE, TARGET, KIND, GRAPH)), graphs=2,
    before=BEFORE.numpy(), after=AFTER.numpy(), kept=KEPT.numpy(), pooled=1,
)  # fmt: skip


def draw(*shape):
    torch.manual_seed(sum(shape))
    return torch.randn(*shape, dtype=torch.float64)


NODE, EDGE, HEADS = draw(4, 6), draw(5, 6), draw(5, 2, 3)
W, B, TABLE, ONE_HEAD = draw(6, 3), draw(3), draw(2, 6, 3), draw(5, 2)
NONE, TIED = torch.zeros(6, dtype=torch.float64), draw(5, 6)
TIED[:, -1] = torch.tensor([0, 1, 2, 3, 3])
UNITS = functional.normalize(draw(4, 3))
CASES = {
    "source": ([NODE], {}, NODE[SOURCE]),
    "target": ([NODE], {}, NODE[TARGET]),
    "of_kind": ([TABLE], {}, TABLE[KIND]),
    "of_graph": ([draw(2, 3)], {}, draw(2, 3)[GRAPH]),
    "kept": ([draw(6, 2)], {}, draw(6, 2)[KEPT]),
    "sum_members": ([draw(6, 2)], {}, scatter(draw(6, 2)[BEFORE], AFTER)),
    "maximum": ([NODE, -NODE, NODE / 2], {}, torch.stack([NODE, -NODE, NODE / 2]).amax(0)),
    "linear": ([NODE, W, B], {}, functional.linear(NODE, W.T, B)),
    "add": ([NODE, NODE, NODE[:1]], {}, NODE + NODE + NODE[:1]),
    "multiply": ([ONE_HEAD, HEADS], {}, ONE_HEAD[:, :, None] * HEADS),
    "power": ([NODE.abs()], {"exponent": -0.5}, NODE.abs().pow(-0.5)),
    "relu": ([NODE], {}, functional.relu(NODE)),
    "leaky_relu": ([NODE], {"slope": 0.2}, functional.leaky_relu(NODE, 0.2)),
    "elu": ([NODE], {}, functional.elu(NODE)),
    "silu": ([NODE], {}, functional.silu(NODE)),
    "gelu": ([NODE], {}, functional.gelu(NODE)),
    "sigmoid": ([NODE], {}, NODE.sigmoid()),
    "tanh": ([NODE], {}, NODE.tanh()),
    "softplus": ([NODE], {}, functional.softplus(NODE)),
    "exp": ([NODE], {}, NODE.exp()),
    "log": ([NODE.abs()], {}, NODE.abs().log()),
    "softmax_heads": ([ONE_HEAD], {}, ONE_HEAD.softmax(1)),
    "sum_heads": ([HEADS], {}, HEADS.sum(1)),
    "repeat_heads": ([NODE], {"heads": 3}, NODE[:, None].repeat(1, 3, 1)),
    "combine": ([draw(5, 4, 2), HEADS], {}, torch.bmm(draw(5, 4, 2), HEADS)),
    "layer_norm": (
        [NODE, draw(6), draw(6)], {"eps": 1e-5}, functional.layer_norm(NODE, (6,), draw(6), draw(6))
    ),
    "dot": ([HEADS, draw(2, 3)], {}, (HEADS * draw(2, 3)).sum(-1)),
    "point_pair": (
        [draw(4, 3), UNITS, UNITS.flip(0)], {},
        point_pair_features(torch.zeros(4, 3), draw(4, 3), UNITS, UNITS.flip(0)),
    ),
    "softmax_incoming": ([ONE_HEAD], {}, softmax(ONE_HEAD, TARGET, num_nodes=4)),
    "sum_incoming": ([EDGE], {}, scatter(EDGE, TARGET, dim_size=4)),
    "mean_incoming": ([EDGE], {}, scatter(EDGE, TARGET, dim_size=4, reduce="mean")),
    "max_incoming": ([EDGE], {}, scatter(EDGE, TARGET, dim_size=4, reduce="max")),
    "min_incoming": ([EDGE], {}, scatter(EDGE, TARGET, dim_size=4, reduce="min")),
    "mul_incoming": ([EDGE], {}, scatter(EDGE, TARGET, dim_size=4, reduce="mul")),
    "var_incoming": ([EDGE], {}, aggr.VarAggregation()(EDGE, TARGET, dim_size=4)),
    "std_incoming": ([EDGE], {}, aggr.StdAggregation()(EDGE, TARGET, dim_size=4)),
    "quantile_incoming": (
        [EDGE], {"q": 0.25, "rule": 0}, aggr.QuantileAggregation(0.25)(EDGE, TARGET, dim_size=4)
    ),
    "weighted_sum_incoming": (
        [EDGE[:, 0], EDGE], {}, scatter(EDGE[:, :1] * EDGE, TARGET, dim_size=4)
    ),
    "rows_incoming": (
        [EDGE], {"places": 2}, torch.stack([
            torch.cat([EDGE[1], NONE]), torch.cat([EDGE[0], EDGE[3]]),
            torch.cat([EDGE[2], NONE]), torch.cat([NONE, NONE]),
        ])
    ),
    "sorted_incoming": (
        [TIED], {"places": 2}, torch.stack([
            torch.cat([TIED[1], NONE]), torch.cat([TIED[3], TIED[4]]),
            torch.cat([TIED[2], NONE]), torch.cat([NONE, NONE]),
        ])
    ),
    "rows_nodes": ([NODE], {"places": 3}, to_dense_batch(NODE, GRAPH)[0].flatten(1)),
    "sorted_nodes": ([NODE], {"places": 5}, aggr.SortAggregation(5)(NODE, GRAPH)),
    "min_nodes": ([NODE], {}, scatter(NODE, GRAPH, reduce="min")),
    "mul_nodes": ([NODE], {}, scatter(NODE, GRAPH, reduce="mul")),
    "var_nodes": ([NODE], {}, aggr.VarAggregation()(NODE, GRAPH)),
    "std_nodes": ([NODE], {}, aggr.StdAggregation()(NODE, GRAPH)),
    "quantile_nodes": ([NODE], {"q": 0.5, "rule": 1}, aggr.MedianAggregation()(NODE, GRAPH)),
    "clamp": ([NODE], {"low": -0.5, "high": 0.3}, NODE.clamp(-0.5, 0.3)),
    "interpolate": (
        [NODE.sigmoid(), NODE, NODE * 2], {}, NODE + (NODE * 2 - NODE) * NODE.sigmoid()
    ),
    "split_heads": ([NODE], {"heads": 2}, NODE.view(4, 2, 3)),
    "flatten": ([HEADS], {}, HEADS.flatten(1)),
    "mean_heads": ([HEADS], {}, HEADS.mean(1)),
    "concatenate": ([NODE, NODE[:, :2]], {}, torch.cat([NODE, NODE[:, :2]], -1)),
    "softmax_channels": ([HEADS], {}, HEADS.softmax(-1)),
    "channels": ([NODE], {"start": 2, "stop": 5}, NODE[:, 2:5]),
    "softmax_nodes": ([NODE[:, 0]], {}, softmax(NODE[:, 0], GRAPH)),
    "sum_nodes": ([NODE], {}, scatter(NODE, GRAPH)),
    "mean_nodes": ([NODE], {}, scatter(NODE, GRAPH, reduce="mean")),
    "max_nodes": ([NODE], {}, scatter(NODE, GRAPH, reduce="max")),
    "weighted_sum_nodes": ([NODE[:, 0], NODE], {}, scatter(NODE[:, :1] * NODE, GRAPH)),
}  # fmt: skip


@pytest.mark.parametrize("op", CASES)
def test_operation(op):
    args, constants, expected = CASES[op]
    result = evaluate(op, [recorded(a.numpy()) for a in args], constants, GROUND)
    np.testing.assert_allclose(result.value, expected.numpy(), rtol=1e-12, atol=1e-12)
    assert result.magnitude.shape == result.value.shape
    assert (result.magnitude >= abs(result.value) * (1 - 1e-12)).all()


def test_every_operation_is_tested():
    assert set(CASES) == set(get_args(Op)) - {"recorded", "opaque"}
    for op in ("recorded", "opaque"):
        assert evaluate(op, [], {}, GROUND) is None


@pytest.mark.parametrize("rule", QUANTILES)
@pytest.mark.parametrize("q", [0.0, 0.25, 0.5, 0.7, 1.0])
def test_quantiles_between_numbers(rule, q):
    expected = aggr.QuantileAggregation(q, interpolation=rule)(EDGE, TARGET, dim_size=4)
    constants = {"q": q, "rule": float(QUANTILES.index(rule))}
    result = evaluate("quantile_incoming", [recorded(EDGE.numpy())], constants, GROUND)
    np.testing.assert_allclose(result.value, expected.numpy(), rtol=1e-5, atol=1e-6)


def test_a_product_with_a_matrix_for_each_edge():
    args = [EDGE, TABLE[KIND]]
    result = evaluate("linear", [recorded(a.numpy()) for a in args], {}, GROUND)
    expected = torch.stack([e @ m for e, m in zip(*args, strict=True)])
    np.testing.assert_allclose(result.value, expected.numpy(), rtol=1e-12)


def test_nothing_is_the_root_of_zero():
    zero = recorded(np.array([0.0, 4.0]))
    result = evaluate("power", [zero], {"exponent": -0.5}, GROUND)
    assert result.value.tolist() == [0.0, 0.5]


def test_a_gate_that_is_far_open_or_shut_is_no_overflow():
    ground = Ground(*[np.zeros(0, dtype=np.int64)] * 3, np.zeros(2, dtype=np.int64), 1)
    x = np.asarray([[1e4, -1e4], [0.0, 3.0]])
    result = evaluate("sigmoid", [recorded(x)], {}, ground)
    np.testing.assert_allclose(result.value, torch.tensor(x).sigmoid().numpy(), atol=1e-15)


@pytest.mark.parametrize("verb", ["sum", "mean", "softmax", "weighted_sum"])
def test_many_equal_rows_added_up_in_float32_agree(verb):
    """One after another, so that every rounding goes the same way."""
    count = 2000
    rows, index = torch.full((count, 1), 0.3337), torch.zeros(count, dtype=torch.long)
    ground = Ground(*(np.zeros(count, dtype=np.int64),) * 4, graphs=1)
    given = recorded(rows.numpy().astype(np.float64))
    args = [given, given] if verb == "weighted_sum" else [given]
    result = evaluate(f"{verb}_nodes", args, {}, ground)
    made = {
        "sum": lambda: scatter(rows, index),
        "mean": lambda: scatter(rows, index, reduce="mean"),
        "softmax": lambda: softmax(rows, index),
        "weighted_sum": lambda: scatter(rows * rows, index),
    }[verb]()
    assert compare(verb, made.numpy(), result).agrees
    assert compare(verb, made.numpy() * np.float32(1.001), result).agrees is False
