"""Networks of every sort to export, and runs of them with first weights in the place of trained ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save

from engine.codegen.build import build
from engine.data.sets.series import Sunspots
from engine.data.settings import DataSettings
from engine.data.source import Source
from engine.kinds import Layer
from engine.losses.binary import BinaryCrossEntropy
from engine.losses.regression import MeanSquaredError
from engine.project.project import Project
from engine.runs.record import Record
from engine.store import project_file
from engine.templates.builder import Sketch
from tests.engine.projects import layer, source


def record(project: Project, folder: Path, seed: int = 0) -> Record:
    """A run of a project. Running statistics are shaken, so that losing them would show."""
    folder.mkdir(parents=True)
    state = build(project, seed).module.state_dict()
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in state.items():
        if name.endswith(("running_mean", "running_var")):
            lo, hi = (-0.1, 0.1) if name.endswith("mean") else (0.05, 0.2)
            tensor.uniform_(lo, hi, generator=generator)
    weights = {name: tensor.clone().contiguous() for name, tensor in state.items()}
    (folder / "weights.safetensors").write_bytes(save(weights))
    facts = {
        "format": 1,
        "number": 1,
        "title": project.graph.name,
        "reason": "done",
        "project": project_file.to_json(project),
        "metrics": {},
    }
    (folder / "run.json").write_text(json.dumps(facts), encoding="utf-8")
    return Record(folder)


def line(title: str, data: str | Source, *layers: Layer) -> Project:
    """Layers one after the other, between an Input and the Output that is the last of them."""
    sketch = Sketch(title, DataSettings(source=source(data) if isinstance(data, str) else data))
    sketch.chain(sketch.add(layer("Input")), *layers)
    return sketch.project()


def cnn() -> Project:
    """A picture, convolution and running statistics."""
    return line(
        "Digits CNN",
        "Digits",
        layer("Conv2d", out_channels=4, padding=1),
        layer("BatchNorm2d"),
        layer("ReLU"),
        layer("MaxPool2d"),
        layer("Flatten"),
        layer("Dropout"),
        layer("Linear", out_features=10),
        layer("Output"),
    )


def mlp() -> Project:
    """A table, yes or no."""
    return line(
        "Breast MLP",
        "BreastCancer",
        layer("Linear", out_features=8),
        layer("BatchNorm1d"),
        layer("GELU"),
        layer("Linear", out_features=1),
        layer("Output", loss=BinaryCrossEntropy()),
    )


def regression() -> Project:
    """A table, and a number that is scaled."""
    return line(
        "Diabetes",
        "Diabetes",
        layer("Linear", out_features=4),
        layer("Tanh"),
        layer("Linear", out_features=1),
        layer("Output", loss=MeanSquaredError()),
    )


def lstm() -> Project:
    """A series, read from both ends, its last states joined."""
    return line(
        "Series",
        Sunspots(window=2),
        layer("LSTM", hidden_size=6, bidirectional=True),
        layer("Linear", out_features=1),
        layer("Output", loss=MeanSquaredError()),
    )


def gru() -> Project:
    """A series, a state for every step."""
    return line(
        "Gated",
        Sunspots(window=2),
        layer("GRU", hidden_size=6, give="sequence"),
        layer("Flatten"),
        layer("Linear", out_features=1),
        layer("Output", loss=MeanSquaredError()),
    )


def padded() -> Project:
    """Sequences of different length, read forward and from both ends, with all that is remembered."""
    sketch = Sketch("Padded", DataSettings(source=source("Digits")))
    x = sketch.chain(sketch.add(layer("Input")), layer("Reshape", sizes=[8, 8]))
    lengths = sketch.add(layer("Input", column="label"))
    options = {"hidden_size": 5, "num_layers": 2, "bidirectional": True, "dropout": 0.2}
    read = sketch.add(layer("LSTM", give="sequence and states", **options), x, None, lengths)
    ends = [(read, "state"), (read, "cell")]
    ends += [sketch.add(layer("GRU", padding=0.0, **options), read)]
    for kind, give in (("LSTM", "last state"), ("GRU", "sequence"), ("RNN", "sequence")):
        again = sketch.add(layer(kind, hidden_size=5, give=give, num_layers=2, padding=0.0), read)
        ends.append(again if give == "last state" else sketch.add(layer("Flatten"), again))
    both = sketch.add(
        layer("RNN", bidirectional=True, nonlinearity="relu", give="sequence"), x, None, lengths
    )
    ends.append(sketch.add(layer("Flatten"), both))
    joined = sketch.add(layer("Concatenate"), *ends)
    sketch.chain(joined, layer("Linear", out_features=10), layer("Output"))
    return sketch.project()


def attention() -> Project:
    """Attention that may not look ahead, with a skip."""
    sketch = Sketch("Attention", DataSettings(source=source("Digits")))
    x = sketch.chain(sketch.add(layer("Input")), layer("Reshape", sizes=[8, 8]))
    gathered = sketch.add(layer("MultiheadAttention", heads=2, causal=True), x)
    x = sketch.add(layer("LayerNorm"), sketch.add(layer("Add"), x, gathered))
    sketch.chain(x, layer("Flatten"), layer("Linear", out_features=10), layer("Output"))
    return sketch.project()


def embedding() -> Project:
    """Whole numbers in."""
    sketch = Sketch("Words", DataSettings(source=source("Digits")))
    x = sketch.add(layer("Input", column="label"))
    sketch.chain(
        x, layer("Embedding", entries=10, width=4), layer("Linear", out_features=10), layer("Output")
    )
    return sketch.project()


def several() -> Project:
    """A picture and a whole number in, two outputs; names that an exporter might use itself."""
    sketch = Sketch("several", DataSettings(source=source("Digits")))
    picture = sketch.chain(sketch.add(layer("Input"), name="conv2d"), layer("Flatten"))
    number = sketch.add(layer("Input", column="label"), name="linear")
    number = sketch.chain(number, layer("Embedding", entries=10, width=6), layer("ReLU"))
    joined = sketch.add(layer("Concatenate"), picture, number)
    x = sketch.chain(joined, layer("Linear", out_features=12), layer("ReLU"))
    first = sketch.add(layer("Linear", out_features=10), x)
    sketch.add(layer("Output"), first, name="relu")
    sketch.add(layer("Output", weight=0.5), sketch.add(layer("Linear", out_features=10), x), name="linear 1")
    sketch.add(layer("Output"), first, name="same again")
    return sketch.project()


NETWORKS: dict[str, Callable[[], Project]] = {
    made.__name__: made for made in (cnn, mlp, regression, lstm, gru, padded, attention, embedding, several)
}
