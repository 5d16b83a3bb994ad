"""Molblocks: what is read, and which line is named where it is not."""

import pytest
from rdkit import Chem

from mpnn_lab.chem import read_molecule
from mpnn_lab.errors import InputError
from mpnn_lab.limits import Limits

ETHANOL = Chem.MolToMolBlock(Chem.MolFromSmiles("CCO"))
ETHANOL_3 = Chem.MolToMolBlock(Chem.MolFromSmiles("CCO"), forceV3000=True)


@pytest.mark.parametrize("text", [ETHANOL, ETHANOL_3])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_versions_and_line_endings(text, ending):
    mol = read_molecule(("spirit <b>" + text).replace("\n", ending))
    assert Chem.MolToSmiles(mol) == "CCO"
    assert mol.GetProp("_Name") == "spirit <b>"
    assert not mol.GetConformer().Is3D()


def test_three_digit_counts_without_a_space_are_read():
    chain = Chem.MolFromSmiles("C" * 120)
    text = Chem.MolToMolBlock(chain)
    assert text.splitlines()[3].startswith("120119")
    assert read_molecule(text).GetNumAtoms() == 120


def test_a_record_separator_after_the_end_is_no_second_molecule():
    assert read_molecule(ETHANOL + "$$$$\n\n").GetNumAtoms() == 3


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (ETHANOL.replace("  3  2", "999999"), 4, "999 atoms and 999 bonds, but only"),
        (ETHANOL.replace("  3  2", "  9  2"), 4, "9 atoms and 2 bonds, but only 6 lines"),
        (ETHANOL.replace("  3  2", "  0  0"), 4, "declares no atoms"),
        (ETHANOL.replace("  3  2", " x3  2"), 4, "must begin with the numbers"),
        (ETHANOL_3.replace("COUNTS 3 2", "COUNTS 999999 2"), 6, "999,999 atoms; at most 2,000"),
        (ETHANOL_3.replace("M  V30 COUNTS", "M  V30 COUNTERS"), 4, "no line M  V30 COUNTS"),
        (ETHANOL.replace(" C  ", " Qq ", 1), None, "element 'Qq' not found"),
        (ETHANOL.replace("    0.0", "    x.0", 1), 5, "x.0"),
        (
            ETHANOL.replace("  1  2  1", "  1  7  1"),
            None,
            "number 7 is named, but there are only 3",
        ),
        (ETHANOL.replace("  2  3  1", "  1  2  1"), None, "bond already exists"),
        (ETHANOL.replace("M  END", ""), None, "no line M  END"),
        (ETHANOL + ETHANOL, 12, "text follows M  END"),
        (ETHANOL + "> <MASS>\n46\n", 11, "text follows M  END"),
        ("\n\nM  END", 3, "ends before its counts line"),
        (ETHANOL.replace("O  ", "\0  "), 7, "U+0000 NULL at position 31 of line 7"),
    ],
)
def test_a_bad_molblock_names_its_line(text, line, words):
    with pytest.raises(InputError) as caught:
        read_molecule(text)
    assert words in str(caught.value)
    assert "Stacktrace" not in str(caught.value)
    assert "/" not in caught.value.what
    if line is not None:
        assert f"line {line}" in caught.value.what
        assert caught.value.text == text.split("\n")[line - 1]


def test_an_impossible_atom_is_named():
    bad = Chem.MolToMolBlock(Chem.MolFromSmiles("CC(C)(C)(C)C", sanitize=False), kekulize=False)
    with pytest.raises(InputError, match="atom C1, 5"):
        read_molecule(bad)


def test_a_large_molblock_is_refused_by_its_bytes():
    with pytest.raises(InputError, match="larger than 100 bytes"):
        read_molecule(ETHANOL, limits=Limits(block_bytes=100))
    name = "\u00e9" * 600_000  # 1.2 MB of UTF-8 in fewer characters than the cap
    with pytest.raises(InputError, match="larger than 1,000,000 bytes"):
        read_molecule(name + ETHANOL)


def test_a_letter_that_a_column_cuts_in_two_is_an_input_error():
    """RDKit's own message is then no text at all."""
    block = Chem.MolToMolBlock(Chem.MolFromSmiles("CC(=O)O"))
    for place in range(len(block)):
        damaged = block[:place] + "\u2212" + block[place:]
        try:
            read_molecule(damaged)
        except InputError as error:
            assert error.what  # noqa: PT017
