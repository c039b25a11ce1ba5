"""What the verbs check, code, export, new and runs print and write."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from engine import edits, kinds
from engine.cli.settings import set_by_path
from engine.codegen.emit import emit
from engine.codegen.keras.emit import emit_keras
from engine.kinds import Layer
from engine.project.project import Project
from engine.runs.recording import Recording
from engine.runs.shelf import Shelf
from engine.store import project_file
from engine.templates import template
from engine.training.control import Control
from engine.training.reports import Finished
from tests.engine.cli.terminal import Call, quick, saved
from tests.engine.mistakes import MISTAKES

# --------------------------------------------------------------------------- check


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


# --------------------------------------------------------------------------- code


def test_code_prints_the_source(call: Call) -> None:
    code, out, _ = call("code", "digits-mlp")
    assert code == 0
    assert out == (Path(__file__).parents[1] / "golden" / "digits_mlp.py").read_text(encoding="utf-8")
    code, out, err = call("code", saved(MISTAKES["a Linear on a picture"][0]))
    assert code == 1
    assert out.startswith("from torch import nn")
    assert err == "the code is not finished: linear1 expects N×features, but receives N×1×8×8\n"


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


# --------------------------------------------------------------------------- new


def test_new_writes_a_template_and_never_over_a_file(call: Call) -> None:
    written = "w.loom holds Wine MLP; train it: layerloom train w.loom\n"
    assert call("new", "wine-mlp", "--to", "w.loom") == (0, written, "")
    assert project_file.load(Path("w.loom")) == template("wine-mlp").project()
    before = Path("w.loom").read_bytes()
    code, _, err = call("new", "digits-mlp", "--to", "w.loom")
    assert code == 1
    assert err == "w.loom is there already; choose another name, or remove it first\n"
    assert Path("w.loom").read_bytes() == before
    code, _, err = call("new", "wine-mlp", "--to", "no/such/w.loom")
    assert code == 1
    assert err.startswith("There is no folder")


def test_sums_of_which_parts_are_not_known_are_not_told_as_facts(call: Call) -> None:
    text = project_file.dumps(template("digits-cnn").project())
    for name, setting, sums in [
        ("linear1", "out_features", "at least 28,320 at least 903,168"),
        ("conv1", "out_channels", "? ?"),
    ]:
        drawn = json.loads(text)
        node = next(one for one in drawn["nodes"] if one["name"] == name)
        node["layer"][setting] = 0
        Path("p.loom").write_text(json.dumps(drawn))
        out = call("check", "p.loom")[1].splitlines()
        (row,) = [line for line in out if line.startswith(f"{name} ")]
        assert row.split()[-2:] == ["?", "?"]
        assert " ".join(out[len(drawn["nodes"]) + 1].split()) == sums
        assert json.loads(call("check", "p.loom", "--json")[1])["at_least"] == ["parameters", "macs"]


# --------------------------------------------------------------------------- runs and exports


def test_no_runs_yet(call: Call) -> None:
    assert call("runs") == (0, "No runs yet. layerloom train PROJECT makes one.\n", "")
    assert call("runs", "--json") == (0, "[]\n", "")
    assert call("runs", "--dir", "nowhere", "--json") == (0, "[]\n", "")


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
    assert "model.safetensors opens in " in out
    assert Path("model.safetensors").exists()


def test_an_export_replaces_an_earlier_one_but_nothing_else(call: Call) -> None:
    call("train", quick())
    for _ in range(2):
        assert call("export", "1", "--to", "model.safetensors")[0] == 0
    Path("mine.safetensors").write_text("precious")
    code, _, err = call("export", "1", "--to", "mine.safetensors")
    assert (code, Path("mine.safetensors").read_text()) == (1, "precious")
    assert "is there already" in err


def test_an_export_tells_where_the_file_holds_another_network_by_now(call: Call) -> None:
    quick()
    assert call("train", "p.loom", "--epochs", "1")[0] == 0
    assert "another network" not in call("export", "p.loom", "--to", "p.safetensors")[2]
    saved(set_by_path(project_file.load(Path("p.loom")), "linear1.out_features=7"))
    code, _, err = call("export", "p.loom", "--to", "p.safetensors")
    assert code == 0
    assert err.startswith("p.loom holds another network than run 1, its last one; ")


def test_an_export_says_how_far_its_run_was_trained_and_which_one_is_better(call: Call) -> None:
    name = quick()
    assert call("train", name, "--epochs", "4")[0] == 0
    project = project_file.load(Path(name))
    _stopped(project, steps=2)
    _stopped(set_by_path(project, "linear1.out_features=7"), steps=2)
    assert call("train", "wine-mlp", "--epochs", "1", "--set", "linear1.out_features=9")[0] == 0
    code, out, err = call("export", 1, "--to", "good.safetensors")
    assert (code, err) == (0, "")
    assert re.match(r"Exported: run 1, trained for 4 of 4 epochs, accuracy [\d.]+ on the test part\n", out)
    code, out, err = call("export", 2, "--to", "early.safetensors")
    assert re.match(r"Exported: run 2, stopped after 0\.\d of 2 epochs, accuracy [\d.]+ on the test", out)
    assert err == "Run 2 was stopped within its first epoch, so its network has hardly learnt anything.\n"
    shutil.rmtree(Shelf().run(3).folder)
    code, out, err = call("export", name, "--to", "early.safetensors", "--json")
    run = json.loads(out)["run"]
    assert (run["number"], run["state"], run["epochs_asked"]) == (2, "stopped", 2)
    assert 0 < run["epochs"] < 1
    assert run["test"].keys() == {"accuracy"}
    assert "The newest run was exported, but run 1, trained for 4 of 4 epochs, accuracy " in err
    assert err.endswith("layerloom export 1 --to early.safetensors\n")


class _StopAfter(Control):
    """A person who stops a training after some steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps
        super().__init__()

    def __getattribute__(self, name: str) -> Any:
        if name == "asked":
            if self.left == 0:
                self.stop()
            self.left -= 1
        return super().__getattribute__(name)


def _stopped(project: Project, steps: int) -> Finished:
    """Train a project until somebody stops it."""
    last = list(Recording(project, Shelf(), path="p.loom").train(_StopAfter(steps)))[-1]
    assert isinstance(last, Finished)
    return last


def test_a_run_that_was_stopped_before_its_first_step_is_not_kept(call: Call) -> None:
    project = project_file.load(Path(quick()))
    last = _stopped(project, steps=0)
    assert (last.reason, last.run) == ("stopped", "")
    assert str(last.warning) == "It was stopped before its first step, so no run is kept."
    assert Shelf().runs() == []
    assert list(Shelf().folder.iterdir()) == []
    assert call("export", "p.loom", "--to", "p.safetensors")[0] == 1
    assert _stopped(project, steps=1).run


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
