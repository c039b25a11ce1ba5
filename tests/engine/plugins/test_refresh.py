"""Layers of plug-ins when plug-ins come, change and go."""

from __future__ import annotations

from pathlib import Path

from engine import kinds
from engine.analysis.check import check
from engine.codegen.emit import emit
from engine.kinds import Layer, Unknown
from engine.layers.block_ends import Entry, Exit
from engine.plugins import loading
from engine.plugins.refresh import Refresher
from engine.project.blocks import Block, Use
from engine.project.graph import Graph, Node, Wire
from engine.store import project_file
from tests.engine.plugins.conftest import Write
from tests.engine.plugins.iris import GATE, made, project


def test_an_absent_kind_opens_as_unknown_and_keeps_its_data(write: Write, folder: Path) -> None:
    write(GATE)
    text = project_file.dumps(project(made("Gate", width=7)))
    (folder / "own.py").unlink()
    loading.load()
    opened = project_file.loads(text)
    kind = opened.graph.nodes["k"].kind
    assert isinstance(kind, Unknown)
    assert str(kind.reason) == "from plug-in own, not found"
    assert project_file.dumps(opened) == text
    write(GATE)
    again = Refresher().project(opened)
    assert again.graph.nodes["k"].kind == made("Gate", width=7)


def test_a_project_follows_its_plugins(write: Write, folder: Path) -> None:
    write(GATE)
    drawn = project(made("Gate", width=7))
    write(GATE.replace("math.pi", "2"))
    after = Refresher().project(drawn)
    kind = after.graph.nodes["k"].kind
    assert type(kind) is kinds.registry(Layer)["Gate"]
    assert "* 2" in emit(after).text
    write(
        GATE.replace('x = port("N F"', 'y = port("N F"').replace("def torch(self, x)", "def torch(self, y)")
    )
    lost = Refresher().project(after)
    assert str(lost.graph.nodes["k"].kind.reason) == "plug-in own has changed; its wires need x"  # type: ignore[attr-defined]
    assert project_file.loads(project_file.dumps(lost)).graph.nodes["k"].kind == lost.graph.nodes["k"].kind
    (folder / "own.py").unlink()
    loading.load()
    gone = Refresher().project(lost)
    assert str(gone.graph.nodes["k"].kind.reason) == "from plug-in own, not found"  # type: ignore[attr-defined]
    write(GATE)
    assert Refresher().project(gone).graph.nodes["k"].kind == made("Gate", width=7)


def test_a_block_follows_its_plugins(write: Write, folder: Path) -> None:
    write(GATE)
    nodes = [Node("a", Entry(), "in"), Node("g", made("Gate", width=4), "gate"), Node("z", Exit(), "out")]
    wires = (Wire("a", "out", "g", "x"), Wire("g", "out", "z", "x"))
    drawn = project(Use(block=Block(Graph("Gates", {node.id: node for node in nodes}, wires))))
    assert check(drawn).parameters == 20
    write(GATE.replace("size, width)", "size, width, bias=False)"))
    after = Refresher().project(drawn)
    assert check(after).parameters == 16
    (folder / "own.py").unlink()
    loading.load()
    gone = Refresher().project(after)
    assert isinstance(gone.graph.nodes["k"].kind.block.graph.nodes["g"].kind, Unknown)  # type: ignore[attr-defined]
    assert project_file.dumps(gone) == project_file.dumps(drawn)
    write(GATE)
    assert check(Refresher().project(gone)).parameters == 20


def test_a_project_without_plugins_stays_the_same_value(folder: Path) -> None:
    drawn = project(made("Linear"))
    assert Refresher().project(drawn) is drawn
