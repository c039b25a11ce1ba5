"""What one layer makes of what arrives: numbers a person can check by hand."""

from __future__ import annotations

from math import cos, sin
from typing import Any

import pytest
import torch

from engine import kinds
from engine.analysis.measure import runner
from engine.analysis.walk import measure
from engine.kinds import Layer
from engine.kinds.code import Code, expression
from engine.kinds.ports import Incoming, Port
from engine.kinds.shapes import Pattern, Shape, per_sample
from engine.layers.adaptive import GlobalAvgPool
from engine.layers.arithmetic import Einsum
from engine.layers.attention import Embedding, EmbeddingBag, MultiheadAttention
from engine.layers.batch_norm import BatchNorm2d
from engine.layers.combine import Add, Concatenate, Multiply
from engine.layers.convolution import Conv1d, Conv2d
from engine.layers.cutting import Chunk, Split
from engine.layers.dense import Linear
from engine.layers.pooling import MaxPool2d
from engine.layers.positions import LearnedPositions, RotaryPositions, SinusoidalPositions
from engine.layers.recurrent import GRU, LSTM, SEQUENCE
from engine.layers.reshape import Flatten, Permute, Reshape
from engine.layers.sample_norm import InstanceNorm2d, LayerNorm
from engine.layers.spectral import LogMelSpectrogram, Spectrogram
from engine.layers.transformer import TransformerDecoder, TransformerEncoder

PICTURE = per_sample(32, 14, 14)


@pytest.mark.parametrize(
    ("kind", "arrivals", "output", "parameters", "macs", "source"),
    [
        (
            Conv2d(out_channels=64, padding=1),
            (PICTURE,),
            per_sample(64, 14, 14),
            18_496,
            3_612_672,
            "nn.Conv2d(32, 64, 3, padding=1)",
        ),
        (
            Conv2d(out_channels=32, groups=32, padding="same"),
            (PICTURE,),
            per_sample(32, 14, 14),
            320,
            56_448,
            'nn.Conv2d(32, 32, 3, padding="same", groups=32)',
        ),
        (Linear(out_features=10), (per_sample(3136),), per_sample(10), 31_370, 31_360, "nn.Linear(3136, 10)"),
        (MaxPool2d(), (PICTURE,), per_sample(32, 7, 7), 0, 0, "nn.MaxPool2d(2)"),
        (BatchNorm2d(), (PICTURE,), PICTURE, 64, 0, "nn.BatchNorm2d(32)"),
        (
            InstanceNorm2d(track_running_stats=True, momentum=0.2),
            (PICTURE,),
            PICTURE,
            0,
            0,
            "nn.InstanceNorm2d(32, momentum=0.2, track_running_stats=True)",
        ),
        (
            EmbeddingBag(entries=5, width=4, padding_idx=0, max_norm=1.0),
            (per_sample(6, dtype="int"),),
            per_sample(4),
            20,
            0,
            "nn.EmbeddingBag(5, 4, max_norm=1.0, padding_idx=0)",
        ),
        (LayerNorm(axes=2), (PICTURE,), PICTURE, 392, 0, "nn.LayerNorm((14, 14))"),
        (
            LSTM(hidden_size=64, bidirectional=True),
            (per_sample(24, 1), None, None, None),
            per_sample(128),
            34_304,
            24 * 2 * 4 * 64 * 65,
            "nn.LSTM(1, 64, batch_first=True, bidirectional=True)",
        ),
        (
            GRU(hidden_size=8, num_layers=2, dropout=0.5, give=SEQUENCE),
            (per_sample(5, 3), None, None),
            per_sample(5, 8),
            3 * 8 * (3 + 8 + 2) + 3 * 8 * (8 + 8 + 2),
            5 * (3 * 8 * 11 + 3 * 8 * 16),
            "nn.GRU(3, 8, num_layers=2, batch_first=True, dropout=0.5)",
        ),
        (
            Embedding(entries=10, width=4),
            (per_sample(7, dtype="int"),),
            per_sample(7, 4),
            40,
            0,
            "nn.Embedding(10, 4)",
        ),
        (
            MultiheadAttention(heads=2),
            (per_sample(5, 8), per_sample(3, 6), None, None),
            per_sample(5, 8),
            8 * (8 + 6 + 6 + 8) + 4 * 8,
            5 * 8 * 8 * 2 + 2 * 3 * 6 * 8 + 2 * 5 * 3 * 8,
            "nn.MultiheadAttention(8, 2, kdim=6, vdim=6, batch_first=True)",
        ),
    ],
)
def test_modules_by_hand(
    kind: Layer, arrivals: Any, output: Shape, parameters: int, macs: int, source: str
) -> None:
    found = measure(kind, arrivals)
    assert found.outputs == (output,)
    assert (found.parameters, found.macs) == (parameters, macs)
    assert found.code is not None
    assert found.code.make is not None
    assert found.code.make.source() == source


@pytest.mark.parametrize(
    ("kind", "arrivals", "output", "line"),
    [
        (Flatten(), (PICTURE,), per_sample(6272), "{out} = {x}.flatten(1)"),
        (Reshape(sizes=(2, -1)), (PICTURE,), per_sample(2, 3136), "{out} = {x}.reshape(-1, 2, 3136)"),
        (Permute(), (per_sample(4, 9),), per_sample(9, 4), "{out} = {x}.permute(0, 2, 1)"),
        (GlobalAvgPool(), (PICTURE,), per_sample(32), "{out} = {x}.mean((2, 3))"),
        (Add(), ((PICTURE, PICTURE),), PICTURE, "{out} = {xs[0]} + {xs[1]}"),
        (Multiply(stretch=True), ((PICTURE, per_sample(32, 1, 1)),), PICTURE, "{out} = {xs[0]} * {xs[1]}"),
        (
            Concatenate(),
            ((PICTURE, per_sample(3, 14, 14)),),
            per_sample(35, 14, 14),
            "{out} = torch.cat([{xs[0]}, {xs[1]}], 1)",
        ),
    ],
)
def test_expressions_by_hand(kind: Layer, arrivals: Any, output: Shape, line: str) -> None:
    found = measure(kind, arrivals)
    assert found.outputs == (output,)
    assert found.code is not None
    assert found.code.lines == (line,)


@pytest.mark.parametrize(
    ("kind", "arrivals", "name", "expected", "why", "settings"),
    [
        (
            Conv2d(kernel_size=20),
            (PICTURE,),
            "kernel-too-large",
            "a height of at least 20, padding included",
            "The window spans 20; a height of 14 with 0 added at each end has 14.",
            (("kernel_size", 14), ("padding", 3)),
        ),
        (
            Conv2d(groups=5),
            (PICTURE,),
            "groups-do-not-divide",
            "channels and filters that 5 groups share evenly",
            "32 channels and 32 filters do not both split into 5 equal parts.",
            (("groups", 4), ("groups", 8), ("groups", 2)),
        ),
        (
            Conv2d(padding=9, padding_mode="circular", kernel_size=1),
            (per_sample(1, 8, 9),),
            "padding-too-large",
            "a padding of at most 8",
            "Circular padding takes what it adds from the map itself, and its height is 8.",
            (("padding", (8, 9)), ("padding_mode", "zeros")),
        ),
        (
            Conv1d(padding="same", stride=2),
            (per_sample(1, 8),),
            "same-needs-stride-1",
            'a stride of 1 with padding "same"',
            "With a stride above 1 the map shrinks, so it cannot keep its size.",
            (("stride", 1), ("padding", 1)),
        ),
        (
            MaxPool2d(padding=2),
            (PICTURE,),
            "padding-too-large",
            "a padding of at most half the window, 1",
            "Otherwise a window would lie wholly in the padding and see nothing.",
            (("padding", 1),),
        ),
        (
            Linear(),
            (PICTURE,),
            "not-flat",
            "N×features",
            "It works on the last axis, and that is one row of 14 numbers, not the whole sample.",
            (("each", True),),
        ),
        (
            MultiheadAttention(heads=5),
            (per_sample(4, 12), None, None, None),
            "heads-do-not-divide",
            "a width that 5 heads share evenly",
            "The width is 12, and 12 / 5 leaves a rest.",
            (("heads", 6), ("heads", 4), ("heads", 3)),
        ),
        (
            Reshape(sizes=(5, 4)),
            (per_sample(24),),
            "reshape-count",
            "20 numbers for each sample",
            "A sample has 24 numbers, and reshaping keeps them all.",
            (("sizes", (-1, 4)), ("sizes", (-1,))),
        ),
        (
            Add(),
            ((PICTURE, per_sample(32, 1, 1), PICTURE),),
            "unequal-shapes",
            "N×32×14×14 at every input",
            "Input 2 brings N×32×1×1, and they are combined number by number.",
            (("stretch", True),),
        ),
        (
            Concatenate(),
            ((per_sample(4, 8), per_sample(4, 9)),),
            "unequal-shapes",
            "shapes equal to N×4×8 but for axis 1",
            "Input 2 brings N×4×9.",
            (("axis", 2),),
        ),
        (
            Permute(),
            (PICTURE,),
            "order-differs",
            "each of the axes 1, 2, 3 once",
            "The order names 2, 1.",
            (("order", (2, 3, 1)), ("order", (3, 2, 1))),
        ),
    ],
)
def test_objections_by_hand(
    kind: Layer, arrivals: Any, name: str, expected: str, why: str, settings: tuple[tuple[str, Any], ...]
) -> None:
    (objection,) = measure(kind, arrivals).objections
    assert objection.name == name
    assert str(objection.expected) == expected
    assert str(objection.why) == why
    assert objection.facts["settings"] == settings


def test_a_transformer_has_the_parameters_of_the_paper() -> None:
    """Six encoder and six decoder layers of width 512, as in "Attention is all you need"."""
    sequence = per_sample(10, 512)
    settings = {"heads": 8, "feedforward": 2048, "layers": 6}
    encoder = measure(TransformerEncoder(**settings), (sequence, None))
    decoder = measure(TransformerDecoder(**settings), (sequence, per_sample(12, 512), None, None))
    assert encoder.parameters + decoder.parameters == 44_140_544


def test_sinusoidal_positions_are_those_of_the_paper() -> None:
    code = measure(SinusoidalPositions(), (per_sample(5, 6),)).code
    assert code is not None
    (found,) = runner(code.lines, ("x",), ("out",))(None, torch.zeros(2, 5, 6))
    for step in range(5):
        for i in range(3):
            angle = step / 10_000 ** (2 * i / 6)
            assert found[1, step, 2 * i] == pytest.approx(sin(angle), abs=1e-6)
            assert found[1, step, 2 * i + 1] == pytest.approx(cos(angle), abs=1e-6)


def test_rotary_positions_make_products_depend_on_the_distance_alone() -> None:
    code = measure(RotaryPositions(heads=2), (per_sample(6, 8),)).code
    assert code is not None
    row = torch.randn(8)
    (found,) = runner(code.lines, ("x",), ("out",))(None, row.expand(1, 6, 8))
    products = found[0] @ found[0].T
    for distance in range(6):
        diagonal = products.diagonal(distance)
        torch.testing.assert_close(diagonal, diagonal[:1].expand_as(diagonal), rtol=1e-4, atol=1e-5)


def test_a_sum_of_products_follows_its_equation() -> None:
    found = measure(Einsum(equation="nij,njk->nik"), ((per_sample(2, 3), per_sample(3, 4)),))
    assert found.outputs == (per_sample(2, 4),)
    assert found.macs == 24
    (objection,) = measure(Einsum(), ((per_sample(2, 3), per_sample(5, 4)),)).objections
    assert (objection.name, str(objection.why)) == ("inner-sizes-differ", "Input 2 has 5 there.")


def test_the_number_of_outputs_follows_the_settings() -> None:
    kind = Split(sizes=(1, 2, 3))
    assert kind.outputs == ("out1", "out2", "out3")
    assert measure(kind, (per_sample(6, 2),)).outputs == (
        per_sample(1, 2),
        per_sample(2, 2),
        per_sample(3, 2),
    )
    assert kinds.changed(Chunk(), "pieces", 3).outputs == ("out1", "out2", "out3")


def test_mel_bands_cover_every_frequency_between_the_outer_ones() -> None:
    code = measure(LogMelSpectrogram(window=512, hop=256, mels=20), (per_sample(4000),)).code
    assert code is not None
    seconds = torch.arange(4000) / 16_000
    run = runner(code.lines, ("x",), ("out",))
    tones = [torch.sin(6.2832 * pitch * seconds)[None] for pitch in (300, 800, 2000, 5000)]
    strongest = [int(run(None, tone)[0].mean(2).argmax()) for tone in tones]
    assert strongest == sorted(set(strongest)), "a higher tone is heard in a higher band"


@pytest.mark.parametrize("length", [16, 17])
@pytest.mark.parametrize("window", [8, 9])
def test_a_spectrogram_says_how_many_stretches_there_are(window: int, length: int) -> None:
    kind, arrival = Spectrogram(window=window, hop=2), per_sample(length)
    stretches = measure(kind, (arrival,)).outputs[0].sample[1]
    x = kind.ports()[0].pattern.match(arrival)
    assert x is not None
    assert kind.sizing(Incoming(arrival, x)).endswith(f" / 2⌋ + 1 = {stretches}")


def test_a_batch_that_is_swallowed_is_noticed() -> None:
    class Swallows(Layer):
        input_ports = (Port(Pattern("N *"), "anything", "x"),)

        def torch(self, x: Any) -> Code:
            return expression("{x}.reshape(1, -1)")

    (objection,) = measure(Swallows(), (per_sample(4),)).objections
    assert objection.name == "batch-lost"
    assert str(objection.why) == "17 samples give 1×68 and 23 give 1×92, so values of different samples mix."


def test_what_pytorch_refuses_is_said_in_its_words() -> None:
    class Tears(Layer):
        input_ports = (Port(Pattern("N *"), "anything", "x"),)

        def torch(self, x: Any) -> Code:
            return expression("{x}.reshape(-1, 7)")

    (objection,) = measure(Tears(), (per_sample(4),)).objections
    assert objection.name == "torch"
    assert str(objection.why).startswith("PyTorch says: ")


@pytest.mark.parametrize("norm", ["none", "weight norm", "spectral norm"])
def test_weights_have_the_names_and_sizes_that_the_layer_uses(norm: str) -> None:
    """Under a norm, too, which keeps a weight in parts."""
    measured = measure(Linear(out_features=10, norm=norm), (per_sample(7),))
    assert dict(measured.weights) == {"weight": (10, 7), "bias": (10,)}


def test_a_layer_that_is_a_weight_itself_has_one_without_a_name() -> None:
    measured = measure(LearnedPositions(), (per_sample(5, 4),))
    assert measured.weights == (("", (1, 5, 4)),)
    assert measured.parameters == 20


def test_what_learns_nothing_has_no_weights() -> None:
    assert measure(Flatten(), (PICTURE,)).weights == ()
