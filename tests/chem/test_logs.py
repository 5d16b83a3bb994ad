"""Listening to RDKit: silent, thread-safe, and nothing left switched off."""

import threading

from rdkit import Chem

from mpnn_lab.chem import read_molecule
from mpnn_lab.chem.logs import Messages, listening
from mpnn_lab.errors import InputError


def test_the_reason_is_one_sentence_without_quotes_or_traces():
    messages = Messages()
    assert (messages.reason, messages.position) == ("", None)
    with listening() as said:
        Chem.MolFromSmiles("CC(")
    assert (said.reason, said.position) == ("syntax error", 2)


def test_rdkit_speaks_again_afterwards(capfd):
    with listening():
        Chem.MolFromSmiles("C(")
    assert capfd.readouterr().err == ""
    Chem.MolFromSmiles("C(")
    assert "Parse Error" in capfd.readouterr().err


def test_threads_hear_their_own_faults_and_nothing_is_printed(capfd):
    wrong = []

    def read(text, position):
        for _ in range(60):
            try:
                read_molecule(text)
                wrong.append(text)
            except InputError as error:
                if error.position != position:
                    wrong.append(str(error))

    jobs = [("CC(", 2), ("C1CC", 1), ("c1cccc1", 0), ("CCCC[Zz]", 5)]
    threads = [threading.Thread(target=read, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert capfd.readouterr() == ("", "")
