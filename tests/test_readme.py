"""What the README shows works as it stands there, and what it points to exists."""

from __future__ import annotations

import re

from tests.project import ROOT

README = (ROOT / "README.md").read_text()


def test_python_runs():
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    messages = names["trace"].rounds[0].propagations[0].messages
    edges = names["trace"].rounds[0].propagations[0].edge_index
    assert len(messages) == edges.shape[1] == 6  # acetic acid: three bonds, both ways


def test_commands_are_targets_of_the_makefile():
    (shell,) = re.findall(r"```sh\n(.*?)```", README, re.S)
    makefile = (ROOT / "Makefile").read_text()
    asked = re.findall(r"^make (\w+)", shell, re.M)
    assert asked == ["lab", "test"]
    for target in asked:
        assert re.search(rf"^{target}:", makefile, re.M)


def test_links_and_pictures_exist():
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / link).is_file(), link


def test_it_is_one_screenful():
    assert len(README.splitlines()) <= 60
