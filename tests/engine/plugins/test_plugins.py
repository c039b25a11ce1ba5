"""Kinds of a person's own: read, refused in sentences, emitted; and no project brings any."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from engine import edits, kinds
from engine.analysis.check import check
from engine.cli import check_plugin, main
from engine.codegen.build import build, instantiate
from engine.codegen.emit import emit
from engine.data.settings import DataSettings
from engine.kinds import Layer, Unknown
from engine.layers.block_ends import Entry, Exit
from engine.layers.input_output import Input, Output
from engine.message import Illegal
from engine.plugins import loading, time_limit
from engine.project.blocks import Block, Use
from engine.project.graph import Graph, Node, Wire
from engine.store import project_file
from engine.templates.builder import Sketch
from tests.engine.interpreter import interpret
from tests.engine.plugins.conftest import Write
from tests.engine.plugins.iris import GATE, HEAD, made, project
from tests.engine.projects import source

SAMPLE = Path(__file__).parents[3] / "assets" / "plugins" / "snn-kinds.py"


def own(name: str, body: str = "", facts: str = 'family="dense"', doc: str = "Own.") -> str:
    return f"""
@declare({facts})
class {name}(Layer):
    '''{doc}'''
    x = port("N *", doc="anything")
{body}
    def torch(self, x):
        return expression("{{x}} * 2")
"""


# --------------------------------------------------------------------------- reading files


def test_the_sample_can_be_used(folder: Path) -> None:
    found = check_plugin.check_file(SAMPLE)
    assert found.kinds == ("Swoosh", "SpikingLIF")
    assert not found.faults


def test_a_kind_of_a_plugin_stands_with_ours(write: Write) -> None:
    assert not write(HEAD + own("Twice")).faults
    assert check(project(made("Twice"))).nodes["k"].outputs["out"].sample == (4,)
    assert kinds.to_json(made("Twice")) == {"kind": "Twice", "plugin": "own"}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("def f(:\n", 1, "not Python"),
        ("x = 1\nraise RuntimeError('no such thing')\n", 2, "RuntimeError: no such thing"),
        ("import sys\n\nsys.exit(3)\n", 3, "SystemExit"),
        ("raise KeyboardInterrupt\n", 1, "KeyboardInterrupt"),
        ("import absent_package\n", 1, "absent_package"),
        (HEAD, 0, "declares no kind"),
        (HEAD + own("Linear"), 7, "Layerloom itself has a kind Linear already"),
        (HEAD + own("Use"), 7, "cannot be called so"),
        (HEAD + own("Odd", facts='family="mine"'), 7, "expected one of the families"),
        (HEAD + own("Odd", facts='family="io"'), 7, "belongs to Input and Output"),
        (HEAD + own("Odd", doc=""), 7, "no docstring"),
        (
            HEAD + own("Odd", '    plugin_: int = 3\n    kind: int = param(1, doc="x")\n'),
            7,
            "cannot be called",
        ),
        (HEAD + own("Odd", '    n: int = param(0, lo=1, doc="x")\n'), 7, "1"),
        (HEAD + own("Odd", '    outputs = ("a b",)\n'), 7, "a b"),
        (HEAD + own("Odd", '    modules = "import numpy"\n'), 7, "numpy"),
        (HEAD + own("Odd", '    modules = "print(1)"\n'), 7, "expected imports, classes"),
        (HEAD + own("Odd", '    modules = "class Path: pass"\n'), 7, "cannot be called Path"),
        (HEAD + own("Odd", '    modules = "class ("\n'), 7, "not Python"),
        (HEAD + "\n@declare()\nclass Own(BlockEnd):\n    '''Own.'''\n", 7, "expected one of Layer, Loss"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_the_rest_goes_on(
    write: Write, text: str, line: int, words: str
) -> None:
    write(HEAD + own("Good"), "good.py")
    found = write(text, "bad.py")
    (fault,) = found.faults
    assert fault.path.name == "bad.py"
    assert words in str(fault.message)
    assert fault.line == line
    assert [kind.__name__ for kind in found.kinds] == ["Good"]


def test_a_loop_without_end_is_a_fault_with_its_line(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limit, "READING", 0.05)
    stubborn = (
        "while True:\n    try:\n        while True:\n            pass\n    except Exception:\n        pass\n"
    )
    (fault,) = write(stubborn).faults
    assert fault.line in range(1, 7)
    assert "perhaps a loop does not end" in str(fault.message)


def test_a_layer_that_never_answers_is_a_problem_at_its_node(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(HEAD + own("Endless").replace('return expression("{x} * 2")', "while True:\n            pass"))
    monkeypatch.setattr(time_limit, "CALLING", 0.05)
    problem = check(project(made("Endless"))).of("k")[0]
    assert str(problem.message) == (
        "expects a plug-in whose code comes to an end, but receives one that was not done within 0.05 seconds"
    )
    assert "was not done in line 1" in str(problem.why)
    assert "perhaps a loop does not end" in str(problem.why)
    monkeypatch.delattr(time_limit, "limited")
    wider = edits.set_data(project(made("Endless")), DataSettings(source=source("Wine")))
    assert str(check(wider).of("k")[0].why) == str(problem.why), "it is not asked again"


def test_one_bad_kind_leaves_the_others_of_its_file(write: Write) -> None:
    found = write(HEAD + own("Odd", facts='family="mine"') + own("Good"))
    assert [kind.__name__ for kind in found.kinds] == ["Good"]
    assert "expected one of the families" in str(found.faults[0])


def test_two_files_cannot_declare_one_name(write: Write) -> None:
    write(HEAD + own("Twice"), "a.py")
    found = write(HEAD + own("Twice"), "b.py")
    assert str(found.faults[0]) == "b.py, line 7: a.py has a kind Twice already; rename it"
    assert [kind.plugin for kind in found.kinds] == ["a"]


def test_two_modules_of_one_name_do_not_meet(write: Write) -> None:
    write(GATE, "a.py")
    other = GATE.replace("class Gate(", "class Other(").replace("math.pi", "2")
    assert "GateModule" in str(write(other, "b.py").faults[0])


def test_an_unchanged_file_is_not_run_again(write: Write, folder: Path) -> None:
    before = write(HEAD + own("Twice")).kinds
    assert loading.load().kinds == before
    after = write(HEAD + own("Twice") + "# changed\n").kinds
    assert after != before
    assert kinds.registry(Layer)["Twice"] is after[0]


def test_what_a_plugin_prints_is_no_answer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "loud.py").write_text("print('loud')\n" + HEAD + own("Twice"))
    assert main.main(["plugins", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["plugins"][0]["kinds"] == ["Twice"]


def test_the_command_line_says_what_is_wrong(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.py").write_text("1 / 0\n")
    assert main.main(["plugins"]) == 1
    assert "bad.py, line 1: ZeroDivisionError" in capsys.readouterr().err
    assert main.main(["layers", "--json"]) == 0
    said = capsys.readouterr()
    assert "plug-in bad.py, line 1" in said.err
    assert json.loads(said.out)
    assert main.main(["plugins", "--check", str(folder / "absent.py")]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_a_name_of_ours_from_a_plugin_is_not_taken_for_ours(folder: Path) -> None:
    with pytest.raises(Illegal, match="from plug-in else, not found"):
        kinds.from_json({"kind": "Linear", "plugin": "else"}, Layer)


# --------------------------------------------------------------------------- trying them


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('        return module("nn.Linear", 99, 3)', "PyTorch says"),
        ("        return 1 / 0", "ZeroDivisionError"),
        ("        return 'x'", "not module(…) or expression(…)"),
        ('        return expression("{x} / 0")', "not finite"),
        ('        return expression("{x")', "fails"),
        (
            '        return expression("{x}")\n    def shapes(self, x):\n        return (x.shape, x.shape)',
            "shapes() gives",
        ),
        (
            '        return module("nn.Linear", 4, 4)\n    def count(self, x):\n        return "4 × 4"',
            "count() comes to 16, but it has 20",
        ),
        ('        return expression("{x}")\n    def summary(self):\n        return self.nothing', "nothing"),
    ],
)
def test_a_trial_says_what_is_wrong(folder: Path, body: str, words: str) -> None:
    path = folder / "tried.py"
    text = own("Tried").rstrip().removesuffix('        return expression("{x} * 2")')
    path.write_text(HEAD + text + body + "\n", encoding="utf-8")
    found = check_plugin.check_file(path)
    assert any(words in str(fault) for fault in found.faults), [str(fault) for fault in found.faults]
    assert all(fault.line for fault in found.faults)


def test_an_output_takes_no_variable_that_a_later_line_reads(write: Write) -> None:
    """Smaller and larger values of two branches, whose first branch is `x` in the code."""
    lines = '("{low} = torch.minimum({a}, {b})", "{high} = torch.maximum({a}, {b})")'
    write(f"""{HEAD}
from engine.kinds.code import Code
@declare(family="combine")
class Sorted(Layer):
    '''Two values, the smaller first.'''
    outputs = ("low", "high")
    a = port("N *", doc="anything")
    b = port("N *", doc="anything")
    def torch(self, a, b):
        return Code({lines})
""")
    sketch = Sketch("Two", DataSettings(source=source("Iris")))
    x = sketch.add(Input())
    branches = [sketch.add(made("Linear", out_features=3), x) for _ in range(2)]
    both = sketch.add(made("Sorted"), *branches)
    joined = sketch.add(made("Concatenate"), (both, "low"), (both, "high"))
    sketch.chain(joined, made("Linear", out_features=3), Output())
    analysis = check(sketch.project())
    built = build(analysis.project, 0, analysis)
    given = torch.randn(5, 4)
    _, (drawn,) = interpret(built, analysis, [given])
    assert torch.equal(built.module(given), drawn)


def test_what_a_plugin_raises_stops_no_check(write: Write) -> None:
    text = own("Raising").replace('return expression("{x} * 2")', "return 1 / 0")
    write(HEAD + text + "    def summary(self):\n        return 1 / 0\n")
    kind = made("Raising")
    assert kind.summary() == ""
    (problem,) = (p for p in check(project(kind)).problems if p.node == "k")
    assert problem.name == "plugin"
    assert "ZeroDivisionError" in str(problem.why)


# --------------------------------------------------------------------------- code


def test_the_code_brings_its_module_once_and_needs_torch_alone(write: Write, tmp_path: Path) -> None:
    write(GATE)
    drawn = project(made("Gate"), "GateModule")
    drawn = edits.insert(drawn, "k2", made("Gate", width=5), drawn.graph.wires[0])
    source = emit(drawn)
    assert source.complete
    assert source.text.count("class GateModule(nn.Module)") == 1
    assert source.class_name != "GateModule"
    assert source.text.startswith("import math\nfrom torch import nn\nfrom torch.nn import functional as F\n")
    lines = source.text.splitlines()
    assert all("GateModule(" in lines[source.lines[id][0] - 1] for id in ("k", "k2"))
    assert instantiate(source)(torch.rand(2, 4)).shape == (2, 3)
    path = tmp_path / "emitted.py"
    path.write_text(source.text)
    code = f"import sys, runpy; runpy.run_path({str(path)!r}); sys.exit('engine' in sys.modules)"
    assert subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path).returncode == 0


def test_a_module_takes_no_name_that_ours_have(write: Write) -> None:
    (fault,) = write(GATE.replace("GateModule", "PaddedGRU")).faults
    assert "Gate brings a module PaddedGRU" in str(fault.message)


def test_a_module_within_a_block_is_brought_too(write: Write) -> None:
    write(GATE)
    nodes = [Node("a", Entry(), "in"), Node("g", made("Gate", width=4), "gate"), Node("z", Exit(), "out")]
    wires = (Wire("a", "out", "g", "x"), Wire("g", "out", "z", "x"))
    block = Block(Graph("Gates", {node.id: node for node in nodes}, wires))
    drawn = project(Use(block=block, repeat=2))
    source = emit(drawn)
    assert source.text.count("class GateModule") == 1
    assert instantiate(source)(torch.rand(2, 4)).shape == (2, 4)


# --------------------------------------------------------------------------- nothing of a project runs


@pytest.mark.parametrize(
    "layer",
    [
        {"kind": "Own", "plugin": "beside"},
        {"kind": "Own", "plugin": "../beside"},
        {"kind": "Own\nimport beside", "plugin": "x\nimport beside"},
        {"kind": "Own", "plugin": "beside", "modules": "raise SystemExit"},
        {"kind": "__import__('os').abort()", "plugin": "__import__('os').abort()"},
        {"kind": "Linear", "plugin": ["beside"], "modules": "import beside"},
        {"kind": "Own", "plugin": "x" * 10_000},
        {"kind": "Own", "plugin": "{x.__class__}"},
    ],
)
def test_opening_a_project_runs_no_code(folder: Path, tmp_path: Path, layer: dict[str, object]) -> None:
    ran = tmp_path / "ran"
    text = f"open({str(ran)!r}, 'w').close()\n"
    for name in ("beside", "torch", "engine", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text(text)
    data = project_file.to_json(project(made("Linear")))
    data["nodes"][1]["layer"] = layer
    path = tmp_path / "hostile.loom"
    path.write_text(json.dumps(data))
    opened = project_file.load(path)
    assert isinstance(opened.graph.nodes["k"].kind, Unknown)
    analysis = check(opened)
    assert all(str(problem.message) for problem in analysis.problems)
    assert "beside" not in ast.dump(ast.parse(emit(opened, analysis).text))  # in a comment alone
    assert json.loads(project_file.dumps(opened))["nodes"][1]["layer"] == layer
    assert not ran.exists()
    assert not loading.load().files


def test_a_file_beside_the_project_is_not_loaded_by_the_program(folder: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    for name in ("own", "torch", "json"):
        (tmp_path / f"{name}.py").write_text(f"open({str(ran)!r}, 'w').close()\n")
    data = project_file.to_json(project(made("Linear")))
    data["nodes"][1]["layer"] = {"kind": "Own", "plugin": "own"}
    (tmp_path / "p.loom").write_text(json.dumps(data))
    home = Path(loading.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "engine", "code", "p.loom"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(home)},
    )
    assert done.returncode == 1
    assert "not found" in done.stderr
    assert not ran.exists()


def test_a_child_process_is_told_the_folder(write: Write, folder: Path) -> None:
    write(GATE)
    assert loading.environment() == {loading.FOLDER: str(folder)}
    assert importlib.util.find_spec("own") is None


# --------------------------------------------------------------------------- what they cost


@pytest.mark.parametrize(
    ("layer", "macs"),
    [
        ('module("nn.Linear", x.F, 2 * x.F)', 4 * 8),
        ('module("nn.LSTMCell", x.F, 3, line="{out}, _ = {m}({x})")', 4 * 3 * (4 + 3)),
        ('module("nn.Tanh")', 0),
        ('module("nn.Bilinear", x.F, x.F, 3, line="{out} = {m}({x}, {x})")', None),
    ],
)
def test_what_a_layer_costs_that_does_not_say_it_is_counted_or_not_known(
    write: Write, capsys: pytest.CaptureFixture[str], tmp_path: Path, layer: str, macs: int | None
) -> None:
    write(HEAD + own("Widen").replace("N *", "N F").replace('expression("{x} * 2")', layer))
    analysis = check(project(made("Widen")))
    facts = analysis.nodes["k"]
    assert (facts.known, facts.uncounted, analysis.counted) == (True, macs is None, macs is not None)
    assert facts.macs == (macs or 0)
    file = tmp_path / "own.loom"
    project_file.save(analysis.project, file)
    assert main.main(["check", str(file)]) in {0, 1}
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("mine"))
    assert row.split()[-1] == ("?" if macs is None else str(macs))


def test_a_gate_of_ones_own_costs_what_is_inside(write: Write) -> None:
    write(GATE)
    assert check(project(made("Gate"))).nodes["k"].macs == 4 * 3
