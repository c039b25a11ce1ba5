"""Mistakes whose way out is a setting of a layer above, or a layer that turns what arrives."""

from __future__ import annotations

from engine.project.project import Project
from tests.engine.chains import FLAT, OUT, ROWS, TAIL, TEN, chain, conv, joined, loss
from tests.engine.projects import layer

SEVEN, FIFTY = (layer("Linear", out_features=width) for width in (7, 50))
COLUMNS = layer("Reshape", sizes=(4, 16))


# Each: the network, the layer where it shows, the name of the problem, the first way out.
AT_LAYERS: dict[str, tuple[Project, str, str, str]] = {
    "steps before channels": (
        chain(
            layer("Conv1d"), FLAT, layer("Linear", out_features=1), loss("MeanSquaredError"), data="Sunspots"
        ),
        "conv1",
        "kernel-too-large",
        "Insert Transpose, so that the channels come first",
    ),
    "channels after height and width": (
        chain(layer("Reshape", sizes=(8, 8, 1)), conv(), *TAIL),
        "conv1",
        "kernel-too-large",
        "Insert Permute, so that the channels come first",
    ),
    "matrices side by side": (
        joined([COLUMNS], [COLUMNS], "MatMul"),
        "matmul1",
        "inner-sizes-differ",
        "Turn what reshape1 gives, with a Transpose",
    ),
    "matrices that do not meet": (
        joined([ROWS], [COLUMNS], "MatMul"),
        "matmul1",
        "inner-sizes-differ",
        "Insert a Linear with 4 outputs",
    ),
    "an LSTM after the last state of another": (
        chain(ROWS, layer("LSTM"), layer("LSTM"), TEN, OUT),
        "lstm2",
        "wrong-shape",
        "Let lstm1 give its sequence",
    ),
    "attention to a last state": (
        chain(ROWS, layer("LSTM"), layer("MultiheadAttention"), *TAIL),
        "attention1",
        "wrong-shape",
        "Let lstm1 give its sequence",
    ),
    "an odd row for a gate": (
        chain(FLAT, SEVEN, layer("GLU"), TEN, OUT),
        "glu1",
        "axis-odd",
        "Set linear1 to 8 outputs",
    ),
    "odd channels for a gate": (
        chain(conv(7), layer("GLU"), *TAIL),
        "glu1",
        "axis-odd",
        "Set conv1 to 8 filters",
    ),
    "positions of an odd width": (
        chain(ROWS, SEVEN, layer("SinusoidalPositions"), *TAIL),
        "positions1",
        "width-odd",
        "Set linear1 to 8 outputs",
    ),
    "turned positions of an odd width": (
        chain(ROWS, layer("LSTM", hidden_size=7, give="sequence"), layer("RotaryPositions"), *TAIL),
        "rotary1",
        "heads-do-not-divide",
        "Set lstm1 to 8 wide",
    ),
    "a memory of another width": (
        joined([ROWS], [COLUMNS], "TransformerDecoderLayer"),
        "decoder1",
        "unequal-widths",
        "Insert a Linear with 8 outputs",
    ),
    "channels that make no pixels": (
        chain(conv(30), layer("PixelShuffle"), *TAIL),
        "pixelshuffle1",
        "channels-do-not-divide",
        "Set conv1 to 32 filters",
    ),
    "an unpooling that knows no places": (
        chain(conv(), layer("MaxPool2d"), layer("MaxUnpool2d"), *TAIL),
        "unpool1",
        "unwired",
        "Let pool1 remember its places and wire them",
    ),
    "one axis more than the equation names": (
        chain(layer("Einsum", equation="nij->ni"), TEN, OUT),
        "einsum1",
        "rank-differs",
        "Insert Squeeze",
    ),
    "one axis less than the equation names": (
        chain(ROWS, layer("Einsum", equation="ncij->ni"), TEN, OUT),
        "einsum1",
        "rank-differs",
        "Insert Unsqueeze",
    ),
    "a window longer than the sound": (
        chain(FLAT, layer("Spectrogram"), *TAIL),
        "spectrogram1",
        "window-too-long",
        "Set window to 64",
    ),
    "too few numbers for a picture": (
        chain(FLAT, FIFTY, layer("Reshape", sizes=(1, 8, 8)), loss("MeanSquaredError", "image")),
        "reshape1",
        "reshape-count",
        "Set linear1 to 64 outputs",
    ),
    "numbers that do not come out in rows": (
        chain(FLAT, FIFTY, layer("Reshape", sizes=(-1, 7)), *TAIL),
        "reshape1",
        "reshape-count",
        "Set linear1 to 56 outputs",
    ),
    "a gate for each channel": (
        joined([conv(padding=1)], [FLAT, layer("Linear", out_features=32)], "Multiply"),
        "multiply1",
        "unequal-shapes",
        "Reshape linear1 to 32×1×1 and let it stretch",
    ),
    "complex numbers for a Linear": (
        chain(FLAT, layer("FourierTransform", give="complex"), TEN, OUT),
        "linear1",
        "wrong-numbers",
        "Let fouriertransform1 give how strong each wave is",
    ),
    "complex numbers at the end": (
        chain(FLAT, layer("Linear", out_features=18), layer("FourierTransform", give="complex"), OUT),
        "output1",
        "wrong-numbers",
        "Let fouriertransform1 give how strong each wave is",
    ),
    "whole numbers at the end": (
        chain(FLAT, TEN, layer("Cast", to="int"), OUT),
        "output1",
        "wrong-numbers",
        "Let cast1 give decimal numbers",
    ),
    "whole numbers for a Linear": (
        chain(TEN, layer("Reshape", sizes=(10, 8)), OUT, data="Backwards"),
        "linear1",
        "wrong-numbers",
        "Insert Embedding, a learned row for each number",
    ),
}
