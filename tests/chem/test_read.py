"""read_molecule against RDKit's own reading, and every refusal with its place."""

import pytest
from rdkit import Chem

from mpnn_lab.chem import canonical_smiles, is_ready, read_molecule
from mpnn_lab.errors import InputError
from mpnn_lab.limits import Limits

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def block(smiles: str, v3000: bool = False) -> str:
    return Chem.MolToMolBlock(Chem.MolFromSmiles(smiles), forceV3000=v3000)


@pytest.mark.parametrize(
    "smiles",
    [ASPIRIN, "[Na+].[Cl-]", "*C", "[Fe]", "[H][H]", "[H]", "[2H]C", "[13CH4]", "[CH3]",
     "[H+]", "C/C=C/C", "C[C@H](N)C(=O)O", "C%12CCCC%12", "C1CC2CC1C2", "[NH4+].[OH-]", "B"],
)  # fmt: skip
def test_a_smiles_reads_as_rdkit_reads_it(smiles):
    mol = read_molecule(smiles)
    assert Chem.MolToSmiles(mol) == Chem.CanonSmiles(smiles)
    assert is_ready(mol)


@pytest.mark.parametrize("smiles", [ASPIRIN, "C[C@H](N)C(=O)O", "F/C=C\\F", "[Na+].[Cl-]"])
def test_one_molecule_in_every_format(smiles):
    inchi = Chem.MolToInchi(Chem.MolFromSmiles(smiles))
    forms = [smiles, inchi, block(smiles), block(smiles, v3000=True), Chem.MolFromSmiles(smiles)]
    assert len({canonical_smiles(read_molecule(form)) for form in forms}) == 1


def test_the_text_after_a_space_is_the_name_as_it_stands():
    name = "<img src=x onerror=alert(1)> \u00e9thanol"
    mol = read_molecule(f"  CCO \t {name}\n")
    assert (mol.GetNumAtoms(), mol.GetProp("_Name")) == (3, name)
    assert read_molecule("InChI=1S/CH4/h1H4 methane").GetProp("_Name") == "methane"
    assert not read_molecule("CCO").HasProp("_Name")


def test_a_mol_is_copied_and_sanitised():
    raw = Chem.MolFromSmiles("C1=CC=CC=C1[C@H](F)Cl", sanitize=False)
    mol = read_molecule(raw)
    assert mol.GetAtomWithIdx(0).GetIsAromatic()
    assert not raw.GetAtomWithIdx(0).GetIsAromatic()
    assert mol.GetAtomWithIdx(6).GetProp("_CIPCode") in ("R", "S")
    assert not is_ready(raw)
    with_hydrogens = Chem.AddHs(Chem.MolFromSmiles("CCO"))
    assert read_molecule(with_hydrogens).GetNumAtoms() == 9


def test_an_impossible_mol_names_its_atom():
    raw = Chem.MolFromSmiles("CC(C)(C)(C)C", sanitize=False)
    with pytest.raises(InputError, match="atom C1, 5") as caught:
        read_molecule(raw)
    assert "C1" in caught.value.mend


@pytest.mark.parametrize(
    ("smiles", "position", "words"),
    [
        ("C(", 1, "Close the ( at position 1"),
        ("CC(C)C(CC", 6, "Close the ( at position 6"),
        ("C(CC(C", 4, "extra open parentheses"),
        ("CC)C", 2, "Remove this )"),
        ("C1CC", 1, "Write 1 a second time"),
        ("CC%12CC", 2, "Write %12 a second time"),
        ("C11", 2, "bonds atom 0 to itself"),
        ("CC[C", 3, "Close the [ at position 2"),
        ("CC[Xx]C", 3, "there is no element Xx, at position 3"),
        ("C==C", 2, "position 2 ('=')"),
        ("c1ccccc1Cq", 9, "('q')"),
        ("CC(C)(C)(C)(C)C", 1, "atom C1, 6, is greater than permitted"),
        ("[CH5]", 0, "valence"),
        ("CCc1cccc1", 2, "kekulize"),
        ("CCCn", 3, "non-ring atom N3 marked aromatic"),
        ("N=C[C@TH9](F)(Cl)Br", 3, "chiral specification on atom 2"),
        ("aspirin", 0, "not a SMILES"),
        ("CC |$_AV:x$|", 3, "CXSMILES"),
        ("CC\nCC", 2, "line break"),
        ("caf\u00e9", 3, "U+00E9 LATIN SMALL LETTER E WITH ACUTE"),
        ("C\u2212C", 1, "U+2212 MINUS SIGN at position 1; write - (hyphen-minus)"),
        ("\u0421CO", 0, "CYRILLIC CAPITAL LETTER ES at position 0; write C"),
        ("C\uff1dC", 1, "write ="),
        ("InChI=1S/C2H6O/c1-2-9/h3H,2H2,1H3", 14, "layer /c1-2-9 at position 14"),
        ("InChI=1S/C2H6Oq/c1-2-3/h3H,2H2,1H3", 8, "layer /C2H6Oq"),
        ("InChI=", 5, "no layers"),
    ],
)
def test_a_fault_is_marked_at_its_place(smiles, position, words):
    for lead in ("", "  "):
        with pytest.raises(InputError) as caught:
            read_molecule(lead + smiles)
        error = caught.value
        expected = words if not lead else words.partition("position")[0]
        assert expected in str(error)
        assert error.mend
        assert (error.text, error.position) == (lead + smiles, position + len(lead))


def test_what_is_not_text_is_refused_by_its_type():
    for source in (None, 5, 1.5, b"CCO", ["C"]):
        with pytest.raises(InputError, match=type(source).__name__):
            read_molecule(source)


def test_caps_are_counted_where_they_are_passed():
    limits = Limits(atoms=5, line_characters=30, branch_depth=2)
    assert read_molecule("C(C(C))CC", limits=limits).GetNumAtoms() == 5
    for text, position, words in [
        ("CCCCCC", 5, "6 atoms; at most 5"),
        ("C" * 31, 30, "31 characters"),
        ("C(C(C(C)))", 5, "nests 3 branches"),
        ("InChI=1S/C6H14/c1-3-5-6-4-2", 9, "6 atoms beside hydrogen"),
    ]:
        with pytest.raises(InputError) as caught:
            read_molecule(text, limits=limits)
        assert words in str(caught.value)
        assert caught.value.position == position
    with pytest.raises(InputError, match="6 atoms"):
        read_molecule(Chem.MolFromSmiles("CCCCCC"), limits=limits)
    propane = Chem.AddHs(Chem.MolFromSmiles("CCC"))
    assert read_molecule(propane, limits=limits).GetNumAtoms() == 11
    with pytest.raises(InputError, match="12 atoms"):
        read_molecule(Chem.MolFromSmiles(".".join(["[H+]"] * 12)), limits=Limits(atoms=3))
    with pytest.raises(InputError, match="no atoms"):
        read_molecule(Chem.Mol())


def test_the_older_rdkit_way_is_as_silent_and_still_marks_the_place(monkeypatch, capfd):
    from rdkit import rdBase

    monkeypatch.delattr(rdBase, "CaptureErrorLog")
    for smiles, position in (("C(", 1), ("C1CC", 1), ("CC(C)(C)(C)C", 1)):
        with pytest.raises(InputError) as caught:
            read_molecule(smiles)
        assert caught.value.position == position
    assert capfd.readouterr() == ("", "")
