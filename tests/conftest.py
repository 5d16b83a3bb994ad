"""What every test begins with."""

import pytest
import torch


@pytest.fixture(autouse=True)
def seeded():
    """The same global random state for every test, whichever ran before it."""
    torch.manual_seed(0)


@pytest.fixture
def double_by_default():
    """torch makes numbers of double precision, as in a notebook that asked for it."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)
