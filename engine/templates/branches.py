"""What reads one column of the data in a suggested network: from its Input to a row of numbers."""

from __future__ import annotations

from attrs import frozen

from engine.data.schema import Column
from engine.layers.activation import ReLU
from engine.layers.adaptive import GlobalAvgPool, GlobalMaxPool
from engine.layers.attention import Embedding
from engine.layers.batch_norm import BatchNorm1d, BatchNorm2d, BatchNorm3d
from engine.layers.combine import Concatenate
from engine.layers.convolution import Conv1d, Conv2d, Conv3d
from engine.layers.dense import Linear
from engine.layers.dropout import Dropout
from engine.layers.input_output import Input
from engine.layers.pooling import MaxPool1d, MaxPool2d, MaxPool3d
from engine.layers.rearrange import Transpose, Unsqueeze
from engine.layers.recurrent import LSTM
from engine.layers.reduce import Mean
from engine.layers.reshape import Flatten
from engine.message import Message, Trouble
from engine.templates.builder import Sketch

SMALL = 500  # samples below which a network has to be small, or it learns them by heart
LONG = 64  # steps from which a series is shortened by convolutions rather than read one by one
WIDE_MAPS = 8  # pixels along a side down to which a picture is pooled
RARE = 500  # words of a vocabulary from which most are too rare for filters of their own


@frozen
class Branch:
    """What was drawn for a column: the layer whose result is a row of so many numbers for each sample, and
    what it is in words. `plain` says that they are the numbers of a table, nothing learnt of them yet.
    """

    id: str
    width: int
    words: Message
    plain: bool = False


def entered(sketch: Sketch, name: str, only: bool) -> str:
    """The Input of a column; the first one of the data names none."""
    return sketch.add(Input(column="" if only else name), name=None if only else name)


def branch(sketch: Sketch, column: Column, x: str, samples: int) -> Branch:
    """What makes a row of numbers out of a column that enters at `x`. Raises `Trouble` where nobody knows."""
    axes = len(column.shape)
    if column.dtype == "int":
        if axes == 0 and column.most is not None:
            return _category(sketch, column, x)
        if axes == 1 and column.most is not None:
            return _text(sketch, column, x)
    elif axes == 1 and column.kind == "audio":
        return _convolved_series(sketch, sketch.add(Unsqueeze(), x), 1, column.shape[0], samples)
    elif axes == 1:
        words = Message("{n} number{n:|s}", n=column.shape[0])
        return Branch(x, column.shape[0], words, plain=True)
    elif axes == 2:
        return _series(sketch, column, x, samples)
    elif axes == 3:
        return _picture(sketch, column, x, samples)
    elif axes == 4:
        return _video(sketch, column, x, samples)
    raise Trouble(
        "No network is known for the column {column}: expected numbers, names, words, series, pictures or "
        "videos, received {shape}. Draw one yourself, or give the column another type.",
        column=column.name,
        shape=str(column.shaped),
    )


def embedding_width(entries: int) -> int:
    """How many numbers stand for each of so many names: more names need more, but ever fewer for each.

    Source: Howard and Gugger 2020, "fastai: a layered API for deep learning", its rule for categories.
    """
    wide: float = 1.6 * entries**0.56
    return max(2, min(50, round(wide)))


def _category(sketch: Sketch, column: Column, x: str) -> Branch:
    entries = (column.most or 0) + 1
    width = embedding_width(entries)
    x = sketch.add(Embedding(entries=entries, width=width), x)
    return Branch(x, width, Message("{n} numbers learnt for each {column}", n=width, column=column.name))


def _text(sketch: Sketch, column: Column, x: str) -> Branch:
    """Filters over neighbouring signs; where most signs are rare, beside the mean of all."""
    entries, length = (column.most or 0) + 1, column.shape[0]
    embedded = sketch.add(Embedding(entries=entries, width=32), x)
    if length < 3:
        return Branch(sketch.add(Flatten(), embedded), 32 * length, Message("an embedding"))
    words = Message("filters over {length} signs of {column}", length=length, column=column.name)
    if entries <= RARE:
        x = sketch.chain(embedded, Transpose(), Conv1d(out_channels=96, kernel_size=3, padding=1), ReLU())
        return Branch(sketch.add(GlobalMaxPool(), x), 96, words)
    embedded = sketch.add(Dropout(rate=0.3), embedded)
    pairs = sketch.chain(embedded, Transpose(), Conv1d(out_channels=32, kernel_size=2), ReLU())
    pairs = sketch.add(GlobalAvgPool(), pairs)
    return Branch(sketch.add(Concatenate(), pairs, sketch.add(Mean(), embedded)), 64, words)


def _series(sketch: Sketch, column: Column, x: str, samples: int) -> Branch:
    steps, quantities = column.shape
    if steps > LONG:
        return _convolved_series(sketch, sketch.add(Transpose(), x), quantities, steps, samples)
    width = 32 if samples < SMALL else 64
    x = sketch.add(LSTM(hidden_size=width), x)
    return Branch(x, width, Message("an LSTM that reads {steps} steps of {column}", **_of(column, steps)))


def _of(column: Column, steps: int) -> dict[str, object]:
    return {"steps": steps, "column": column.name}


def _convolved_series(sketch: Sketch, x: str, channels: int, steps: int, samples: int) -> Branch:
    """Convolutions along time, each followed by pooling, from channels×steps."""
    filters, pool = 16 if samples < SMALL else 32, 4 if steps > 16 * LONG else 2
    layers = 0
    while steps >= WIDE_MAPS * pool and layers < 5:
        x = sketch.chain(x, Conv1d(out_channels=filters, kernel_size=5, padding=2), BatchNorm1d(), ReLU())
        x = sketch.add(MaxPool1d(kernel_size=pool), x)
        channels, steps, layers = filters, steps // pool, layers + 1
        filters = min(2 * filters, 128)
    x = sketch.add(GlobalAvgPool(), x)
    words = Message("{layers} convolution{layers:|s} along time", layers=layers)
    return Branch(x, channels, words)


def _picture(sketch: Sketch, column: Column, x: str, samples: int) -> Branch:
    """Convolutions that double their filters where pooling halves the picture."""
    channels, height, width = column.shape
    filters, layers = 16 if samples < SMALL else 32, 0
    while True:
        x = sketch.chain(x, Conv2d(out_channels=filters, padding=1), BatchNorm2d(), ReLU())
        channels, layers = filters, layers + 1
        if min(height, width) < 4 or (layers > 1 and max(height, width) <= WIDE_MAPS // 2):
            break
        x = sketch.add(MaxPool2d(), x)
        height, width = height // 2, width // 2
        if max(height, width) <= WIDE_MAPS // 2 and layers > 1:
            break
        filters = min(2 * filters, 128)
    words = Message(
        "{layers} convolution{layers:|s} over {size}",
        layers=layers,
        size="×".join(map(str, column.shape[1:])),
    )
    if height * width <= WIDE_MAPS:  # where things stand still tells something, and costs few weights
        return Branch(sketch.add(Flatten(), x), channels * height * width, words)
    return Branch(sketch.add(GlobalAvgPool(), x), channels, words)


def _video(sketch: Sketch, column: Column, x: str, samples: int) -> Branch:
    """Filters in time and space, over frames×channels×height×width."""
    frames, _, height, width = column.shape
    x = sketch.add(Transpose(), x, name="colour first")
    filters, layers = 16, 0
    while True:
        x = sketch.chain(x, Conv3d(out_channels=filters, padding=1), BatchNorm3d(), ReLU())
        layers += 1
        if (layers == 2 and min(height, width) <= WIDE_MAPS) or layers == 4 or min(height, width) < 4:
            break
        x = sketch.add(MaxPool3d(kernel_size=(2 if frames > 3 else 1, 2, 2)), x)
        frames, height, width = frames // 2 if frames > 3 else frames, height // 2, width // 2
        filters = min(2 * filters, 64)
    words = Message("{layers} convolutions over {frames} frames", layers=layers, frames=column.shape[0])
    return Branch(sketch.add(GlobalAvgPool(), x), filters, words)


def dense(sketch: Sketch, x: str, width: int, samples: int) -> tuple[str, Message]:
    """Dense layers over a row of `width` numbers: as wide and as many as so many samples can fill."""
    wide = 32 if samples < SMALL else 64 if samples < 20_000 else 128 if samples < 200_000 else 256
    layers = 1 if samples < SMALL else 2
    # what few numbers say is needed whole, and what many samples say is not learnt by heart
    rate = 0.0 if width < 5 or samples > 50_000 else 0.3 if samples < 1_000 else 0.1
    for _ in range(layers):
        x = sketch.add(Linear(out_features=wide), x)
        if samples >= 5_000:
            x = sketch.add(BatchNorm1d(), x)
        x = sketch.add(ReLU(), x)
        if rate:
            x = sketch.add(Dropout(rate=rate), x)
    return x, Message("{n} dense layer{n:|s} {width} wide", n=layers, width=wide)
