"""A plug-in may declare kinds of every family: they train, are kept, leave, are listed, and may be absent."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from attrs import evolve

from engine import edits, kinds
from engine.analysis.check import check
from engine.cli import check_plugin, main
from engine.codegen.build import build
from engine.codegen.emit import emit
from engine.data.settings import DataSettings
from engine.data.source import AbsentSource, Source
from engine.exports import export
from engine.hardware import memory
from engine.kinds import Absent, Kind, Layer
from engine.kinds.unreadable import InvalidLayer
from engine.layers.dense import Linear
from engine.layers.initialisations import Initialisation
from engine.layers.input_output import Input, Output
from engine.losses.loss import Loss
from engine.message import Illegal, Trouble
from engine.metrics.metric import Metric
from engine.optim.optimiser import Optimiser, Schedule
from engine.plugins import loading, time_limit
from engine.plugins.refresh import Refresher
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.runs.record import Record
from engine.runs.thread import Run
from engine.store import project_file
from engine.templates import template
from engine.templates.builder import Sketch
from engine.training.reports import Failed
from tests.engine.plugins.conftest import Write

SAMPLE = Path(__file__).parents[3] / "assets" / "plugins" / "every-kind.py"
FAMILIES = {
    "Sine": Layer,
    "Siren": Initialisation,
    "Whorls": Source,
    "PolyLoss": Loss,
    "Matthews": Metric,
    "Signum": Optimiser,
    "InverseRoot": Schedule,
}
"""What the sample declares."""
HEAD = """
from engine.api import *
"""


def changed(old: str = "", new: str = "") -> str:
    """The sample's text, with some of it changed."""
    text = SAMPLE.read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new) if old else text


@pytest.fixture
def sample(write: Write) -> loading.Plugins:
    return write(changed(), "every.py")


def kind(name: str, **settings: object) -> Kind:
    """One of the sample's kinds."""
    return kinds.registry(FAMILIES[name])[name](**settings)


def drawn() -> Project:
    """A network in which each of them has a part."""
    data = DataSettings(source=kind("Whorls", samples=200))
    sketch = Sketch("Whorls", data)
    dense = Linear(out_features=16, initialisation=kind("Siren", speed=3.0))
    head = Linear(out_features=2, initialisation=kind("Siren", speed=3.0))
    end = Output(loss=kind("PolyLoss", extra=0.5), metrics=("accuracy", "Matthews"))
    sketch.chain(sketch.add(Input()), dense, kind("Sine", speed=3.0), head, end)
    recipe = Recipe(optimiser=kind("Signum", rate=0.003), schedule=kind("InverseRoot"), epochs=2)
    return evolve(sketch.project(), recipe=recipe)


def test_the_sample_can_be_used(folder: Path) -> None:
    found = check_plugin.check_file(SAMPLE)
    assert found.kinds == tuple(FAMILIES)
    assert not [str(fault) for fault in found.faults]


def test_each_stands_with_those_of_its_family(sample: loading.Plugins) -> None:
    assert not sample.faults
    for name, base in FAMILIES.items():
        assert kinds.registry(base)[name].plugin == "every"
    assert "Matthews" in next(p for p in kinds.params(Output) if p.name == "metrics").type.options


def test_they_train_and_are_kept_and_leave(sample: loading.Plugins, tmp_path: Path) -> None:
    project = drawn()
    assert check(project).obstacle is None
    run = Run(project, folder=tmp_path / "run")
    run.start()
    assert run.wait(120)
    assert run.saved is not None
    record = Record(run.saved)
    assert record.state == "done"
    assert record.caution is None
    assert -1 <= record.metrics["test"]["matthews"] <= 1
    assert record.project == project
    for name in ("network.py", "network.safetensors"):
        export(record, tmp_path / name)
        assert (tmp_path / name).stat().st_size


def test_what_is_trained_has_the_code_of_the_initialisation(sample: loading.Plugins) -> None:
    source = emit(drawn())
    assert source.text.count("def siren_(weight, speed=1.0):") == 1
    assert "siren_(self.linear1.weight, speed=3.0)" in source.text
    assert "Poly1" not in source.text
    assert "Signum" not in source.text
    weight = build(drawn(), 0).module.linear1.weight
    assert float(weight.detach().abs().max()) <= (6 / 2) ** 0.5 / 3


def test_they_are_listed_and_told(sample: loading.Plugins, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["layers", "--json"]) == 0
    listed = {one["kind"]: one for one in json.loads(capsys.readouterr().out)}
    for name, base in FAMILIES.items():
        if base is not Source:
            assert listed[name]["role"] == base.__name__.lower()
            assert listed[name]["plugin"] == "every"
    assert "Matthews" in next(s for s in listed["Output"]["settings"] if s["name"] == "metrics")["options"]
    assert main.main(["layers", "Signum"]) == 0
    assert "signSGD" in capsys.readouterr().out
    assert main.main(["datasets", "--json"]) == 0
    assert "Whorls" in {one["kind"] for one in json.loads(capsys.readouterr().out)}


def test_they_are_chosen_on_the_command_line(sample: loading.Plugins, tmp_path: Path) -> None:
    path = tmp_path / "p.loom"
    project_file.save(evolve(drawn(), recipe=Recipe()), path)
    chosen = ("data.source.noise=0.1", "optimiser=Signum", "optimiser.rate=0.002", "schedule=InverseRoot")
    call = ["train", str(path), "--epochs", "1", "--out", str(tmp_path / "run")]
    assert main.main([*call, *(word for one in chosen for word in ("--set", one))]) == 0
    recipe = Record(tmp_path / "run").project.recipe
    assert recipe.optimiser == kind("Signum", rate=0.002)
    assert recipe.schedule == kind("InverseRoot")


NOISY = (
    HEAD
    + """
print("noise")


@declare(family="dense", hint="own")
class Loud(Layer):
    '''Says what it does.

    Formula: y = x
    '''

    x = port("N F", doc="a row of numbers")
    modules = '''
class Loud(nn.Module):
    def forward(self, x):
        print("noise")
        return x
'''

    def torch(self, x):
        print("noise")
        return module("Loud")
"""
)


@pytest.mark.parametrize("words", [("check", "--json"), ("train", "--json", "--epochs=1"), ("code",)])
def test_what_a_plugin_prints_is_no_answer(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    write(NOISY)
    quiet = template("wine-mlp").project()
    wire = quiet.graph.wires[0]
    project_file.save(edits.insert(quiet, "loud", kinds.registry(Layer)["Loud"](), wire), tmp_path / "x.loom")
    capsys.readouterr()
    place = ("--out", str(tmp_path / "run")) if words[0] == "train" else ()
    assert main.main([words[0], str(tmp_path / "x.loom"), *words[1:], *place]) == 0
    out, err = capsys.readouterr()
    assert "noise\n" in err
    answer = {"check": json.loads, "train": lambda text: [*map(json.loads, text.splitlines())]}
    answer.get(words[0], ast.parse)(out)


# --------------------------------------------------------------------------- absent


def test_a_project_opens_without_its_plugin_and_keeps_all_its_data(
    sample: loading.Plugins, folder: Path
) -> None:
    project = drawn()
    text = project_file.dumps(project)
    (folder / "every.py").unlink()
    loading.load()
    opened = project_file.loads(text)
    assert project_file.dumps(opened) == text
    assert isinstance(opened.data.source, AbsentSource)
    assert isinstance(opened.recipe.optimiser, Absent)
    assert isinstance(opened.recipe.schedule, Absent)
    layers = [node.kind for node in opened.graph.nodes.values()]
    assert [type(one) for one in layers if isinstance(one, InvalidLayer)] == [InvalidLayer] * 3
    problems = [str(problem.message) for problem in check(opened).problems]
    assert "The data Whorls cannot be read: from plug-in every, not found" in problems
    for role in ("optimiser", "schedule"):
        assert f"The {role} is of a kind that is not known here: from plug-in every, not found" in problems
    assert sum("from plug-in every, not found" in one for one in problems) == 7
    assert opened.fingerprint == project.fingerprint
    with pytest.raises(Trouble, match="not found"):
        build(opened)


def test_what_was_trained_leaves_without_the_plugin_of_its_optimiser(
    sample: loading.Plugins, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it need the memory of a training."""
    recipe = Recipe(epochs=1, optimiser=kind("Signum"), schedule=kind("InverseRoot"))
    run = Run(evolve(template("wine-mlp").project(), recipe=recipe), folder=tmp_path / "run")
    run.start()
    assert run.wait(60)
    (folder / "every.py").unlink()
    loading.load()
    monkeypatch.setattr("engine.analysis.memory.SMALL", 0)
    for name in ("installed", "available"):
        monkeypatch.setattr(memory, name, lambda: 1)
    record = Record(tmp_path / "run")
    assert isinstance(record.project.recipe.optimiser, Absent)
    assert {one.name for one in check(record.project).problems} >= {"unknown-in-recipe", "memory"}
    export(record, tmp_path / "network.safetensors")
    assert (tmp_path / "network.safetensors").stat().st_size
    assert record.predictor()
    with pytest.raises(Trouble, match="memory"):
        build(record.project)


def test_a_project_follows_its_plugin(sample: loading.Plugins, write: Write, folder: Path) -> None:
    project = drawn()
    (folder / "every.py").unlink()
    loading.load()
    gone = Refresher().project(project)
    assert isinstance(gone.recipe.optimiser, Absent)
    assert any(isinstance(node.kind, InvalidLayer) for node in gone.graph.nodes.values())
    assert project_file.dumps(gone) == project_file.dumps(project)
    write(changed(), "every.py")
    back = Refresher().project(gone)
    assert project_file.dumps(back) == project_file.dumps(project)
    assert type(back.recipe.optimiser) is kinds.registry(Optimiser)["Signum"]
    assert check(back).obstacle is None


def test_a_setting_that_is_gone_leaves_the_others_readable(sample: loading.Plugins, write: Write) -> None:
    text = project_file.dumps(drawn())
    write(changed("warm_up", "rise"), "every.py")
    opened = project_file.loads(text)
    schedule = opened.recipe.schedule
    assert isinstance(schedule, Absent)
    assert str(schedule.reason) == "InverseRoot has no setting warm_up"
    assert schedule.label() == "InverseRoot"
    assert project_file.dumps(opened) == text


def test_what_is_not_of_a_plugin_is_still_refused(folder: Path) -> None:
    data = project_file.to_json(Sketch("Empty").project())
    data["recipe"]["optimiser"] = {"kind": "Signum"}
    with pytest.raises(Trouble, match="expected the name of an optimiser"):
        project_file.from_json(data)
    with pytest.raises(Illegal, match="from plug-in else, not found"):
        kinds.from_json({"kind": "CrossEntropy", "plugin": "else"}, Loss)


# --------------------------------------------------------------------------- wrong ones


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("class Own(Optimiser):\n    '''Own.'''\n", "it has no torch(); say there what it does"),
        ("class Own(Optimiser):\n    '''Own.'''\n    def torch(self): pass\n", "it has no rate"),
        ("class Own(Schedule):\n    '''Own.'''\n", "it has no factor()"),
        ("class Own(Schedule):\n    def factor(self, progress, epochs): return 1.0\n", "no docstring"),
        ("class Own(Metric):\n    '''Own.'''\n", "it has no compute()"),
        (
            "class Own(Metric):\n    '''Own.'''\n    tasks = ('x',)\n    def compute(self, a, b): pass\n",
            "expected as tasks some of classes, binary, numbers, sequence, wire",
        ),
        (
            "class Own(Metric):\n    '''Own.'''\n    name = 'R-2'\n    def compute(self, a, b): pass\n",
            "",
        ),
        (
            "class Own(Metric):\n    '''Own.'''\n    name = 'f1'\n    def compute(self, a, b): pass\n",
            "Layerloom itself has a metric f1 already; rename it",
        ),
        (
            "class Own(Metric):\n    '''Own.'''\n    name = 'Loss'\n    def compute(self, a, b): pass\n",
            "Layerloom itself has a metric loss already; rename it",
        ),
        ("class Own(Initialisation):\n    '''Own.'''\n", "it has no call()"),
        ("class Own(Source):\n    '''Own.'''\n", "it has no schema()"),
        (
            "class Own(Initialisation):\n    '''Own.'''\n    modules = 'import numpy'\n"
            "    def call(self, weight): return ''\n",
            "its modules import numpy",
        ),
    ],
)
def test_a_kind_that_says_too_little_is_refused(write: Write, text: str, words: str) -> None:
    found = write(HEAD + "@declare()\n" + text)
    assert [words in str(fault) for fault in found.faults] == ([True] if words else [])


OPTIMISER = """
@declare()
class Own(Optimiser):
    '''Own.'''
    rate: float = param(0.1, lo=0, doc="How far")
    def torch(self):
        return {}
"""
SCHEDULE = """
@declare()
class Own(Schedule):
    '''Own.'''
    def factor(self, progress, epochs):
        return {}
"""
METRIC = """
@declare()
class Own(Metric):
    '''Own.'''
    tasks = ("classes", "binary", "numbers", "sequence")
    def compute(self, prediction, target):
        return {}
"""
LOSS = """
@declare()
class Own(Loss):
    '''Own.'''
    modules = "class Mine(nn.Module):\\n    def forward(self, x, y):\\n        return {}"
    def torch(self, counts=()):
        return Call("Mine")
"""
FILL = """
@declare()
class Own(Initialisation):
    '''Own.'''
    def call(self, weight):
        return {}
"""
DATA = """
@declare()
class Own(Source):
    '''Own.'''
    def schema(self):
        return schema_of(Column("x", (2,)), target=Column("y", (), "int", ("a", "b")), samples=100)
    def load(self):
        import numpy as np
        return {}
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (OPTIMISER.format('Call("torch.optim.Adagrad", (), (("lr", self.rate),))'), ""),
        (
            OPTIMISER.format('Call("torch.optim.SGD", (), (("lr", self.rate), ("maximize", True)))'),
            "w² lead from",
        ),
        (OPTIMISER.format("3"), "torch() gives int, not Call(…)"),
        (OPTIMISER.format('Call("torch.optim.Nothing")'), "Nothing"),
        (SCHEDULE.format("1 / (1 + progress)"), ""),
        (SCHEDULE.format("1 / progress"), "ZeroDivisionError"),
        (SCHEDULE.format("float('nan')"), "factor() gives nan, not a finite number"),
        (SCHEDULE.format("-1.0"), "it gives -1.0"),
        (METRIC.format("0.5"), ""),
        (METRIC.format("float((prediction.shape[0] == target.shape[0]))"), ""),
        (METRIC.format("prediction"), "not a finite number or None"),
        (METRIC.format("prediction.nothing"), "nothing"),
        (LOSS.format("(x - y).square().mean()"), ""),
        (LOSS.format("(x - y).square()"), "for a batch, not one number"),
        (LOSS.format("(x.detach() - y).square().mean()"), "does not depend on the prediction"),
        (LOSS.format("x.mean() / 0"), "for usual predictions"),
        (LOSS.format("x.nothing"), "nothing"),
        (FILL.format('f"nn.init.eye_({weight})"'), "Only tensors with 2 dimensions"),
        (FILL.format('f"nn.init.normal_({weight}, std=0.5)"'), ""),
        (FILL.format('f"nn.init.nothing_({weight})"'), "nothing_"),
        (DATA.format('Raw({"x": np.zeros((100, 2)), "y": np.arange(100) % 2})'), ""),
        (
            DATA.format('Raw({"x": np.zeros((100, 3)), "y": np.arange(100) % 2})'),
            "Column x has the wrong shape",
        ),
        (
            DATA.format('Raw({"x": np.zeros((100, 2)), "y": np.arange(100)})'),
            "names classes that do not exist",
        ),
        (DATA.format('Raw({"x": np.zeros((100, 2))})'), "Column y is not in the data"),
        (
            DATA.format('Raw({"x": [[0, 0]] * 100, "y": [0] * 100})'),
            "something else than an array of numbers",
        ),
        (DATA.format("3"), "load() gives int, not Raw(…)"),
    ],
)
def test_a_trial_says_what_is_wrong(folder: Path, text: str, words: str) -> None:
    path = folder / "tried.py"
    path.write_text(HEAD + text, encoding="utf-8")
    found = [str(fault) for fault in check_plugin.check_file(path).faults]
    assert bool(found) == bool(words), found
    assert words in "".join(found)


# --------------------------------------------------------------------------- mistakes while they are used


def test_a_recipe_that_fails_is_a_problem_with_the_line(write: Write) -> None:
    write(HEAD + OPTIMISER.format("1 / 0"), "a.py")
    recipe = Recipe(optimiser=kinds.registry(Optimiser)["Own"]())
    project = evolve(Sketch("Empty").project(), recipe=recipe)
    (problem,) = (one for one in check(project).problems if one.name == "recipe-fails")
    assert str(problem.message) == "The plug-in a fails in line 9: ZeroDivisionError: division by zero."


def test_a_schedule_that_fails_ends_the_training_in_words(
    sample: loading.Plugins, write: Write, tmp_path: Path
) -> None:
    write(HEAD + SCHEDULE.format("1 / (progress < 1)"), "a.py")
    project = drawn()
    recipe = project.recipe.with_setting("schedule", kinds.registry(Schedule)["Own"]())
    run = Run(evolve(project, recipe=recipe), folder=tmp_path / "run")
    run.start()
    assert run.wait(120)
    failure = run.poll()[-1]
    assert isinstance(failure, Failed)
    assert "The plug-in a fails in line 8: ZeroDivisionError" in str(failure.message)


def test_a_metric_that_fails_is_said_to_be_left_out(
    sample: loading.Plugins, write: Write, tmp_path: Path
) -> None:
    write(changed("classes, said = prediction.shape[1]", "classes, said = 1 / 0"), "every.py")
    run = Run(drawn(), folder=tmp_path / "run")
    run.start()
    assert run.wait(120)
    record = Record(run.saved)
    assert record.state == "done"
    told = str(record.caution)
    assert told.startswith("Could not be computed and so left out: ")
    assert "The plug-in every fails in line " in told
    assert "ZeroDivisionError: division by zero" in told
    assert "matthews" in told.lower()
    assert "accuracy" in record.metrics["test"], "the others are there"


def test_data_that_never_answers_is_a_problem(
    sample: loading.Plugins, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(changed("return schema_of(", "while True: pass\n        return schema_of("), "every.py")
    monkeypatch.setattr(time_limit, "CALLING", 0.05)
    (problem,) = (one for one in check(drawn()).problems if one.name == "data")
    assert "perhaps a loop does not end" in str(problem.message)


def test_an_initialisation_that_fails_is_a_problem_at_its_layer(
    sample: loading.Plugins, write: Write
) -> None:
    write(changed('return f"siren_(', 'return 1 / 0 or f"siren_('), "every.py")
    problems = [str(one.why) for one in check(drawn()).problems if one.name == "plugin"]
    assert problems
    assert all("ZeroDivisionError" in one for one in problems)
