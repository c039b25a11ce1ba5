"""A trained network leaves in every format and computes the same there; what fails leaves nothing behind."""

from __future__ import annotations

import errno
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from attrs import frozen
from onnx import helper
from safetensors.torch import load, save

from engine import edits
from engine.edits.folding import fold
from engine.exports import FORMATS, Proof, export, format_of, safetensors_file
from engine.exports.model import as_json, read
from engine.exports.onnx_file import rename
from engine.exports.proof import Batch, Reopened
from engine.kinds import registry
from engine.losses.loss import Loss
from engine.message import Trouble
from engine.runs.record import Record
from tests.engine.networks import NETWORKS, line, mlp, record
from tests.engine.projects import layer, node

ENDINGS = [format.ending for format in FORMATS]
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Record]:
    folder = tmp_path_factory.mktemp("runs")
    return {name: record(made(), folder / name) for name, made in NETWORKS.items()}


def test_the_runtime_that_proves_an_export_keeps_no_notes_to_report(tmp_path: Path) -> None:
    told = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    code = "import engine, onnxruntime"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={**told, **home}, check=True)
    assert list(tmp_path.rglob("*")) == []


@frozen
class Exported:
    """An export that went well: its folder, its proof, what it told and what it printed."""

    folder: Path
    proof: Proof
    told: list[float]
    printed: tuple[str, str]


@pytest.fixture(scope="module")
def exported(
    runs: dict[str, Record], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str, Any], Exported]:
    """Each network in each format once, since converting takes seconds."""
    done: dict[tuple[str, str], Exported] = {}

    def find(name: str, ending: str, capfd: Any) -> Exported:
        if (name, ending) not in done:
            folder = tmp_path_factory.mktemp("exports")
            told: list[float] = []
            capfd.readouterr()
            proof = export(
                runs[name], folder / f"net{ending}", lambda fraction, message: told.append(fraction)
            )
            done[name, ending] = Exported(folder, proof, told, capfd.readouterr())
        return done[name, ending]

    return find


@pytest.mark.parametrize("name", NETWORKS)
def test_the_networks_tell_samples_apart(name: str, runs: dict[str, Record]) -> None:
    """Else every comparison would be one of biases."""
    model = read(runs[name])
    for answer in model.live(model.samples):
        assert answer.std(axis=0).max() > 1e-3


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# A fresh Python process imports torch, which takes seconds: two networks that have everything stand for all.
QUICK = {
    ".onnx": {"cnn", "lstm", "gru", "padded", "attention", "several"},
    ".pt2": {"regression", "lstm", "several"},
    ".py": {"several", "regression"},
}
MATRIX = [
    pytest.param(
        name,
        ending,
        id=f"{name}{ending}",
        marks=[] if name in QUICK.get(ending, NETWORKS) else pytest.mark.proof,
    )
    for name in NETWORKS
    for ending in ENDINGS
]


@pytest.mark.parametrize(("name", "ending"), MATRIX)
def test_the_file_computes_the_same(
    name: str, ending: str, exported: Callable[..., Exported], capfd: pytest.CaptureFixture[str]
) -> None:
    found = exported(name, ending, capfd)
    place = found.folder / f"net{ending}"
    assert found.proof.largest < 1e-5
    assert (found.proof.rows, found.proof.batch_sizes, found.proof.file) == (28, (1, 7), place.name)
    assert found.told == sorted(found.told)
    assert found.told[-1] == 1
    assert names(found.folder) == sorted(format_of(place).files(place.name))
    beside = json.loads((found.folder / f"net{ending}.proof.json").read_text())
    assert beside["largest_difference"] == found.proof.largest
    here = [str(ROOT), str(Path.home()), tempfile.gettempdir(), str(found.folder), "site-packages", "engine/"]
    for file in found.folder.iterdir():
        content = file.read_bytes()
        assert not [word for word in here if word.encode() in content], file.name
    assert found.printed == ("", "")


@pytest.mark.parametrize("ending", [".pt2", ".safetensors"])
def test_the_same_run_gives_the_same_bytes(ending: str, runs: dict[str, Record], tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        export(runs["cnn"], tmp_path / folder / f"net{ending}")
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def test_onnx_says_what_one_must_know(
    exported: Callable[..., Exported], capfd: pytest.CaptureFixture[str]
) -> None:
    file = exported("cnn", ".onnx", capfd).folder / "net.onnx"
    proto = onnx.load(file)
    onnx.checker.check_model(proto, full_check=True)
    assert [(one.domain, one.version) for one in proto.opset_import] == [("", 20)]
    session = onnxruntime.InferenceSession(file)
    (x,), (y,) = session.get_inputs(), session.get_outputs()
    assert (x.name, x.shape, y.name, y.shape) == ("input1", ["N", 1, 8, 8], "output1", ["N", 10])
    notes = session.get_modelmeta().custom_metadata_map
    assert json.loads(notes["class_names"]) == list("0123456789")
    assert json.loads(notes["preprocessing"])["image"] == {"method": "range", "offset": 0.0, "size": 16.0}


def test_onnx_names_stay_apart(exported: Callable[..., Exported], capfd: pytest.CaptureFixture[str]) -> None:
    session = onnxruntime.InferenceSession(exported("several", ".onnx", capfd).folder / "net.onnx")
    assert [one.name for one in session.get_inputs()] == ["conv2d", "linear"]
    assert [one.name for one in session.get_outputs()] == ["relu", "linear_1", "same_again"]


def test_an_input_can_be_an_output() -> None:
    value = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["N"])
    copy = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["N"])
    inner = helper.make_node("Neg", ["x"], ["picture"])
    made = helper.make_tensor_value_info("picture", onnx.TensorProto.FLOAT, ["N"])
    graph = helper.make_graph([inner], "net", [value], [copy, made])
    rename(graph, ["picture"], ["same", "minus"])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    same, minus = session.run(["same", "minus"], {"picture": np.ones(2, np.float32)})
    assert (list(same), list(minus)) == ([1, 1], [-1, -1])


def test_pt2_says_what_one_must_know(
    exported: Callable[..., Exported], capfd: pytest.CaptureFixture[str]
) -> None:
    extra = {"layerloom.json": ""}
    torch.export.load(exported("regression", ".pt2", capfd).folder / "net.pt2", extra_files=extra)
    facts = json.loads(extra["layerloom.json"])
    assert facts["outputs"][0]["unit"] == "points"
    assert len(facts["preprocessing"]["features"]["offset"]) == 10


def test_weights_are_described(runs: dict[str, Record], tmp_path: Path) -> None:
    export(runs["several"], tmp_path / "net.safetensors")
    facts = json.loads((tmp_path / "net.json").read_text())
    weights = load((tmp_path / "net.safetensors").read_bytes())
    assert {one["name"]: tuple(one["shape"]) for one in facts["tensors"]} == {
        name: tuple(tensor.shape) for name, tensor in weights.items()
    }
    assert [one["dtype"] for one in facts["inputs"]] == ["float32", "int64"]
    assert facts["outputs"][0]["classes"] == list("0123456789")
    assert all(torch.equal(weights[name], tensor) for name, tensor in runs["several"].weights().items())


# --------------------------------------------------------------------------- the Python file


def module_of(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("exported", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that checks a Python file takes seconds; these tests load the file themselves."""
    monkeypatch.setattr("engine.exports.python_file._run", _answer_here)


def _answer_here(name: str, arguments: Sequence[str], folder: Path) -> None:
    path, asked, answered = map(Path, arguments)
    network = module_of(path).load()
    with torch.no_grad():
        found = [network(*batch) for batch in torch.load(asked, weights_only=True)]
    torch.save([list(one) if isinstance(one, tuple) else [one] for one in found], answered)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", ["regression", "mlp", "cnn"])
def test_python_takes_and_gives_the_units_of_the_data(
    name: str, runs: dict[str, Record], tmp_path: Path
) -> None:
    export(runs[name], tmp_path / "net.py")
    exported = module_of(tmp_path / "net.py")
    predictor = runs[name].predictor()
    column = predictor.inputs[0]
    part = predictor.prepared.test
    raw = predictor.prepared.decode(column, part.columns[column][:9])
    with torch.no_grad():
        found = exported.answer(exported.load()(exported.prepare(raw)))
    (expected,) = predictor.predict(raw)
    if expected.values is not None:
        np.testing.assert_allclose(found.numpy(), expected.values, rtol=1e-5)
    else:
        assert found == [expected.classes[i] for i in expected.labels]


@pytest.mark.usefixtures("unchecked")
def test_python_gives_counts_where_the_network_foretells_their_logarithm(tmp_path: Path) -> None:
    loss = registry(Loss)["PoissonLoss"]()
    project = line("Counts", "Diabetes", layer("Linear", out_features=1), layer("Output", loss=loss))
    run = record(project, tmp_path / "run")
    export(run, tmp_path / "net.py")
    exported, predictor = module_of(tmp_path / "net.py"), run.predictor()
    raw = predictor.prepared.decode("features", predictor.prepared.test.columns["features"][:9])
    with torch.no_grad():
        found = exported.answer(exported.load()(exported.prepare(raw)))
    (expected,) = predictor.predict(raw)
    np.testing.assert_allclose(found.numpy(), expected.values, rtol=1e-5)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("title", ['"""; import os', "Path", "WEIGHTS", "LABEL_CLASSES", "", "N {x} \\"])
def test_python_survives_any_title(title: str, tmp_path: Path) -> None:
    project = NETWORKS["embedding"]()
    if title:
        project = edits.set_title(project, title)
    place = tmp_path / 'a "net" ü 🙂.py'
    export(record(project, tmp_path / "run"), place)
    assert len(module_of(place).load()(torch.tensor([1, 2]))) == 2


# --------------------------------------------------------------------------- what goes wrong


def refused(run: Record, place: Path) -> str:
    """The sentence, after looking that nothing was left or changed."""
    before = {path: path.read_bytes() for path in place.parent.iterdir() if path.is_file()}
    with pytest.raises(Trouble) as found:
        export(run, place)
    after = {path: path.read_bytes() for path in place.parent.iterdir() if path.is_file()}
    assert after == before
    assert not [path for path in place.parent.iterdir() if path.name.startswith(".")]
    return str(found.value)


def test_damaged_weights(tmp_path: Path) -> None:
    run = record(mlp(), tmp_path / "run")
    file = run.folder / "weights.safetensors"
    good = file.read_bytes()
    place = tmp_path / "net.safetensors"

    file.write_bytes(good[:-10])
    assert "damaged" in refused(run, place)
    weights = load(good)
    weights["linear1.weight"][0, 0] = float("nan")
    file.write_bytes(save(weights))
    assert "not finite" in refused(run, place)
    file.write_bytes(save({name: tensor for name, tensor in weights.items() if name != "linear1.bias"}))
    assert "do not belong" in refused(run, place)
    file.unlink()
    assert "no weights" in refused(run, place)
    assert "missing" in refused(Record(run.folder), place) or "no weights" in refused(
        Record(run.folder), place
    )


@pytest.mark.parametrize(
    ("shift", "fine"), [(0.0, True), (5e-5, True), (1.5e-4, False), (float("nan"), False)]
)
def test_a_difference_fails_the_export(
    shift: float, fine: bool, runs: dict[str, Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = safetensors_file.reopen

    def lying(*arguments: Any) -> Reopened:
        reopened = honest(*arguments)

        def answers(batches: Sequence[Batch]) -> list[Batch]:
            return [tuple(one + np.float32(shift) for one in found) for found in reopened.answers(batches)]

        return Reopened(reopened.runtime, answers)

    monkeypatch.setattr(safetensors_file, "reopen", lying)
    place = tmp_path / "net.safetensors"
    if fine:
        assert export(runs["mlp"], place).largest == pytest.approx(shift, abs=1e-6)
    else:
        assert "gives other numbers" in refused(runs["mlp"], place)
        place.write_text("an older export")
        (tmp_path / "net.json").write_text("and what belongs to it")
        refused(runs["mlp"], place)
        assert place.read_text() == "an older export"


def test_a_layer_that_onnx_cannot_take_is_named(tmp_path: Path) -> None:
    project = line(
        "Net",
        "Digits",
        layer("Conv2d", out_channels=4),
        layer("AdaptiveMaxPool2d", output_size=4),
        layer("Flatten"),
        layer("Linear", out_features=10),
        layer("Output"),
    )
    pool = node(project, "pool1")
    project = edits.rename(project, pool, "squeeze")
    sentence = refused(record(project, tmp_path / "run"), tmp_path / "net.onnx")
    assert "The layer squeeze (AdaptiveMaxPool2d) cannot be written to .onnx" in sentence
    assert "6 is no multiple of 4" in sentence


def test_answers_that_depend_on_the_batch_are_told(tmp_path: Path) -> None:
    """Also where the layer stands in a block."""
    norm = layer("BatchNorm2d", track_running_stats=False)
    ends = (layer("Flatten"), layer("Linear", out_features=10), layer("Output"))
    project = line("Net", "Digits", layer("Conv2d", out_channels=4), norm, *ends)
    for name, whole in (("plain", project), ("folded", fold(project, [node(project, "norm1")], "Part"))):
        proof = export(record(whole, tmp_path / name), tmp_path / f"{name}.py")
        assert "depends on the samples that come with it" in proof.caution


def test_a_network_that_answers_at_random(tmp_path: Path) -> None:
    project = line(
        "Net",
        "Digits",
        layer("FractionalMaxPool2d"),
        layer("Flatten"),
        layer("Linear", out_features=10),
        layer("Output"),
    )
    assert "differently each time" in refused(record(project, tmp_path / "run"), tmp_path / "net.safetensors")


def test_places_that_cannot_be(
    runs: dict[str, Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs["mlp"]
    for name in ("net.h5", "net", ".onnx"):
        assert ".onnx, .pt2, .safetensors, .py" in refused(run, tmp_path / name)
    (tmp_path / "folder.py").mkdir()
    assert "is a folder" in refused(run, tmp_path / "folder.py")
    (tmp_path / "net.json").mkdir()
    assert "net.json is a folder" in refused(run, tmp_path / "net.safetensors")
    (tmp_path / "other.json").write_text("{}")
    assert "other.json would be overwritten" in refused(run, tmp_path / "other.safetensors")
    assert "folder of the run" in refused(run, run.folder / "weights.safetensors")
    with pytest.raises(Trouble, match="There is no folder"):
        export(run, tmp_path / "nowhere" / "net.py")

    def denied(*arguments: Any, **named: Any) -> None:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(Path, "mkdir", denied)
    assert "may not be written to" in refused(run, tmp_path / "net.pt2")


def test_a_full_disk(runs: dict[str, Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "net.safetensors"

    def full(*arguments: Any) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert "the disk is full" in refused(runs["mlp"], place)
    export(runs["mlp"], place)

    real, calls = os.replace, []

    def once(source: Any, target: Any) -> None:
        calls.append(target)
        if len(calls) == 2:  # in the midst of moving the files to their place
            full()
        real(source, target)

    monkeypatch.setattr(os, "replace", once)
    assert "the disk is full" in refused(runs["lstm"], place)


def test_the_formats_are_listed_without_torch() -> None:
    code = "import sys, engine.exports as e; assert len(e.FORMATS) == 4; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_a_proof_is_plain_json() -> None:
    proof = Proof("net.py", "torch", 1e-8, 1e-4, 28, (1, 7), 2.5, None)
    assert Proof.from_json(json.loads(as_json(proof.json()))) == proof
