"""The readout by sorting: PyG's numbers, and the same for a molecule in every batch."""

import torch
from torch_geometric.nn import aggr

from mpnn_lab.nn.sorting import SortAggregation


def test_pygs_numbers_where_no_two_rows_are_alike():
    torch.manual_seed(2)
    x, index = torch.randn(30, 5), torch.tensor([0] * 2 + [2] * 9 + [3] * 19)
    for k in (1, 4, 25):
        ours = SortAggregation(k)(x, index, dim_size=5)
        assert torch.equal(ours, aggr.SortAggregation(k)(x, index, dim_size=5))


def test_rows_with_one_last_channel_stay_in_their_order():
    """Enough of them for a sort that is not stable to mix them up."""
    x = torch.randn(200, 3)
    x[:, -1] = (torch.arange(200) % 40 == 39).float()
    index = torch.tensor([0] * 150 + [1] * 50)
    sort = SortAggregation(4)
    together = sort(x, index)
    assert torch.equal(together[0], x[[39, 79, 119, 0]].flatten())
    assert torch.equal(together[1], x[[159, 199, 150, 151]].flatten())
    assert torch.equal(sort(x[150:], index[150:] - 1)[0], together[1])
