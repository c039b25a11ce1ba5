"""The emitted code: what a good engineer would write, whatever the network and whatever its names.

`python -m tests.engine.codegen.test_emit` writes the golden files anew; look at what changed.
"""

from __future__ import annotations

import ast
import keyword
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from attrs import evolve
from torch import nn

from engine import edits
from engine.analysis.check import check
from engine.codegen.build import build, instantiate
from engine.codegen.emit import emit
from engine.codegen.source import SourceCode
from engine.codegen.wrap import WIDTH, wrapped
from engine.data.settings import DataSettings
from engine.kinds import Layer
from engine.kinds.identifiers import class_identifier, identifier
from engine.project.project import Project
from engine.store import project_file
from engine.templates import Template, template, templates
from engine.templates.builder import Sketch
from tests.engine.chains import FLAT, OUT, TAIL, TEN, WHOLE, chain, conv
from tests.engine.drawings import HOSTILE
from tests.engine.interpreter import interpret
from tests.engine.mistakes import MISTAKES
from tests.engine.projects import layer

GOLDEN = Path(__file__).parents[1] / "golden"
WRITTEN = (*templates(), template("resnet-18"), template("gpt-2"))


def golden(template: Template) -> Path:
    return GOLDEN / f"{template.id.replace('-', '_')}.py"


@pytest.mark.parametrize("one", WRITTEN, ids=lambda one: one.id)
def test_the_code_of_the_templates(one: Template) -> None:
    source = emit(one.project())
    assert source.text == golden(one).read_text(encoding="utf-8")
    assert source.complete


def test_the_golden_files_are_formatted_and_there_are_no_others() -> None:
    assert {path.name for path in GOLDEN.glob("*.py")} == {golden(one).name for one in WRITTEN}
    for command in (["check", "--quiet"], ["format", "--check", "--quiet"]):
        ruff = subprocess.run([sys.executable, "-m", "ruff", *command, str(GOLDEN)], check=False)
        assert ruff.returncode == 0


def test_the_code_needs_torch_alone(tmp_path: Path) -> None:
    """In a fresh process, away from this checkout."""
    code = """
import runpy, sys, torch
for path in sys.argv[1:]:
    made = [v for v in runpy.run_path(path).values() if isinstance(v, type)]
    assert sum(p.numel() for p in made[-1]().parameters()) > 0
assert not {"engine", "gui", "attrs", "sklearn"} & set(sys.modules)
"""
    paths = [str(golden(one)) for one in WRITTEN]
    subprocess.run([sys.executable, "-I", "-c", code, *paths], check=True, cwd=tmp_path)


# --------------------------------------------------------------------------- the values are right


def same(project: Project) -> SourceCode:
    """The module computes what the graph says, node by node; gives its source."""
    analysis = check(project)
    built = build(project, seed=1, analysis=analysis)
    assert analysis.schema is not None
    torch.manual_seed(0)
    inputs = [torch.rand(4, *analysis.schema.columns[name].shape) for name in built.inputs]
    torch.manual_seed(1)
    results = built.module(*inputs)
    torch.manual_seed(1)
    _, wanted = interpret(built, analysis, inputs)
    for result, value in zip(results if isinstance(results, tuple) else (results,), wanted, strict=True):
        torch.testing.assert_close(result, value, rtol=0, atol=0)
    return built.source


def forward(source: SourceCode) -> list[str]:
    """The lines of `forward`, without comments."""
    lines = source.text.split("    def forward")[1].splitlines()[1:]
    return [line.split("  #")[0].strip() for line in lines if line.strip()]


def test_a_chain_has_one_variable() -> None:
    source = same(chain(conv(4), layer("ReLU"), *TAIL))
    assert forward(source) == [
        "x = self.conv1(x)",
        "x = self.relu1(x)",
        "x = x.flatten(1)",
        "return self.linear1(x)",
    ]


def test_a_skip_keeps_its_value_under_the_name_of_its_layer() -> None:
    sketch = Sketch("Residual", DataSettings())
    stem = sketch.add(conv(4, padding=1), sketch.add(layer("Input")), name="stem")
    branch = sketch.chain(stem, layer("ReLU"), conv(4, padding=1))
    sketch.chain(sketch.add(layer("Add"), branch, stem), *TAIL)
    assert forward(same(sketch.project()))[:4] == [
        "stem = self.stem(x)",
        "x = self.relu1(stem)",
        "x = self.conv1(x)",
        "x = x + stem",
    ]


def test_a_skip_that_several_share() -> None:
    sketch = Sketch("Dense", DataSettings())
    x = sketch.add(layer("Input"))
    a = sketch.add(conv(4, padding=1), x)
    b = sketch.add(conv(4, padding=1), a)
    c = sketch.add(layer("Add"), a, b)
    d = sketch.add(layer("Concatenate"), a, b, c, x)
    sketch.chain(sketch.add(layer("Multiply"), d, sketch.add(layer("Sigmoid"), d)), *TAIL)
    same(sketch.project())


def test_several_inputs_and_outputs() -> None:
    sketch = Sketch("Several", DataSettings())
    left, right = sketch.add(layer("Input")), sketch.add(layer("Input"), name="Right picture")
    flat = sketch.add(FLAT, sketch.add(layer("Subtract"), left, right))
    for name in ("first", "second"):
        sketch.add(OUT, sketch.add(TEN, flat, name=name), name=f"{name} end")
    source = same(sketch.project())
    assert "def forward(self, input1, right_picture):" in source.text
    assert forward(source)[-1] == "return first, second"
    assert len(source.inputs) == len(source.outputs) == 2


def test_one_value_for_two_outputs() -> None:
    sketch = Sketch("Twice", DataSettings())
    end = sketch.chain(sketch.add(layer("Input")), FLAT, TEN)
    sketch.add(OUT, end)
    sketch.add(OUT, end)
    assert forward(same(sketch.project()))[-1] == "return linear1, linear1"


def test_a_layer_with_several_outputs() -> None:
    sketch = Sketch("Parts", DataSettings())
    parts = sketch.chain(sketch.add(layer("Input")), FLAT, layer("Chunk"))
    sketch.chain(sketch.add(layer("Subtract"), (parts, "out1"), (parts, "out2")), TEN, OUT)
    same(sketch.project())
    half = Sketch("Half", DataSettings())
    parts = half.chain(half.add(layer("Input")), FLAT, layer("Chunk"))
    half.chain(half.add(TEN, (parts, "out2")), OUT)
    assert any("_, x" in line or "[1]" in line for line in forward(same(half.project())))


def test_muted_layers_are_not_there() -> None:
    project = chain(conv(4, padding=1), layer("Tanh"), layer("ReLU"), *TAIL)
    tanh = next(id for id, node in project.graph.nodes.items() if node.name == "tanh1")
    relu = next(id for id, node in project.graph.nodes.items() if node.name == "relu1")
    source = same(edits.mute(project, [tanh, relu], True))
    assert "tanh" not in source.text.lower()
    assert forward(source)[:2] == ["x = self.conv1(x)", "x = x.flatten(1)"]


def test_a_muted_layer_between_a_value_and_its_later_use() -> None:
    sketch = Sketch("Muted skip", DataSettings())
    x = sketch.add(layer("Input"))
    a = sketch.add(conv(4, padding=1), x)
    skip = sketch.add(layer("Tanh"), a)
    b = sketch.chain(a, conv(4, padding=1), layer("ReLU"))
    join = sketch.add(layer("Add"), b, skip)
    sketch.chain(join, *TAIL)
    project = sketch.project()
    same(edits.mute(project, [skip], True))
    source = same(edits.mute(project, [skip, join], True))
    assert "+" not in source.text


def test_a_long_chain_of_muted_layers() -> None:
    project = chain(FLAT, *[layer("Tanh") for _ in range(1500)], TEN, OUT)
    muted = [id for id, node in project.graph.nodes.items() if node.name.startswith("tanh")]
    assert forward(emit(edits.mute(project, muted, True))) == ["x = x.flatten(1)", "return self.linear1(x)"]


def test_variables_of_a_layers_own_meet_no_other() -> None:
    """An LSTM keeps its state in a variable; a layer called so keeps its value all the same."""
    sketch = Sketch("States", DataSettings())
    rows = sketch.add(layer("Reshape", sizes=(8, 8)), sketch.add(layer("Input")))
    state = sketch.add(layer("Linear", out_features=8), rows, name="state")
    other = sketch.add(layer("Linear", out_features=8), rows, name="state_2")
    last = sketch.add(layer("LSTM", hidden_size=8), state)
    wide = sketch.add(layer("LSTM", hidden_size=4, bidirectional=True), other)
    both = sketch.add(layer("Add"), sketch.add(layer("Max", axis=1, keep=False), state), last, wide)
    sketch.chain(both, TEN, OUT)
    same(sketch.project())


def test_nothing_that_is_left_out_is_in_the_code() -> None:
    project = edits.connect(edits.add(WHOLE, "s", conv(), name="side"), "n1", "out", "s", "x")
    assert emit(project).text == emit(WHOLE).text


def test_the_way_data_goes_straight_through() -> None:
    assert forward(emit(chain(OUT))) == ["return x"]


# --------------------------------------------------------------------------- unfinished networks


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_broken_network_gives_what_is_known(mistake: str) -> None:
    source = emit(MISTAKES[mistake][0])
    compile(source.text, "network", "exec")
    broken = {"no-output", "no-input", "empty"}
    if MISTAKES[mistake][2] in broken:
        assert not source.complete
        assert "the network is not finished" in source.text


def test_the_first_fault_stands_in_the_code_as_a_comment() -> None:
    source = emit(chain(conv(4), conv(4, size=9), *TAIL))
    assert not source.complete
    assert forward(source)[0] == "x = self.conv1(x)"
    assert "# conv2: expects a height of at least 9, padding included" in source.text


# --------------------------------------------------------------------------- names


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_no_name_breaks_the_code(name: str) -> None:
    """Also names that no edit lets through, since a file may hold them."""
    graph = WHOLE.graph
    nodes = {id: evolve(node, name=f"{name}{' ' * i}") for i, (id, node) in enumerate(graph.nodes.items())}
    project = evolve(WHOLE, graph=evolve(graph, name=name, nodes=nodes))
    source = same(project)
    imports, network = ast.parse(source.text).body
    assert isinstance(imports, ast.ImportFrom)
    assert isinstance(network, ast.ClassDef)
    assert network.name == source.class_name
    assert all(len(line) <= WIDTH for line in source.text.splitlines())
    assert source.class_name.isidentifier()
    assert len(set(source.names.values())) == len(source.names)
    for attribute in source.names.values():
        assert attribute.isidentifier()
        assert attribute.isascii()
        assert not keyword.iskeyword(attribute)
        assert not hasattr(nn.Module(), attribute)


def test_a_text_in_the_network_stays_a_text() -> None:
    """A title, a name and a comment that would end what they stand in."""
    evil = '"""\nimport os; os.abort()\n"""\\'
    nodes = {
        id: evolve(node, name=f"{evil}{id}")
        for id, node in chain(conv(), conv(9, size=9), OUT).graph.nodes.items()
    }
    graph = evolve(chain(conv(), conv(9, size=9), OUT).graph, name=evil, nodes=nodes)
    tree = ast.parse(emit(evolve(WHOLE, graph=graph)).text)
    assert [type(part) for part in tree.body] == [ast.ImportFrom, ast.ClassDef]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("conv 1", "conv_1"),
        ("Größe 2", "grosse_2"),
        ("3rd", "layer_3rd"),
        ("卷积", "layer"),
        ("__class__", "class"),
        ("a" * 99, "a" * 40),
        ("Éclair-Ünit", "eclair_unit"),
    ],
)
def test_identifiers_stay_close_to_the_name(name: str, wanted: str) -> None:
    assert identifier(name) == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Digits CNN", "DigitsCNN"),
        ("my net", "MyNet"),
        ("2 nets", "Network2Nets"),
        ("网络", "Network"),
        ("F", "FNetwork"),
        ("none", "NoneNetwork"),
        ("exception", "ExceptionNetwork"),
    ],
)
def test_class_names(name: str, wanted: str) -> None:
    assert class_identifier(name) == wanted


def test_equal_names_are_numbered() -> None:
    project = chain(FLAT, layer("Linear"), layer("Linear"), layer("Linear"), TEN, OUT)
    for i, name in enumerate(["A b", "a_b", "a-b", "a_b_2"]):
        project = edits.rename(project, f"n{i + 3}", name)
    assert list(same(project).names.values())[1:] == ["a_b", "a_b_2", "a_b_3", "a_b_2_2"]


# --------------------------------------------------------------------------- lines


def test_every_line_belongs_to_its_node() -> None:
    sketch = Sketch("Lines", DataSettings())
    x = sketch.add(layer("Input"))
    rows = sketch.add(layer("Reshape", sizes=(8, 8)), x)
    lstm = sketch.add(layer("LSTM"), rows, name="memory")
    sketch.add(OUT, sketch.add(TEN, lstm, name="scores"), name="end")
    project = sketch.project()
    source = emit(project)
    lines = source.text.splitlines()
    said = {
        project.graph.nodes[id].name: [lines[number - 1].strip().split("  #")[0] for number in numbers]
        for id, numbers in source.lines.items()
    }
    assert said == {
        "input1": ["def forward(self, x):"],
        "reshape1": ["x = x.reshape(-1, 8, 8)"],
        "memory": [
            "self.memory = nn.LSTM(8, 64, batch_first=True)",
            "_, (state, _) = self.memory(x)",
            "x = state[-1]",
        ],
        "scores": ["self.scores = nn.Linear(64, 10)", "return self.scores(x)"],
        "end": ["return self.scores(x)"],
    }
    owner = {number: project.graph.nodes[id].name for number, id in source.owners.items()}
    assert owner[len(lines)] == "scores", "the layer computes the line, the Output only takes it"


def test_a_traceback_shows_the_line() -> None:
    import traceback

    module = instantiate(emit(WHOLE))
    try:
        module(torch.zeros(2, 3, 5))
    except RuntimeError:
        told = traceback.format_exc()
    assert "return self.linear1(x)" in told
    assert 'File "<Mistake>", line' in told


def test_building_leaves_the_random_state_alone_and_depends_on_the_seed() -> None:
    before = torch.random.get_rng_state()
    one, two, other = (build(WHOLE, seed).module.state_dict() for seed in (3, 3, 4))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


def test_imports_are_those_that_are_needed() -> None:
    def head(*layers: Layer) -> str:
        return emit(chain(*layers)).text.split("\n\n\n")[0]

    assert head(*TAIL) == "from torch import nn"
    two = edits.connect(chain(FLAT, layer("Concatenate"), TEN, OUT), "n1", "out", "n3", "xs")
    flat = edits.insert(two, "f", layer("Flatten"), two.graph.wires[-1])
    assert emit(flat).text.startswith("import torch\nfrom torch import nn\n")
    titled = edits.set_title(WHOLE, "torch. F. nn.")
    assert emit(titled).text.startswith("from torch import nn\n\n\nclass")


# --------------------------------------------------------------------------- long lines


def test_long_lines_are_broken_as_ruff_breaks_them(tmp_path: Path) -> None:
    long = "a rather long name that tells everything about it"
    kernel: dict[str, Any] = {"size": (5, 3), "padding": (2, 1), "padding_mode": "circular"}
    sketch = Sketch("Long lines", DataSettings())
    pictures = [sketch.add(layer("Input"), name=f"{long} {i}") for i in range(3)]
    many = [sketch.add(conv(16, bias=False, **kernel), x, name=f"{i} {long}") for i, x in enumerate(pictures)]
    total = sketch.add(layer("Add"), *many, name=f"total of {long}")
    beside = sketch.add(layer("Concatenate"), *many, total)
    flat = sketch.add(FLAT, beside)
    for i in range(3):
        sketch.add(OUT, sketch.add(TEN, flat, name=f"{long} {i + 5}"), name=f"end {i}")
    project = sketch.project()
    file = tmp_path / "network.py"
    file.write_text(emit(project).text, encoding="utf-8")
    assert max(map(len, file.read_text(encoding="utf-8").splitlines())) <= WIDTH
    for command in (["check"], ["format", "--check", "--diff"]):
        options = ["--isolated", "--config", f"line-length={WIDTH}", str(file)]
        ruff = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *options], check=False, capture_output=True
        )
        assert ruff.returncode == 0, ruff.stdout.decode()
    source = same(project)
    assert all(len(numbers) > 3 for id, numbers in source.lines.items() if id in many)


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("    x = self.a(x)", 1),
        (f"    x = self.a({'b' * 100})", 3),
        (f"    x = self.a({', '.join(['bbbbbbbbbbbbb'] * 10)})", 12),
        (f"    x = {' + '.join(['bbbbbbbbbbbbb'] * 10)}", 12),
        (f"    x = {' * '.join(['self.a(b, c)'] * 10)}", 12),
        (f"    return {', '.join(['bbbbbbbbbbbbb'] * 10)}", 12),
        (f'    x = f("{"(, " * 32}", b)', 3),
        (f'    x = f("{"(, " * 33}", {"b" * 30})', 4),
        (f"    x = {'b' * 120}()", 1),
    ],
)
def test_breaking_lines(line: str, lines: int) -> None:
    found = wrapped(line)
    assert len(found) == lines
    code = "def f():\n" + "\n".join(found)
    assert ast.dump(ast.parse(code)) == ast.dump(ast.parse("def f():\n" + line))


def test_the_code_of_a_file_is_the_code_of_what_was_saved() -> None:
    for one in templates():
        project = one.project()
        assert emit(project_file.loads(project_file.dumps(project))).text == emit(project).text


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for one in WRITTEN:
        golden(one).write_text(emit(one.project()).text, encoding="utf-8")
