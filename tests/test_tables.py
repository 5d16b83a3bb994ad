"""The tables in the docs say what the code does now."""

from tests.tables import TARGET, table


def test_the_table_of_layers_is_what_the_runs_say():
    assert TARGET.read_text() == table(), "run python -m tests.tables"
