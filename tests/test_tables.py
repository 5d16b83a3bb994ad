"""The tables in the docs say what the code does now."""

import pytest

from tests.tables import DOCS, TABLES


@pytest.mark.parametrize("file", TABLES)
def test_the_table_is_what_the_runs_say(file):
    assert (DOCS / file).read_text() == TABLES[file](), "run python -m tests.tables"
