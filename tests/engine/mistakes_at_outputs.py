"""Mistakes that show at an Output: shapes, targets and losses that do not go together."""

from __future__ import annotations

from engine.project.project import Project
from tests.engine.chains import FLAT, OUT, ROWS, TEN, chain, conv, loss
from tests.engine.projects import layer

WORDS = layer("Embedding", entries=10, width=16)

# Each: the network, the layer where it shows, the name of the problem, the first way out.
AT_OUTPUTS: dict[str, tuple[Project, str, str, str]] = {
    "scores along the last axis": (
        chain(WORDS, layer("GRU", give="sequence"), TEN, OUT, data="Backwards"),
        "output1",
        "prediction-shape",
        "Insert Transpose of the axes 1 and 2",
    ),
    "a sequence for one class": (
        chain(ROWS, layer("LSTM", give="sequence"), TEN, OUT),
        "output1",
        "prediction-shape",
        "Insert Flatten and Linear",
    ),
    "a row for a picture": (
        chain(FLAT, layer("Linear", out_features=64), loss("MeanSquaredError", "image")),
        "output1",
        "sizes-differ",
        "Insert Reshape to 1×8×8",
    ),
    "a row of another length for a picture": (
        chain(FLAT, layer("Linear", out_features=50), loss("MeanSquaredError", "image")),
        "output1",
        "sizes-differ",
        "Set linear1 to 64 outputs and insert Reshape to 1×8×8",
    ),
    "a smaller picture than the target": (
        chain(conv(1), loss("MeanSquaredError", "image")),
        "output1",
        "sizes-differ",
        "Set the padding of conv1 to 1",
    ),
    "a larger picture than the target": (
        chain(conv(), layer("ConvTranspose2d", out_channels=1), loss("MeanSquaredError", "image")),
        "output1",
        "sizes-differ",
        "Set the padding of up1 to 2",
    ),
    "more channels than the target": (
        chain(conv(8, padding=1), loss("MeanSquaredError", "image")),
        "output1",
        "sizes-differ",
        "Set conv1 to 1 filter",
    ),
    "a smaller picture with more channels": (
        chain(conv(8), loss("MeanSquaredError", "image")),
        "output1",
        "sizes-differ",
        "Set conv1 to 1 filter and its padding to 1",
    ),
    "an autoencoder that is judged by the label": (
        chain(conv(1, padding=1), loss("MeanSquaredError")),
        "output1",
        "target-kind",
        "Take the column image",
    ),
    "maps and a loss of numbers for a class": (
        chain(conv(), loss("MeanSquaredError")),
        "output1",
        "target-kind",
        "Use cross-entropy, after Flatten and a Linear with 10 outputs",
    ),
    "a loss of shares for a class": (
        chain(FLAT, layer("Linear", out_features=64), loss("KLDivergence")),
        "output1",
        "target-kind",
        "Use cross-entropy and set linear1 to 10",
    ),
    "a loss of sequences for one class": (
        chain(ROWS, TEN, loss("CTC")),
        "output1",
        "target-kind",
        "Use cross-entropy, after Flatten and a Linear with 10 outputs",
    ),
    "weights for other classes": (
        chain(FLAT, TEN, loss("CrossEntropy", class_weights="1, 2")),
        "output1",
        "class-weights",
        "Balance the classes by how rare they are",
    ),
}
