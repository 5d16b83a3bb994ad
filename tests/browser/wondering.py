"""A stage and what stands beside it, in a notebook of cells; used by several tests."""

from __future__ import annotations

STAGE = """\
import mpnn_lab as ml
spec = ml.ModelSpec(rounds=[ml.Layer("NNConv", 8)] * 2, update="gru", readout="set2set")
model = spec.build(seed=0)
stage = ml.Stage(ml.trace(model, "CC(=O)O"), selected_atom=1, selected_bond=1)
stage"""
SECOND = """\
second = ml.Stage(ml.trace(model, "CCO"), against=ml.trace(model, "CCN"), selected_atom=0)
second"""
VIEWER = "viewer = ml.Viewer3D(stage.trace, hydrogens=False)\nviewer"
MAP = "embeddings = ml.EmbeddingMap(model, ['CCO', 'CCN', 'CC(=O)O', 'CCCC'])\nembeddings"

DARK = "jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
