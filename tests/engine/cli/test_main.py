"""The command line as a person calls it."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import edits, kinds
from engine.cli.main import VERBS, main
from engine.cli.settings import set_by_path
from engine.codegen.emit import emit
from engine.codegen.keras.emit import emit_keras
from engine.data.settings import DataSettings
from engine.data.source import Source
from engine.kinds import Layer, registry
from engine.layers.dense import Linear
from engine.layers.initialisations import Initialisation
from engine.losses.loss import Loss
from engine.message import Trouble
from engine.metrics.metric import Metric
from engine.optim.optimiser import Optimiser, Schedule
from engine.project.project import Project
from engine.runs.shelf import Shelf
from engine.store import project_file
from engine.templates import famous, template, templates
from engine.templates.builder import Sketch, block
from tests.engine import projects
from tests.engine.chains import WHOLE
from tests.engine.mistakes import MISTAKES
from tests.engine.projects import layer

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs go into a folder of the test's own, and so does the person."""
    monkeypatch.setenv("LAYERLOOM_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Call `layerloom …`; gives exit code, output and errors. Errors are at most one line."""

    def run(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return run


def saved(project: Project, name: str = "p.loom") -> str:
    project_file.save(project, Path(name))
    return name


def quick() -> str:
    """A project that trains in a moment."""
    return saved(set_by_path(template("wine-mlp").project(), "epochs=2"))


def process(*words: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "engine", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), **options},
    )


# --------------------------------------------------------------------------- wrong use


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "the following arguments are required: VERB; see layerloom --help"),
        (["fly"], "argument VERB: invalid choice: 'fly'"),
        (["train"], "the following arguments are required: PROJECT; see layerloom train --help"),
        (["train", "wine-mlp", "--epochs", "many"], "argument --epochs: invalid int value: 'many'"),
        (
            ["train", "wine-mlp", "--epochs", "0"],
            "Epochs: expected a whole number from 1 to 100,000, received 0",
        ),
        (["train", "wine-mlp", "--device", "abacus"], "Device: expected one of auto, cpu, cuda, mps"),
        (["train", "wine-mlp", "--set", "epochs"], "expected a setting as NAME=VALUE, received 'epochs'"),
        (
            ["train", "wine-mlp", "--set", "speed=9"],
            "there is no setting speed; begin with data, with a layer's",
        ),
        (["train", "wine-mlp", "--set", "linear1.colour=1"], "Linear has no setting colour"),
        (["train", "wine-mlp", "--set", "linear1.=1"], "expected a setting as NAME=VALUE"),
        (["train", "wine-mlp", "--set", "seed=" + "[" * 50_000], "Seed: expected a whole number"),
        (
            ["train", "wine-mlp", "--set", "linear1.bias=2"],
            "Bias: expected yes or no (true or false), received 2",
        ),
        (
            ["train", "wine-mlp", "--set", "optimiser=Magic"],
            "Optimiser: expected the name of an optimiser (SGD, Adam, AdamW, RMSprop), received 'Magic'",
        ),
        (["train", "wine-mlp", "--colour"], "unrecognized arguments: --colour"),
        (
            ["new", "nonsense", "--to", "p.loom"],
            "there is no template nonsense; the templates are digits-mlp",
        ),
        (
            ["new", "wine-mlp", "--to", "w.txt"],
            "expected a file name that ends in .loom, for instance w.loom, received w.txt",
        ),
        (["new", "wine-mlp"], "the following arguments are required: --to"),
        (["export", "1", "--to", "model.txt"], "Expected a file name that ends in .onnx, .pt2"),
        (["export", "1"], "the following arguments are required: --to"),
        (["layers", "convd2"], "there is nothing called convd2; Conv3d or Conv2d or Conv1d comes near"),
        (
            ["layers", "Xylophone"],
            "there is nothing called Xylophone; layerloom layers lists all that there is",
        ),
    ],
    ids=range(21),
)
def test_a_wrong_use_is_one_sentence_and_exit_code_2(call: Call, words: list[str], sentence: str) -> None:
    code, out, err = call(*words)
    assert code == 2
    assert out == ""
    assert err.startswith(sentence)
    assert err.count("\n") == 1
    assert not list(Path().glob("*.loom"))


@pytest.mark.parametrize("words", [["--help"], *([verb, "--help"] for verb in VERBS)], ids=" ".join)
def test_help(call: Call, words: list[str]) -> None:
    code, out, err = call(*words)
    assert code == 0
    assert err == ""
    assert out.startswith("usage: layerloom")


# --------------------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["check", "x" * 5000], "xxx… cannot be read: File name too long"),
        (["check", "."], "expected a project file, but . is a folder"),
        (["runs", "--dir", "p.loom"], "expected a folder of runs, but p.loom is a file"),
    ],
    ids=range(3),
)
def test_a_place_that_is_none_is_a_sentence(call: Call, words: list[str], sentence: str) -> None:
    quick()
    code, out, err = call(*words)
    assert (code, out) == (1, "")
    assert err.endswith(sentence + "\n")


@pytest.mark.parametrize("verb", ["train", "check", "code"])
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "there is no file p.loom"),
        ("hello", "expected a Layerloom project"),
        ("{", "p.loom breaks off or is damaged"),
        ('{"format": 99}', "p.loom was written by a newer Layerloom"),
    ],
)
def test_a_failure_is_one_sentence_and_exit_code_1(
    call: Call, verb: str, text: str | None, sentence: str
) -> None:
    if text is not None:
        Path("p.loom").write_text(text)
    code, out, err = call(verb, "p.loom")
    assert code == 1
    assert out == ""
    assert err.startswith(sentence)
    assert err.count("\n") == 1
    if text is not None:
        assert Path("p.loom").read_text() == text


def test_debug_shows_where(call: Call) -> None:
    with pytest.raises(Trouble):
        main(["check", "none.loom", "--debug"])


def test_an_unexpected_error_is_a_sentence_too(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the moon\nis full")

    monkeypatch.setattr(project_file, "load", broken)
    code, _, err = call("check", quick())
    assert code == 1
    assert err.startswith("An unexpected error: RuntimeError: the moon")
    assert "--debug" in err
    with pytest.raises(RuntimeError):
        main(["check", "p.loom", "--debug"])


# --------------------------------------------------------------------------- check and code


def test_code_speaks_two_dialects(call: Call) -> None:
    project = template("digits-cnn").project()
    assert call("code", "digits-cnn") == (0, emit(project).text, "")
    assert call("code", "digits-cnn", "--dialect", "torch") == (0, emit(project).text, "")
    assert call("code", "digits-cnn", "--dialect", "keras") == (0, emit_keras(project).text, "")
    code, out, err = call("code", "digits-cnn", "--dialect", "caffe")
    assert (code, out) == (2, "")
    assert "invalid choice: 'caffe'" in err


def test_code_says_what_has_no_keras_form(call: Call) -> None:
    project = edits.set_kind(
        template("digits-cnn").project(), "n8", kinds.registry(Layer)["FractionalMaxPool2d"]()
    )
    project_file.save(project, Path("p.loom"))
    code, out, err = call("code", "p.loom", "--dialect", "keras")
    assert code == 1
    assert "raise NotImplementedError" in out
    assert "has no Keras form: Keras has no pooling over windows that are spread at random" in err


def test_check_shows_layers_and_sums(call: Call) -> None:
    code, out, err = call("check", "digits-cnn")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["layer", "kind", "output", "parameters", "multiply-adds"]
    assert lines[2].split() == ["conv1", "Conv2d", "N×32×8×8", "320", "18,432"]
    assert lines[-1].split() == [
        f"{number:,}"
        for number in (template("digits-cnn").facts["parameters"], template("digits-cnn").facts["macs"])
    ]


def test_check_names_problems_and_ways_out(call: Call) -> None:
    code, out, _ = call("check", saved(MISTAKES["a Linear on a picture"][0]))
    assert code == 1
    assert "error: linear1 expects N×features, but receives N×1×8×8. It works on the last axis" in out
    assert "    Insert Flatten (+650 parameters)" in out


@pytest.mark.parametrize("mistake", MISTAKES)
def test_check_json_is_what_other_programs_expect(call: Call, mistake: str) -> None:
    code, out, err = call("check", saved(MISTAKES[mistake][0]), "--json")
    assert (code, err) == (1, "")
    data = json.loads(out)
    assert {"parameters", "macs", "nodes", "problems"} <= set(data)
    for node in data["nodes"]:
        assert {"id", "kind", "inputs", "outputs", "parameters", "macs"} <= set(node)
        assert all(shape[0] == "N" for shape in node["outputs"].values())
    for problem in data["problems"]:
        assert {"node", "name", "message", "expected", "received", "why", "repairs"} <= set(problem)
        assert all(set(repair) == {"title", "parameters_delta", "edits"} for repair in problem["repairs"])


def test_code_prints_the_source(call: Call) -> None:
    code, out, _ = call("code", "digits-mlp")
    assert code == 0
    assert out == (Path(__file__).parents[1] / "golden" / "digits_mlp.py").read_text(encoding="utf-8")
    code, out, err = call("code", saved(MISTAKES["a Linear on a picture"][0]))
    assert code == 1
    assert out.startswith("from torch import nn")
    assert err == "the code is not finished: linear1 expects N×features, but receives N×1×8×8\n"


def test_output_that_finds_no_room_is_one_sentence() -> None:
    with open("/dev/full", "w") as full:
        running = subprocess.run(
            [sys.executable, "-m", "engine", "code", "digits-mlp"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        )
    assert running.returncode == 1
    assert running.stderr == f"The output could not be written: {os.strerror(errno.ENOSPC)}.\n"


def test_an_export_tells_where_the_file_holds_another_network_by_now(call: Call) -> None:
    quick()
    assert call("train", "p.loom", "--epochs", "1")[0] == 0
    assert "another network" not in call("export", "p.loom", "--to", "p.safetensors")[2]
    saved(set_by_path(project_file.load(Path("p.loom")), "linear1.out_features=7"))
    code, _, err = call("export", "p.loom", "--to", "p.safetensors")
    assert code == 0
    assert err.startswith("p.loom holds another network than run 1, its last one; ")


# --------------------------------------------------------------------------- lists


def test_templates(call: Call) -> None:
    code, out, _ = call("templates")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == [one.id for one in (*templates(), *famous())]
    found = json.loads(call("templates", "--json")[1])
    assert set(found[0]) == {
        "id", "title", "line", "data", "layers", "parameters", "macs", "reached", "year"
    }  # fmt: skip


def test_layers(call: Call) -> None:
    code, out, _ = call("layers")
    assert code == 0
    found = json.loads(call("layers", "--json")[1])
    assert [one["kind"] for one in found] == [line.split()[0] for line in out.splitlines()]
    listed: dict[str, list[str]] = {}
    for one in found:
        listed.setdefault(one["role"], []).append(one["kind"])
    bases = (Layer, Loss, Metric, Optimiser, Schedule, Initialisation)
    assert listed == {base.__name__.lower(): list(kinds.registry(base)) for base in bases}
    assert all(one["doc"] and one["formula"] and one["use"] and one["hint"] for one in found)
    assert all(setting["doc"] and setting["accepts"] for one in found for setting in one["settings"])
    conv = next(one for one in found if one["kind"] == "Conv2d")
    assert conv["inputs"][0] | {"doc": ""} == {
        "name": "x",
        "accepts": "N C H W",
        "numbers": "float",
        "many": False,
        "optional": False,
        "doc": "",
    }
    assert conv["settings"][0] | {"doc": ""} == {
        "name": "out_channels",
        "label": "Out channels",
        "type": "integer",
        "default": 32,
        "accepts": "a whole number from 1 to 1,000,000",
        "lo": 1,
        "hi": 1_000_000,
        "optional": False,
        "advanced": False,
        "doc": "",
    }
    settings = {setting["name"]: setting for setting in conv["settings"]}
    assert settings["kernel_size"]["unit"] == "px"
    assert settings["padding"]["options"] == ["same"]
    assert settings["initialisation"]["options"] == list(kinds.registry(Initialisation))


def test_all_about_one_layer_or_about_several(call: Call) -> None:
    code, out, _ = call("layers", "gru", "Cross-entropy", "Dice")
    assert code == 0
    heads = [line for line in out.splitlines() if line and line[0] != " "]
    assert heads == [
        "GRU (layer, recurrent)",
        "Cross-entropy (CrossEntropy, loss)",
        "Dice (loss)",
        "dice (Dice, metric)",
    ]
    for kind in (registry(Layer)["GRU"], registry(Loss)["CrossEntropy"]):
        said = " ".join(out.split())
        assert all(text in said for text in (kind.doc(), kind.use, kind.formula, kind.source))
        assert all(param.doc in said for param in kinds.params(kind))
    limits = "hidden_size = 64: How many numbers it remembers; a whole number from 1 to 1,000,000"
    assert limits in " ".join(out.split())
    assert "lengths: how many steps of each sample are no padding" in out
    assert [one["kind"] for one in json.loads(call("layers", "Adam", "--json")[1])] == ["Adam"]


def test_datasets(call: Call) -> None:
    code, out, _ = call("datasets")
    assert code == 0
    found = json.loads(call("datasets", "--json")[1])
    assert [one["kind"] for one in found] == list(kinds.registry(Source))
    digits = next(one for one in found if one["kind"] == "Digits")
    assert digits["samples"] == 1797
    assert digits["columns"][0]["shape"] == ["N", 1, 8, 8]
    assert len(digits["columns"][1]["classes"]) == 10
    assert "1,797 samples" in out


def test_no_runs_yet(call: Call) -> None:
    assert call("runs") == (0, "No runs yet. layerloom train PROJECT makes one.\n", "")
    assert call("runs", "--json") == (0, "[]\n", "")
    assert call("runs", "--dir", "nowhere", "--json") == (0, "[]\n", "")


# --------------------------------------------------------------------------- new


def test_new_writes_a_template_and_never_over_a_file(call: Call) -> None:
    assert call("new", "wine-mlp", "--to", "w.loom") == (0, "", "")
    assert project_file.load(Path("w.loom")) == template("wine-mlp").project()
    before = Path("w.loom").read_bytes()
    code, _, err = call("new", "digits-mlp", "--to", "w.loom")
    assert code == 1
    assert err == "w.loom is there already; choose another name, or remove it first\n"
    assert Path("w.loom").read_bytes() == before
    code, _, err = call("new", "wine-mlp", "--to", "no/such/w.loom")
    assert code == 1
    assert err.startswith("There is no folder")


# --------------------------------------------------------------------------- train


def test_train_json_ends_with_the_metrics_of_all_parts(call: Call) -> None:
    code, out, err = call("train", quick(), "--json", "--seed", 3, "--device", "cpu", "--out", "run")
    assert (code, err) == (0, "")
    reports = [json.loads(line) for line in out.splitlines()]
    assert reports[0]["report"] == "started"
    assert {"progress", "evaluated"} <= {report["report"] for report in reports}
    progress = next(report for report in reports if report["report"] == "progress")
    assert {"step", "epoch", "loss"} <= set(progress)
    last = reports[-1]
    assert last["report"] == "finished"
    assert Path(last["run"]) == Path("run").absolute()
    assert set(last["metrics"]) == {"train", "validation", "test"}
    assert {"loss", "accuracy"} <= set(last["metrics"]["test"])
    data = json.loads(Path("run", "run.json").read_text())
    assert data["project"]["recipe"]["seed"] == 3
    assert project_file.from_json(data["project"]).recipe.epochs == 2


def test_train_shows_a_line_for_each_epoch_where_nothing_can_move(call: Call) -> None:
    code, out, err = call("train", quick())
    assert (code, out) == (0, "")
    lines = err.splitlines()
    assert lines[0].startswith("Run 1 on ")
    assert [line.split()[:2] for line in lines[1:3]] == [["epoch", "1"], ["epoch", "2"]]
    assert lines[3].startswith("Finished after ")
    assert [line.split()[0] for line in lines[4:7]] == ["train", "validation", "test"]


def test_a_run_can_be_listed_and_exported(call: Call) -> None:
    name = quick()
    call("train", name)
    (run,) = json.loads(call("runs", "--json")[1])
    assert (run["number"], run["state"], run["title"]) == (1, "done", "Wine MLP")
    assert call("runs")[1].split()[:2] == ["1", "Wine"]
    for source in (name, "1", run["folder"]):
        code, out, err = call("export", source, "--to", f"m{len(str(source))}.safetensors", "--json")
        assert (code, err) == (0, "")
        assert json.loads(out)
    code, out, _ = call("export", "1", "--to", "model.safetensors")
    assert code == 0
    assert out.startswith("model.safetensors opens in ")
    assert Path("model.safetensors").exists()


def test_an_export_replaces_an_earlier_one_but_nothing_else(call: Call) -> None:
    call("train", quick())
    for _ in range(2):
        assert call("export", "1", "--to", "model.safetensors")[0] == 0
    Path("mine.safetensors").write_text("precious")
    code, _, err = call("export", "1", "--to", "mine.safetensors")
    assert (code, Path("mine.safetensors").read_text()) == (1, "precious")
    assert "is there already" in err


def test_what_was_never_trained_cannot_be_exported(call: Call) -> None:
    for source, sentence in [
        (quick(), "p.loom has no finished run; train it first: layerloom train p.loom"),
        ("wine-mlp", "wine-mlp has no finished run"),
        ("7", "There is no run 7"),
        ("none.loom", "there is no file none.loom"),
    ]:
        code, _, err = call("export", source, "--to", "m.onnx")
        assert code == 1
        assert err.startswith(sentence)
        assert err.count("\n") == 1
    assert not Path("m.onnx").exists()


def test_a_network_that_cannot_train_says_why(call: Call) -> None:
    code, out, err = call("train", saved(MISTAKES["a Linear on a picture"][0]), "--json")
    assert code == 1
    assert err.count("\n") == 1
    assert "linear1 expects N×features, but receives N×1×8×8" in err
    assert json.loads(out.splitlines()[-1])["report"] == "failed"


def test_a_folder_that_is_taken_is_left_alone(call: Call) -> None:
    Path("run").mkdir()
    Path("run", "mine.txt").write_text("precious")
    code, _, err = call("train", quick(), "--out", "run")
    assert code == 1
    assert "is not empty. Choose a new folder for the run." in err
    assert [path.name for path in Path("run").iterdir()] == ["mine.txt"]
    assert call("train", "p.loom", "--out", "p.loom")[0] == 2


@pytest.mark.parametrize("times", [1, 3])
def test_ctrl_c_stops_and_keeps_what_was_learnt(times: int) -> None:
    running = process("train", "wine-mlp", "--epochs", "100000", "--json")
    assert running.stdout is not None
    for line in running.stdout:
        if json.loads(line)["report"] == "progress":
            break
    for _ in range(times):
        running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert "Traceback" not in err
    assert running.returncode == 0
    last = json.loads(out.splitlines()[-1])
    assert (last["report"], last["reason"]) == ("finished", "stopped")
    (record,) = Shelf().runs()
    assert record.state == "stopped"
    assert record.weighted


# --------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("assignment", "path", "value"),
    [
        ("batch_size=64", "recipe.batch_size", 64),
        ("recipe.batch_size=64", "recipe.batch_size", 64),
        ("seed=1e3", "recipe.seed", 1000),
        ("patience=null", "recipe.patience", None),
        ("optimiser.rate=0.01", "recipe.optimiser.rate", 0.01),
        ("optimiser=SGD", "recipe.optimiser", "SGD"),
        ('optimiser={"kind": "SGD", "momentum": 0.5}', "recipe.optimiser.momentum", 0.5),
        ("data.test=0.2", "data.test", 0.2),
        ("data.source=Wine", "data.source", "Wine"),
        ("linear1.out_features=16", "linear1.out_features", 16),
        ("linear1.bias=false", "linear1.bias", False),
        ("output1.loss=Huber", "output1.loss", "Huber"),
        ("output1.loss.label_smoothing=0.1", "output1.loss.label_smoothing", 0.1),
        ('output1.metrics=["accuracy", "F1"]', "output1.metrics", ("accuracy", "F1")),
        ("a.layer.with.dots.start=2", "a.layer.with.dots.start", 2),
    ],
)
def test_settings_on_the_command_line(assignment: str, path: str, value: object) -> None:
    project = edits.rename(WHOLE, "n2", "a.layer.with.dots")
    project = set_by_path(project, assignment)
    found: Any = project
    for name in path.removeprefix("a.layer.with.dots.").split("."):
        named = {node.name: node.kind for node in project.graph.nodes.values()}
        if found is project and name in named:
            found = named[name]
        elif found is project and name == "start":
            found = named["a.layer.with.dots"].start  # type: ignore[attr-defined]
        else:
            found = getattr(found, name)
    assert found == value or type(found).__name__ == value


def blocky() -> Project:
    """Two uses of one block, which itself holds a block."""
    inner = block("Inner", lambda s, x: s.chain(x, layer("Linear", out_features=8), layer("Tanh")))
    outer = block("Outer", lambda s, x: s.chain(s.repeat(inner, x), layer("Linear", out_features=8)))
    sketch = Sketch("Blocks", DataSettings(source=projects.source("Wine")))
    x = sketch.repeat(outer, sketch.add(layer("Input")))
    x = sketch.chain(sketch.repeat(outer, x), layer("Linear", out_features=3), layer("Output"))
    return sketch.project()


def test_a_setting_inside_a_block_changes_the_definition() -> None:
    project = set_by_path(blocky(), "outer1.linear1.bias=false")
    project = set_by_path(project, "outer2.inner1.linear1.out_features=32")
    assert len(project.graph.blocks) == 2  # both uses still share their definition
    found = {
        name: [one.kind for one in known.graph.nodes.values() if isinstance(one.kind, Linear)]
        for name, known in project.graph.blocks.items()
    }
    assert found == {"Inner": [Linear(out_features=32)], "Outer": [Linear(out_features=8, bias=False)]}
    project = set_by_path(project, "outer2.inner1.repeat=2")
    project = set_by_path(project, "outer1.repeat=3")
    assert [node.kind.in_a_row for node in project.graph.nodes.values()].count("×3") == 1


@pytest.mark.parametrize("path", ["outer1.nothing", "outer1.linear1.nothing", "outer1.linear9.bias"])
def test_what_a_block_does_not_hold_is_told(path: str) -> None:
    with pytest.raises(Trouble, match=r"nothing|linear9"):
        set_by_path(blocky(), f"{path}=1")


@pytest.mark.parametrize(
    "assignment", ["", "=", "=3", "data=3", "seed.x=3", "data.nothing=1", "optimiser.x.y=1", "linear1=3"]
)
def test_settings_that_do_not_exist(assignment: str) -> None:
    with pytest.raises(Trouble) as caught:
        set_by_path(WHOLE, assignment)
    assert str(caught.value)


# --------------------------------------------------------------------------- as a process


def test_the_module_is_the_command(tmp_path: Path) -> None:
    running = process("check", "wine-mlp", "--json")
    out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, "")
    assert json.loads(out)["trainable"] is True


def test_a_reader_that_has_enough_is_no_trouble() -> None:
    running = process("layers", "--json")
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.readline()
    running.stdout.close()
    assert running.stderr.read() == ""
    running.wait(60)


def test_a_terminal_without_the_signs_still_shows_the_rest() -> None:
    running = process("check", "wine-mlp", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, "")
    assert "N?32" in out
    project_file.save(edits.rename(WHOLE, "n2", "卷积"), Path("c.loom"))
    running = process("check", "c.loom", "--json", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    out, err = running.communicate(timeout=60)
    assert json.loads(out)["nodes"][1]["name"] == "卷积"


def test_lists_need_no_torch() -> None:
    code = (
        "import sys; from engine.cli.main import main;"
        "[main([verb, '--json']) for verb in ('templates', 'layers', 'datasets', 'runs')];"
        "print(sorted({'torch', 'sklearn', 'onnx', 'torchmetrics'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stderr == "[]\n"


@pytest.mark.parametrize("verb", ["check", "code", "train"])
def test_a_mistyped_template_is_told_with_the_names_there_are(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([verb, "digits-cmm"]) == 1
    told = capsys.readouterr().err
    assert "neither a file nor a template digits-cmm" in told
    assert "digits-cnn" in told
