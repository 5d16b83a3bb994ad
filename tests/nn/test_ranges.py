"""What a layer's own options can be: one place for the checks and for the form."""

import pytest

from mpnn_lab.errors import SpecError
from mpnn_lab.nn import LAYERS, Layer, ModelSpec
from mpnn_lab.nn.ranges import CHOICES, RANGES, Option, Range

OPTIONS = [(n, o) for n, entry in LAYERS.items() for o in entry.described().values()]


@pytest.mark.parametrize(("layer", "option"), OPTIONS, ids=lambda x: getattr(x, "name", x))
def test_every_default_is_in_its_own_range(layer, option):
    assert option.types
    if option.default is not None and (layer, option.name) != ("GeneralConv", "skip_linear"):
        option.check(option.default)


@pytest.mark.parametrize(
    ("layer", "word"),
    [(n, (o.name, w)) for n, o in OPTIONS for w in o.choices],
    ids=str,
)
def test_every_word_builds(layer, word):
    name, value = word
    spec = ModelSpec(rounds=[Layer(layer, 12, options={name: value})])
    assert spec.build()(spec.featurize("CCO")).isfinite().all()


def test_each_range_and_each_list_of_words_is_some_options():
    names = {o.name for _, o in OPTIONS} | {f"{n}.{o.name}" for n, o in OPTIONS}
    assert set(RANGES) | set(CHOICES) <= names


@pytest.mark.parametrize(
    ("name", "option", "value", "expected"),
    [
        ("SGConv", "K", 0, "a whole number, 1 to 64"),
        ("SGConv", "K", 65, "a whole number, 1 to 64"),
        ("APPNP", "alpha", 1.5, "a number from 0 to 1"),
        ("APPNP", "dropout", 1, "a number from 0 to below 1"),
        ("GPSConv", "act", "nonsense", "one of relu, leaky_relu"),
        ("GCN2Conv", "theta", -1, "a number from 0"),
        ("GATConv", "fill_value", True, "a finite number or one of sum, add"),
        ("SuperGATConv", "attention_type", "additive", "one of MX, SD"),
    ],
)
def test_what_is_out_of_range_is_said_with_the_range(name, option, value, expected):
    with pytest.raises(SpecError, match=rf"^options\.{option}: {value!r}; expected {expected}"):
        Layer(name, 8, options={option: value})


def test_the_end_of_a_range_belongs_to_it_unless_it_says_not():
    assert 1 in Range(0, 1)
    assert 1 not in Range(0, 1, below=True)
    assert float("nan") not in Range(0, 1)
    assert Option("a", 0, (int, str), Range(1, 3), ("x",)).words() == (
        "a whole number, 1 to 3 or one of x"
    )
