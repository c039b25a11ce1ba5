"""What training needs of memory is told before it begins, with what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
from attrs import evolve

from engine import edits
from engine.analysis.check import check
from engine.analysis.measure import measure_layer
from engine.analysis.memory import footprint
from engine.cli.main import main
from engine.data.schema import Raw
from engine.data.settings import DataSettings
from engine.data.source import Source
from engine.hardware import memory
from engine.kinds import Layer, registry
from engine.kinds.shapes import N, Shape
from engine.message import Trouble
from engine.optim.optimiser import Optimiser
from engine.project.project import Project
from engine.repairs.propose import propose
from engine.store import project_file
from engine.templates import template
from engine.training.train import train
from tests.engine.projects import chain, layer, with_recipe

GB = 10**9


def machine(monkeypatch: pytest.MonkeyPatch, installed: float, free: float) -> None:
    """A machine with so much memory, of which so much is free, in GB."""
    monkeypatch.setattr(memory, "installed", lambda: int(installed * GB))
    monkeypatch.setattr(memory, "available", lambda: int(free * GB))
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)


def famous(id: str, **recipe: object) -> Project:
    return with_recipe(template(id).project(), **recipe)


@pytest.mark.parametrize(
    ("installed", "free", "levels"), [(64, 32, []), (64, 2, ["warning"]), (2, 1, ["error"])]
)
def test_a_large_network_is_refused_only_where_it_cannot_fit(
    monkeypatch: pytest.MonkeyPatch, installed: float, free: float, levels: list[str]
) -> None:
    machine(monkeypatch, installed, free)
    analysis = check(famous("vgg-16"))
    assert [problem.level for problem in analysis.problems] == levels
    assert analysis.trainable == (levels != ["error"])


def test_it_says_how_much_and_a_smaller_batch_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, 64, 2)
    project = famous("resnet-50", batch_size=1024)
    (problem,) = check(project).problems
    assert str(problem.message).startswith("Training needs about ")
    assert str(problem.message).endswith(" of memory, and 2.0 GB are free")
    assert "are for what the layers put out. Make the batch smaller" in str(problem.why)
    (repair,) = propose(problem)
    assert str(repair.title) == "Set the batch size to 8"
    mended = repair.apply(project)
    assert not check(mended).problems
    assert mended == edits.set_recipe(project, project.recipe.with_setting("batch_size", 8))


def test_where_the_weights_are_too_many_a_narrower_layer_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, 16, 12)
    wide = layer("Linear", out_features=100_000)
    project = chain(
        wide, layer("ReLU"), wide, layer("ReLU"), layer("Linear", out_features=3), layer("Output")
    )
    (problem,) = check(project).problems
    assert problem.level == "error"
    assert "Make linear2 smaller, which has most of them." in str(problem.why)
    (repair,) = propose(problem)
    assert str(repair.title) == "Set linear2 to 1,562 outputs"
    assert not check(repair.apply(project)).problems


def test_a_network_on_another_device_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, 2, 1)
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert not check(famous("vgg-16")).problems
    assert check(famous("vgg-16", device="cpu")).problems


def test_the_command_line_says_it_before_and_at_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAYERLOOM_DATA", str(tmp_path / "data"))
    machine(monkeypatch, 2, 1)
    path = tmp_path / "vgg.loom"
    project_file.save(famous("vgg-16"), path)
    assert main(["check", str(path)]) == 1
    assert "error: Training needs about 6." in capsys.readouterr().out
    assert main(["train", str(path)]) == 1
    assert "Training needs about 6." in capsys.readouterr().err


def pictures(samples: int, size: int, *layers: Layer, **recipe: object) -> Project:
    """A network for made-up pictures of three colours."""
    made_up = registry(Source)["RandomPictures"](height=size, width=size, classes=10, samples=samples)
    return evolve(chain(*layers, layer("Output"), **recipe), data=DataSettings(source=made_up))


def data_alone() -> Project:
    pool = layer("AvgPool2d", kernel_size=16, stride=16)
    return pictures(3000, 64, pool, layer("Flatten"), layer("Linear", out_features=10), batch_size=16)


def test_where_the_data_is_too_much_fewer_samples_are_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    project = edits.set_data(data_alone(), evolve(data_alone().data, seed=71))
    machine(monkeypatch, 0.29, 0.2)
    monkeypatch.setattr("engine.analysis.memory.SMALL", 0)
    (problem,) = [one for one in check(project).problems if one.name == "memory"]
    assert str(problem.message) == "Training needs about 295.0 MB of memory, and 200.0 MB are free"
    assert "295.0 MB of it are for the data, which is read as a whole. Choose fewer" in str(problem.why)
    repair = propose(problem)[0]
    assert str(repair.title) == "Make up 1,830 samples"
    assert not [one for one in check(repair.apply(project)).problems if one.name == "memory"]


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_nothing_is_read_that_does_not_fit(monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    def read(self: Source) -> Raw:
        raise AssertionError("it is read before it is known whether it fits")

    machine(monkeypatch, 1, 0.1)
    monkeypatch.setattr("engine.training.train.machine.choose_device", lambda wanted: torch.device(device))
    monkeypatch.setattr(registry(Source)["RandomPictures"], "load", read)
    project = edits.set_data(data_alone(), evolve(data_alone().data, seed=72))
    with pytest.raises(Trouble, match=r"295\.0 MB of it are for the data"):
        next(train(project))


MEASURE = """
import gc, sys
from engine.analysis.check import check
from engine.analysis.memory import footprint
from engine.runs.recording import Recording
from engine.runs.shelf import Shelf
from engine.training.control import Control
from tests.engine.analysis import test_memory
from tests.engine.projects import table

def status(key):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(key))

def run(project):
    *_, last = Recording(project, Shelf(sys.argv[2])).train(Control())
    assert last.reason == "done"

run(table(epochs=1))  # what every training brings into memory
project = test_memory.MEASURED[sys.argv[1]]()
foretold = footprint(check(project)).whole
gc.collect()
open("/proc/self/clear_refs", "w").write("5")
before = status("VmRSS")
run(project)
print(foretold, status("VmHWM") - before)
"""


def wide(optimiser: str) -> Project:
    parts = [part for _ in range(2) for part in (layer("Linear", out_features=4000), layer("ReLU"))]
    end = layer("Linear", out_features=3)
    return chain(*parts, end, layer("Output"), epochs=2, optimiser=registry(Optimiser)[optimiser]())


def large_outputs() -> Project:
    conv = layer("Conv2d", out_channels=32, kernel_size=3, padding=1)
    parts = [conv, layer("BatchNorm2d"), layer("ReLU"), conv, layer("ReLU")]
    parts += [layer("MaxPool2d", kernel_size=2, stride=2), layer("Flatten"), layer("Linear", out_features=10)]
    return pictures(64, 128, *parts, epochs=1, batch_size=48)


def test_a_network_takes_what_it_takes_in_blocks_as_well() -> None:
    project = template("digits-cnn").project()
    first = [node.id for node in project.graph.nodes.values()][1:5]
    folded = edits.fold(project, first, "Beginning")
    assert footprint(check(folded)) == footprint(check(project))


def sequences(*layers: Layer, steps: int = 96) -> Project:
    """A network for made-up sequences of rows, which are 96 wide where those layers stand."""
    made_up = registry(Source)["RandomPictures"](channels=1, height=steps, width=24, classes=10, samples=320)
    begin = (layer("Squeeze"), layer("Linear", out_features=96))
    end = (layer("Flatten"), layer("Linear", out_features=10), layer("Output"))
    chained = chain(*begin, *layers, *end, epochs=2, batch_size=224)
    return evolve(chained, data=DataSettings(source=made_up))


def written_out() -> Project:
    """Attention drawn with other layers."""
    project = sequences(layer("MatMul", turned=True), layer("Softmax"), layer("MatMul"), steps=256)
    for product in ("n4", "n6"):
        project = edits.connect(project, "n3", "out", product, "b")
    return project


LAYERS: dict[str, tuple[Layer, ...]] = {
    "LSTM": (layer("LSTM", hidden_size=96, give="sequence"),),
    "last of LSTM": (layer("LSTM", hidden_size=96),),
    "two LSTM both ways": (
        layer("LSTM", hidden_size=96, num_layers=2, bidirectional=True, dropout=0.2, give="sequence"),
    ),
    "GRU": (layer("GRU", hidden_size=96, give="sequence"),),
    "RNN": (layer("RNN", hidden_size=96, give="sequence"),),
    "two GRU both ways": (layer("GRU", hidden_size=96, num_layers=2, bidirectional=True, give="sequence"),),
    "attention": (layer("MultiheadAttention"),),
    "attention with dropout": (layer("MultiheadAttention", dropout=0.1),),
    "encoder layer without dropout": (layer("TransformerEncoderLayer", feedforward=384, dropout=0.0),),
    "encoder layer": (layer("TransformerEncoderLayer", feedforward=384),),
}


MEASURED: dict[str, Callable[[], Project]] = {
    **{name: partial(sequences, *layers) for name, layers in LAYERS.items()},
    "attention of other layers": written_out,
    "data": lambda: with_recipe(data_alone(), epochs=1),
    "weights of Adam": lambda: wide("Adam"),
    "weights of SGD": lambda: wide("SGD"),
    "outputs": large_outputs,
}


OF_MANY_PIECES = (*LAYERS, "attention of other layers")

LSTM, ATTENTION = partial(layer, "LSTM"), partial(layer, "MultiheadAttention")
ENCODER = "TransformerEncoderLayer"


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        # in numbers for each that arrives, 64 steps of 64, as PyTorch 2.13 holds them after a forward pass
        (layer("RNN", give="sequence"), 2),
        (layer("RNN", give="sequence", num_layers=3), 6),
        (layer("RNN", give="sequence", num_layers=2, dropout=0.2), 5),
        (layer("RNN", give="sequence", num_layers=2, bidirectional=True), 8),
        (layer("GRU"), 8),
        (layer("GRU", num_layers=2, bidirectional=True), 32),
        (LSTM(give="sequence"), 6),
        (LSTM(), 7),
        (LSTM(give="sequence", num_layers=2), 12),
        (LSTM(give="sequence", num_layers=2, dropout=0.2), 14),
        (LSTM(give="sequence", bidirectional=True), 15),
        (LSTM(give="sequence", projection=32), 8.5),
        (ATTENTION(heads=4), 5),
        (ATTENTION(heads=4, dropout=0.1), 7 + 3 * 4),
        (layer(ENCODER, feedforward=256, dropout=0.0), 12),
        (layer(ENCODER, feedforward=256, dropout=0.0, activation="gelu"), 16),
        (layer(ENCODER, feedforward=256), 5 + 2 + 3 * 4 + 5 + 3 * 4),
        (layer("TransformerEncoder", layers=3, feedforward=256, dropout=0.0), 3 * 12 + 1),
        (layer("Dropout"), 1),
        (layer("Dropout", rate=0.0), None),
    ],
)
def test_what_stays_inside_until_the_gradient_comes_back(kind: Layer, kept: float | None) -> None:
    arrivals = (Shape((N, 64, 64)), *[None] * (len(kind.ports()) - 1))
    inside = measure_layer(kind, arrivals).inside
    assert (inside and inside.kept / 64**2) == kept


def test_a_decoder_keeps_what_both_attentions_do() -> None:
    decoder = layer("TransformerDecoderLayer", feedforward=256, dropout=0.0)
    here, there = Shape((N, 64, 64)), Shape((N, 128, 64))
    for arrives, kept in ((here, 19), (there, 22)):
        inside = measure_layer(decoder, (here, arrives, None, None)).inside
        assert inside is not None
        assert inside.kept / 64**2 == kept


@pytest.mark.proof
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from Linux's account of the process")
@pytest.mark.parametrize("name", [name for name in MEASURED if name not in OF_MANY_PIECES])
def test_what_is_foretold_is_what_a_training_takes(name: str, tmp_path: Path) -> None:
    foretold, peak = measured(name, tmp_path)
    assert foretold == pytest.approx(peak, rel=0.15)


@pytest.mark.proof
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from Linux's account of the process")
@pytest.mark.parametrize("name", OF_MANY_PIECES)
def test_what_is_foretold_of_many_pieces_lies_between_what_is_used_and_what_is_taken(
    name: str, tmp_path: Path
) -> None:
    """A layer of many steps holds many small pieces. What a process takes for them is up to half as much
    again as what it uses, since pieces that are free are not given back: so both are measured.
    """
    foretold, used = measured(name, tmp_path / "used", MALLOC_MMAP_THRESHOLD_="65536")
    _, taken = measured(name, tmp_path / "taken")
    assert 0.85 * used <= foretold <= 1.15 * max(used, taken)


def measured(name: str, folder: Path, **surroundings: str) -> tuple[int, int]:
    """What is foretold of a training, and its peak in a process of its own, in bytes."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, name, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
        env={**os.environ, **surroundings},
    )
    foretold, peak = map(int, done.stdout.split())
    return foretold, peak
