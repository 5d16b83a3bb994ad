"""Models that the tracing tests share."""

import mpnn_lab as ml


def build(name="NNConv", update="gru", readout="set2set", **fields):
    """Three rounds of width 8; two heads where the layer has heads."""
    layer = ml.Layer(name, 8, options={"heads": 2} if name == "GATv2Conv" else {})
    return ml.ModelSpec(
        rounds=[layer] * 3, update=update, readout=readout, head=(8,), **fields
    ).build(seed=1)
