"""One network for every mistake that people make, each with where it shows and what it is called."""

from __future__ import annotations

from engine import edits
from engine.kinds import layer_from_json
from engine.project.project import Project
from tests.engine.chains import FLAT, ONE, OUT, POOL, TAIL, TEN, WHOLE, chain, conv, joined, loss
from tests.engine.mistakes_at_layers import AT_LAYERS
from tests.engine.mistakes_at_outputs import AT_OUTPUTS
from tests.engine.mistakes_before_training import BEFORE_TRAINING
from tests.engine.projects import layer

# Each: the network, the layer where it shows ("" for the whole), the name of the problem, the first way out.
MISTAKES: dict[str, tuple[Project, str, str, str]] = {
    "a Linear on a picture": (chain(TEN, OUT), "linear1", "not-flat", "Insert Flatten"),
    "a picture's convolution on a row": (
        chain(FLAT, conv(), *TAIL),
        "conv1",
        "wrong-shape",
        "Read the 64 values as a picture of 8×8",
    ),
    "a series' convolution on a picture": (
        chain(layer("Conv1d"), *TAIL),
        "conv1",
        "wrong-shape",
        "Change it to Conv2d",
    ),
    "a picture's convolution on a table": (
        chain(conv(), FLAT, TEN, OUT, data="Wine"),
        "conv1",
        "wrong-shape",
        "Remove conv1",
    ),
    "a kernel larger than the picture": (
        chain(conv(size=11), *TAIL),
        "conv1",
        "kernel-too-large",
        "Set kernel size to 8",
    ),
    "one pooling too many": (
        chain(POOL, POOL, POOL, POOL, *TAIL),
        "pool4",
        "kernel-too-large",
        "Set kernel size to 1",
    ),
    "groups that do not divide": (
        chain(conv(6), conv(8, groups=4), *TAIL),
        "conv2",
        "groups-do-not-divide",
        "Set groups to 2",
    ),
    "the same size with a stride": (
        chain(conv(padding="same", stride=2), *TAIL),
        "conv1",
        "same-needs-stride-1",
        "Set stride to 1",
    ),
    "more mirrored than there is": (
        chain(conv(padding=9, padding_mode="reflect"), *TAIL),
        "conv1",
        "padding-too-large",
        "Set padding to 7",
    ),
    "sizes that do not come out": (
        chain(layer("Reshape", sizes=(7, 7)), *TAIL),
        "reshape1",
        "reshape-count",
        "Set sizes to -1",
    ),
    "an order of other axes": (
        chain(layer("Permute", order=(2, 1)), *TAIL),
        "permute1",
        "order-differs",
        "Set order to 2×3×1",
    ),
    "an axis that is not there": (
        chain(FLAT, layer("Flatten", start=3), TEN, OUT),
        "flatten2",
        "axis-missing",
        "Set start to 1",
    ),
    "an LSTM on a picture": (
        chain(layer("LSTM"), TEN, OUT),
        "lstm1",
        "wrong-shape",
        "Read the picture row by row, 8 steps",
    ),
    "an LSTM on a row": (
        chain(FLAT, layer("LSTM"), TEN, OUT),
        "lstm1",
        "wrong-shape",
        "Read the 64 values as 64 steps",
    ),
    "real numbers for an Embedding": (
        chain(FLAT, layer("Embedding"), *TAIL),
        "embedding1",
        "wrong-numbers",
        "Change it to Linear",
    ),
    "heads that do not divide": (
        chain(layer("Reshape", sizes=(8, 8)), layer("MultiheadAttention", heads=3), *TAIL),
        "attention1",
        "heads-do-not-divide",
        "Set heads to 4",
    ),
    "too few scores": (
        chain(FLAT, layer("Linear", out_features=7), OUT),
        "output1",
        "classes-differ",
        "Set linear1 to 10 outputs",
    ),
    "no layer with weights": (
        chain(FLAT, OUT),
        "output1",
        "classes-differ",
        "Insert a Linear with 10 outputs",
    ),
    "maps for scores": (
        chain(conv(), OUT),
        "output1",
        "prediction-shape",
        "Insert Flatten and Linear",
    ),
    "a loss of numbers for classes": (
        chain(FLAT, TEN, loss("MeanSquaredError")),
        "output1",
        "target-kind",
        "Use cross-entropy",
    ),
    "a loss of classes for numbers": (
        chain(ONE, OUT, data="Diabetes"),
        "output1",
        "target-kind",
        "Use mean squared error",
    ),
    "a loss of yes and no for ten classes": (
        chain(FLAT, ONE, loss("BinaryCrossEntropy")),
        "output1",
        "target-kind",
        "Use cross-entropy and set linear1 to 10",
    ),
    "four predictions for one number": (
        chain(layer("Linear", out_features=4), loss("MeanSquaredError"), data="Diabetes"),
        "output1",
        "sizes-differ",
        "Set linear1 to 1 output",
    ),
    "a column that the data lacks": (
        edits.set_param(WHOLE, "n1", "column", "colour"),
        "input1",
        "missing-column",
        "Take the column image",
    ),
    "a target that the data lacks": (
        edits.set_param(WHOLE, "n4", "target", "colour"),
        "output1",
        "missing-column",
        "Take the column label",
    ),
    "a skip with other channels": (
        joined([conv(padding=1)], [], "Add"),
        "add1",
        "unequal-shapes",
        "Add a 1×1 Conv2d on the skip",
    ),
    "a skip past a smaller map": (joined([conv(1)], [], "Add"), "add1", "unequal-shapes", "Pool to 6×6"),
    "a skip past a stride": (
        joined([conv(16, padding=1, stride=2)], [], "Add"),
        "add1",
        "unequal-shapes",
        "Add a 1×1 Conv2d with stride 2 on the skip",
    ),
    "maps of unequal size side by side": (
        joined([conv()], [], "Concatenate"),
        "concatenate1",
        "unequal-shapes",
        "Pool to 6×6",
    ),
    "a row beside a picture": (
        joined([FLAT], [], "Concatenate"),
        "concatenate1",
        "unequal-shapes",
        "Insert Flatten",
    ),
    "rows of unequal length": (
        joined([FLAT, ONE], [FLAT], "Add"),
        "add1",
        "unequal-shapes",
        "Add a Linear on the skip",
    ),
    "a wire that is missing": (
        edits.disconnect(WHOLE, WHOLE.graph.wires[1:2]),
        "linear1",
        "unwired",
        "Wire it after flatten1",
    ),
    "a muted layer that has no wire": (
        edits.disconnect(edits.mute(WHOLE, ["n2"], True), WHOLE.graph.wires[:1]),
        "flatten1",
        "unwired",
        "Wire it after input1",
    ),
    "a sum of one": (chain(FLAT, layer("Add"), TEN, OUT), "add1", "unwired", "Remove add1"),
    "a picture for rows": (
        chain(layer("BatchNorm1d"), *TAIL),
        "norm1",
        "wrong-shape",
        "Change it to BatchNorm2d",
    ),
    "a layer that nobody knows": (
        edits.set_kind(WHOLE, "n2", layer_from_json({"kind": "Imagined"})),
        "flatten1",
        "unknown-kind",
        "Remove it and join the wires",
    ),
    "no Output": (chain(FLAT, TEN), "", "no-output", "Add an Output after linear1"),
    "no Output after a picture": (
        chain(conv()),
        "",
        "no-output",
        "Add Flatten, a Linear with 10 outputs and an Output",
    ),
    "no Input": (edits.remove(WHOLE, ["n1"]), "", "no-input", "Add an Input before flatten1"),
    "nothing at all": (
        edits.remove(chain(), ["n1"]),
        "",
        "empty",
        "Begin with the smallest network for this data",
    ),
    "weights behind whole numbers": (
        chain(FLAT, TEN, layer("Cast", to="int"), layer("Cast"), OUT),
        "",
        "nothing-to-train",
        "Insert a Linear before output1",
    ),
    "nothing that learns": (
        chain(FLAT, layer("Slice", axis=1, start=0, stop=10), OUT),
        "",
        "nothing-to-train",
        "Insert a Linear before output1",
    ),
    **AT_LAYERS,
    **AT_OUTPUTS,
    **BEFORE_TRAINING,
}
