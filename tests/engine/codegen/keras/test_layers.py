"""The second dialect: what is written for Keras gives the numbers that PyTorch gives, with the weights of one
in the other.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine import kinds
from engine.kinds import Layer
from engine.kinds.shapes import per_sample
from engine.message import Message
from tests.engine.codegen.keras.keras_trial import CLOSE, agrees, tried
from tests.engine.projects import layer
from tests.engine.strategies import arrivals_for, settings_of, wired

LAYERS = {name: cls for name, cls in kinds.registry(Layer).items() if cls.outputs and cls.input_ports}
WITHOUT = {"FractionalMaxPool2d", "FractionalMaxPool3d"}  # they look elsewhere each time


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of slow or unusual settings, which are legal
        yield


# --------------------------------------------------------------------------- every kind


@pytest.mark.parametrize("name", sorted(LAYERS.keys() - WITHOUT))
def test_every_kind_gives_the_same_numbers(name: str) -> None:
    kind = LAYERS[name]()
    agrees(tried(kind, wired(kind)))
    agrees(tried(kind, wired(kind), turned=True))


@pytest.mark.parametrize("name", sorted(WITHOUT))
def test_a_kind_without_a_form_says_so(name: str) -> None:
    kind = LAYERS[name]()
    assert isinstance(tried(kind, wired(kind)), Message)


def test_an_lstm_with_a_projection_has_no_form() -> None:
    found = tried(layer("LSTM", projection=3), (ROWS,))
    assert isinstance(found, Message)
    assert "projects nothing" in str(found)


PICTURE = per_sample(6, 9, 11)
SOME, SOME_OF_FIVE = per_sample(6, dtype="int"), per_sample(5, dtype="int")  # masks with a few zeros
SERIES, ROWS = per_sample(4, 13), per_sample(6, 8)
SETTINGS: list[tuple[str, dict[str, Any], tuple[Any, ...]]] = [
    ("Conv2d", {"padding": 1, "stride": 2}, (PICTURE,)),
    ("Conv2d", {"padding": "same", "kernel_size": (4, 3), "dilation": 2}, (PICTURE,)),
    ("Conv2d", {"stride": 2, "dilation": 2}, (PICTURE,)),
    ("Conv2d", {"groups": 3, "out_channels": 6}, (PICTURE,)),
    ("Conv2d", {"groups": 6, "out_channels": 12, "stride": 2, "padding": 1}, (PICTURE,)),
    ("Conv2d", {"padding": (1, 2), "padding_mode": "reflect"}, (PICTURE,)),
    ("Conv2d", {"padding": (1, 2), "padding_mode": "replicate"}, (PICTURE,)),
    ("Conv2d", {"padding": (2, 1), "padding_mode": "circular", "bias": False}, (PICTURE,)),
    ("Conv2d", {"norm": "weight norm"}, (PICTURE,)),
    ("Conv2d", {"norm": "spectral norm"}, (PICTURE,)),
    ("Conv1d", {"padding": 1, "stride": 2, "groups": 2}, (SERIES,)),
    ("Conv1d", {"groups": 4, "out_channels": 8}, (SERIES,)),
    ("Conv3d", {"padding": 1, "stride": 2, "out_channels": 4}, (per_sample(3, 6, 7, 5),)),
    ("ConvTranspose2d", {"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1}, (PICTURE,)),
    ("ConvTranspose2d", {"kernel_size": 4, "stride": (1, 3), "padding": (2, 1)}, (PICTURE,)),
    ("ConvTranspose1d", {"kernel_size": 5, "stride": 2, "padding": 2, "bias": False}, (SERIES,)),
    ("ConvTranspose3d", {"kernel_size": 3, "stride": 2, "padding": 1}, (per_sample(3, 4, 3, 5),)),
    ("MaxPool2d", {"kernel_size": 3, "stride": 2, "padding": 1}, (PICTURE,)),
    ("MaxPool2d", {"kernel_size": 2, "ceil_mode": True}, (PICTURE,)),
    ("MaxPool1d", {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}, (SERIES,)),
    ("MaxPoolIndices1d", {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}, (SERIES,)),
    ("MaxPoolIndices2d", {"kernel_size": (3, 2), "stride": 2, "padding": 1, "dilation": 2}, (PICTURE,)),
    ("MaxPoolIndices3d", {"kernel_size": 2, "stride": (1, 2, 2)}, (per_sample(3, 6, 7, 5),)),
    ("Unfold", {"kernel_size": (3, 2), "stride": 2, "padding": 1, "dilation": 2}, (PICTURE,)),
    ("Fold", {"kernel_size": 3, "stride": 2, "padding": 1, "output_size": (5, 7)}, (per_sample(18, 12),)),
    *(
        ("GridSample", values, (PICTURE, per_sample(3, 5, 2)))
        for values in (
            {"outside": "border", "corners": True},
            {"outside": "reflection"},
            {"mode": "nearest", "outside": "reflection", "corners": True},
        )
    ),
    ("FourierTransform", {"axis": 1}, (PICTURE,)),
    ("Spectrogram", {"window": 7, "hop": 3}, (per_sample(20),)),
    ("LogMelSpectrogram", {"window": 16, "hop": 5, "mels": 4, "rate": 8000.0}, (per_sample(40),)),
    ("AvgPool2d", {"kernel_size": 3, "stride": 2, "padding": 1}, (PICTURE,)),
    ("AvgPool2d", {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False}, (PICTURE,)),
    ("AvgPool2d", {"kernel_size": 2, "ceil_mode": True}, (PICTURE,)),
    ("AdaptiveAvgPool2d", {"output_size": (3, 11)}, (PICTURE,)),
    ("Upsample", {"scale": 2.0, "mode": "linear"}, (PICTURE,)),
    ("BatchNorm2d", {"eps": 0.01, "momentum": 0.3}, (PICTURE,)),
    ("BatchNorm1d", {"affine": False}, (per_sample(7),)),
    ("LayerNorm", {"axes": 2, "eps": 0.1}, (ROWS,)),
    ("LayerNorm", {"bias": False}, (ROWS,)),
    ("GroupNorm", {"groups": 3, "eps": 0.1}, (PICTURE,)),
    ("InstanceNorm2d", {"affine": True}, (PICTURE,)),
    ("RMSNorm", {"eps": 0.1, "axes": 2}, (ROWS,)),
    ("RMSNorm", {"elementwise_affine": False}, (ROWS,)),
    ("LeakyReLU", {"negative_slope": 0.2}, (PICTURE,)),
    ("PReLU", {"per_channel": True}, (PICTURE,)),
    ("GELU", {"approximate": "tanh"}, (ROWS,)),
    ("Softplus", {"beta": 2.0, "threshold": 0.5}, (ROWS,)),
    ("Softmax", {"axis": 1}, (PICTURE,)),
    ("GLU", {"axis": 1}, (PICTURE,)),
    ("Linear", {"bias": False}, (ROWS,)),
    ("Linear", {"each": True}, (PICTURE,)),
    ("Embedding", {"entries": 5, "width": 3, "padding_idx": 1}, (per_sample(4, dtype="int"),)),
    ("EmbeddingBag", {"mode": "sum"}, (per_sample(4, dtype="int"),)),
    *(
        (name, values, (ROWS,))
        for name in ("LSTM", "GRU", "RNN")
        for values in (
            {"give": "sequence", "hidden_size": 5},
            {"bidirectional": True, "hidden_size": 5},
            {"num_layers": 3, "dropout": 0.3, "bidirectional": True, "give": "sequence", "hidden_size": 5},
            {"bias": False, "num_layers": 2, "hidden_size": 5},
            {"give": "sequence and states", "num_layers": 2, "bidirectional": True, "hidden_size": 5},
            {"padding": 0.0, "give": "sequence"},
            {"bidirectional": True, "frozen": True},
        )
    ),
    *(
        (name, values, (ROWS, per_sample(20), per_sample(dtype="int")))
        for name in ("LSTM", "GRU", "RNN")
        for values in (
            {"num_layers": 2, "bidirectional": True, "hidden_size": 5},
            {"give": "sequence and states", "hidden_size": 20},
        )
    ),
    ("LSTM", {"hidden_size": 4, "give": "sequence"}, (ROWS, per_sample(4), None, per_sample(4))),
    ("LSTM", {"hidden_size": 4}, (ROWS, None, None, per_sample(4))),
    ("RNN", {"nonlinearity": "relu"}, (ROWS,)),
    ("MultiheadAttention", {"causal": True, "heads": 2, "frozen": True}, (ROWS, None, None, None)),
    ("MultiheadAttention", {"bias": False}, (ROWS, per_sample(5, 6), None, None)),
    (
        "MultiheadAttention",
        {"heads": 2},
        (ROWS, per_sample(5, 6), per_sample(5, 4), SOME_OF_FIVE),
    ),
    ("ScaledDotProductAttention", {"heads": 2, "causal": True}, (ROWS, ROWS, ROWS, None)),
    ("ScaledDotProductAttention", {"heads": 2, "causal": True}, (ROWS, ROWS, ROWS, SOME)),
    ("ScaledDotProductAttention", {}, (ROWS, per_sample(5, 8), per_sample(5, 6), SOME_OF_FIVE)),
    ("TransformerEncoder", {"norm_first": True, "causal": True, "activation": "gelu"}, (ROWS, None)),
    ("TransformerEncoder", {"layers": 2, "bias": False}, (ROWS, SOME)),
    ("TransformerEncoderLayer", {"causal": True}, (ROWS, per_sample(6))),
    ("TransformerDecoder", {"norm_first": True, "final_norm": False}, (ROWS, per_sample(5, 8), None, None)),
    (
        "TransformerDecoder",
        {"norm_first": True, "causal": False},
        (ROWS, per_sample(5, 8), SOME, SOME_OF_FIVE),
    ),
    ("TransformerDecoderLayer", {"causal": False}, (ROWS, per_sample(5, 8), None, SOME_OF_FIVE)),
    *(
        ("EmbeddingBag", {"entries": 5, "mode": mode, "padding_idx": 0}, (per_sample(6, dtype="int"),))
        for mode in ("mean", "sum")
    ),
    ("RotaryPositions", {"heads": 2}, (ROWS,)),
    ("Concatenate", {"axis": -1}, ((PICTURE, per_sample(6, 9, 4)),)),
    ("Add", {"stretch": True}, ((PICTURE, per_sample(6, 1, 1)),)),
    *((name, {"stretch": True}, (PICTURE, per_sample(6, 1, 1))) for name in ("Subtract", "Divide")),
    *(
        (name, {"stretch": True}, ((PICTURE, per_sample(6, 1, 1), PICTURE),))
        for name in ("Minimum", "Maximum")
    ),
    ("Where", {"stretch": True}, (per_sample(1, 9, 11), PICTURE, per_sample(6, 1, 1))),
    ("Flatten", {"start": 2}, (PICTURE,)),
    ("Flatten", {"start": -2}, (PICTURE,)),
    ("Permute", {"order": (3, 1, 2)}, (PICTURE,)),
    ("Permute", {"order": (-2, -1, 1)}, (PICTURE,)),
    ("Reshape", {"sizes": (11, -1)}, (PICTURE,)),
    ("Pad", {"before": (1,), "after": (-2,), "mode": "value", "value": 2.0}, (PICTURE,)),
    ("Pad", {"before": (2, 0), "after": (1, 3), "mode": "reflect"}, (PICTURE,)),
    ("Slice", {"axis": 1, "start": 1, "stop": -1, "step": 2}, (PICTURE,)),
    ("Select", {"axis": 2, "index": -1}, (PICTURE,)),
    ("Split", {"axis": 1, "sizes": (1, 2, 3)}, (PICTURE,)),
    ("TopK", {"axis": 1, "k": 2}, (PICTURE,)),
    ("Mean", {"axis": 2}, (PICTURE,)),
    ("StandardDeviation", {"axis": 1, "keep": True}, (PICTURE,)),
    ("Norm", {"axis": 3, "order": 3.0}, (PICTURE,)),
]


@pytest.mark.parametrize(("name", "values", "arrivals"), SETTINGS)
def test_settings_that_are_traps(name: str, values: dict[str, Any], arrivals: tuple[Any, ...]) -> None:
    kind = layer(name, **values)
    agrees(tried(kind, arrivals))
    agrees(tried(kind, arrivals, turned=True))


@pytest.mark.proof
@pytest.mark.parametrize("name", sorted(LAYERS))
def test_any_settings_agree_or_have_no_form(name: str) -> None:
    cls = LAYERS[name]

    @settings(
        max_examples=80,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(st.data())
    def go(data: st.DataObject) -> None:
        kind = data.draw(settings_of(cls))
        if getattr(kind, "entries", 2) < 2:
            return  # the trial draws the numbers 0 and 1
        found = tried(kind, data.draw(arrivals_for(kind.ports())), data.draw(st.booleans()), (2,), most=2)
        assert not isinstance(found, float) or found < CLOSE, (kind, found)

    go()


@pytest.mark.parametrize("settings", [{"rows": 2}, {"rows": 2, "reach": 1}, {"reach": 2}], ids=str)
def test_a_bias_by_distance_is_the_same_in_pictures_and_where_it_is_cut_off(settings: dict[str, int]) -> None:
    kind = LAYERS["RelativePositionBias"](spread=1.0, **settings)
    agrees(tried(kind, wired(kind)))


@pytest.mark.parametrize(
    "settings", [{"pattern": "ramp", "value": 2.0, "step": -0.5}, {"pattern": "identity"}], ids=str
)
def test_constant_patterns_are_the_same(settings: dict[str, object]) -> None:
    kind = LAYERS["ConstantTensor"](sizes=(2, 3), **settings)
    agrees(tried(kind, wired(kind)))


def test_unpooling_to_an_odd_size_is_the_same() -> None:
    kind = LAYERS["MaxUnpool2d"]()
    few = per_sample(2, 3, 3)
    agrees(tried(kind, (few, per_sample(2, 3, 3, dtype="int"), per_sample(2, 7, 7))))
