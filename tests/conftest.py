"""What every test begins with."""

import pytest
import torch


@pytest.fixture(autouse=True)
def seeded():
    """The same global random state for every test, whichever ran before it."""
    torch.manual_seed(0)
