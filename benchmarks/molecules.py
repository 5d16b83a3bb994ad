"""The molecules and the batch that the benchmarks share; nothing outside the repository."""

from __future__ import annotations

from functools import cache

from torch_geometric.data import Batch, Data

import mpnn_lab as ml
from mpnn_lab.graph import collate

# Drugs and drug-like molecules, 13 to 35 heavy atoms.
DRUGS = (
    "CC(=O)Oc1ccccc1C(=O)O", "CC(C)Cc1ccc(cc1)C(C)C(=O)O", "Cn1c(=O)c2c(ncn2C)n(C)c1=O",
    "CC(=O)Nc1ccc(O)cc1", "CN1CCC[C@H]1c1cccnc1", "COc1ccc2cc(ccc2c1)[C@H](C)C(=O)O",
    "CC(C)NCC(O)COc1ccc(CC(N)=O)cc1", "CC(C)NCC(O)COc1cccc2ccccc12",
    "CN(C)CCOC(c1ccccc1)c1ccccc1", "Clc1ccc2c(c1)C(c1ccccc1)=NCC(=O)N2C",
    "CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21", "CNCCC(Oc1ccc(cc1)C(F)(F)F)c1ccccc1",
    "CN(C)CCCN1c2ccccc2CCc2ccccc21", "OC(=O)Cc1ccccc1Nc1c(Cl)cccc1Cl",
    "COc1ccc(cc1OC)CC(C)(C#N)CCCN(C)CCc1ccc(OC)c(OC)c1", "CCOC(=O)c1ccc(N)cc1",
    "CCN(CC)CC(=O)Nc1c(C)cccc1C", "Nc1ccc(cc1)S(=O)(=O)Nc1ncccn1",
    "COc1cc(Cc2cnc(N)nc2N)cc(OC)c1OC", "CC1(C)SC2C(NC(=O)Cc3ccccc3)C(=O)N2C1C(=O)O",
    "CC12CCC3C(CCC4=CC(=O)CCC34C)C1CCC2O", "CC12CCC3c4ccc(O)cc4CCC3C1CCC2O",
    "O=C(O)c1cn(C2CC2)c2cc(N3CCNCC3)c(F)cc2c1=O",
    "Cc1ccc(cc1)-c1cc(nn1-c1ccc(cc1)S(N)(=O)=O)C(F)(F)F",
    "CCCc1nn(C)c2c1nc([nH]c2=O)-c1cc(ccc1OCC)S(=O)(=O)N1CCN(C)CC1",
    "CC(C)c1c(C(=O)Nc2ccccc2)c(-c2ccccc2)c(-c2ccc(F)cc2)n1CCC(O)CC(O)CC(=O)O",
    "CN1CCN(CC1)C1=Nc2cc(Cl)ccc2Nc2ccccc12", "COC(=O)C1=C(C)NC(C)=C(C1c1ccccc1[N+](=O)[O-])C(=O)OC",
    "CCOC(=O)C(CCc1ccccc1)NC(C)C(=O)N1CCCC1C(=O)O", "CC(C)(C)NCC(O)c1ccc(O)c(CO)c1",
    "Cc1nnc2n1-c1ccc(Cl)cc1C(=NC2)c1ccccc1", "NC(=O)N1c2ccccc2C=Cc2ccccc21",
)  # fmt: skip


@cache
def graphs(count: int = 128) -> tuple[Data, ...]:
    """Drug-like molecules as graphs; the list goes round until there are enough."""
    known = [ml.featurize(smiles) for smiles in DRUGS]
    return tuple(known[k % len(known)] for k in range(count))


@cache
def batch(count: int = 128) -> Batch:
    """They in one batch, kinds worked out."""
    return collate(list(graphs(count)))
