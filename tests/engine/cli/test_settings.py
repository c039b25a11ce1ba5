"""Settings named in one word, as on the command line."""

from __future__ import annotations

from typing import Any

import pytest

from engine import edits
from engine.cli.settings import set_by_path
from engine.data.settings import DataSettings
from engine.data.transforms.colours import Cutout
from engine.layers.dense import Linear
from engine.message import Trouble
from engine.project.project import Project
from engine.templates.builder import Sketch, block
from tests.engine import projects
from tests.engine.chains import WHOLE
from tests.engine.projects import layer


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


def test_steps_on_the_way_of_a_column() -> None:
    project = projects.chain(layer("Flatten"), layer("Output"), data="Digits")
    project = set_by_path(project, "data.image+=Flip")
    project = set_by_path(project, "data.image+=ShiftAndTurn:shift=1, degrees=5")
    (column,) = project.data.columns
    assert [type(step).__name__ for step in column.transforms] == ["Flip", "ShiftAndTurn"]
    assert (column.name, column.role, column.transforms[1].shift) == ("image", "input", 1)  # type: ignore[attr-defined]  # of that step
    project = set_by_path(project, 'data.image.transforms=[{"kind": "Cutout", "size": 3}]')
    assert project.data.columns[0].transforms == (Cutout(size=3),)
    assert set_by_path(project, "data.image.transforms=[]").data.columns == ()
    for wrong, reason in (
        ("data.image+=Flop", "a name of a Transform|the name of a transform"),
        ("data.image+=Flip:often=1", "no setting often"),
        ("data.picture+=Flip", "no column picture"),
        ("data.label+=Noise", "cannot go the step"),
    ):
        with pytest.raises(Trouble, match=reason):
            set_by_path(project, wrong)


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


def test_the_data_by_itself_is_its_source() -> None:
    assert set_by_path(WHOLE, "data=Wine") == set_by_path(WHOLE, "data.source=Wine")
    assert type(set_by_path(WHOLE, "data=Wine").data.source).__name__ == "Wine"


@pytest.mark.parametrize(
    "assignment", ["", "=", "=3", "data=3", "seed.x=3", "data.nothing=1", "optimiser.x.y=1", "linear1=3"]
)
def test_settings_that_do_not_exist(assignment: str) -> None:
    with pytest.raises(Trouble) as caught:
        set_by_path(WHOLE, assignment)
    assert str(caught.value)
