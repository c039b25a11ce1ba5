"""Every panel: with content before a run, after one, and empty."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine import edits
from engine.data.sets.tables import Diabetes
from engine.data.settings import DataSettings
from engine.project.project import Project
from engine.templates import template
from tests.screens.stage import Stage


def wrong() -> Project:
    """A network with problems of several kinds: a picture into Linear, a kernel too large, a stray layer."""
    project = template("digits-cnn").project()
    flat = next(node.id for node in project.graph.nodes.values() if type(node.kind).__name__ == "Flatten")
    project = edits.dissolve(project, [flat])
    project = edits.set_param(project, "n5", "kernel_size", (11, 11))
    kind = type(project.graph.nodes["n2"].kind)
    return edits.add(project, "stray", kind(), (330, 40))


def inspector_conv(stage: Stage) -> Iterator[object]:
    stage.open("digits-cnn", "n5")
    yield (stage.window.editor.docks.areas["right"],)


def inspector_output(stage: Stage) -> Iterator[object]:
    document = stage.open("digits-cnn")
    document.select([list(document.project.graph.nodes)[-1]])
    yield (stage.window.editor.docks.areas["right"],)


def inspector_several(stage: Stage) -> Iterator[object]:
    stage.open("digits-cnn", "n2", "n5", "n9")
    yield (stage.window.editor.docks.areas["right"],)


def inspector_network(stage: Stage) -> Iterator[object]:
    stage.open("digits-cnn")
    yield (stage.window.editor.docks.areas["right"],)


def inspector_problem(stage: Stage) -> Iterator[object]:
    document = stage.open(wrong())
    analysis = document.analysis
    assert analysis is not None
    document.select(
        [next(problem.node for problem in analysis.problems if problem.node and problem.level == "error")]
    )
    stage.settle(400)
    yield (stage.window.editor.docks.areas["right"],)


def inspector_recurrent(stage: Stage) -> Iterator[object]:
    stage.open("sunspots-lstm", "n2")
    yield (stage.window.editor.docks.areas["right"],)


def recipe(stage: Stage) -> Iterator[object]:
    stage.open("digits-cnn")
    stage.panel("recipe")
    yield (stage.window.editor.docks.areas["right"],)


def data_pictures(stage: Stage) -> Iterator[object]:
    stage.open("digits-cnn")
    stage.panel("data")
    stage.settle(500)
    yield (stage.window.editor.docks.areas["left"],)


def data_table(stage: Stage) -> Iterator[object]:
    project = template("diabetes-mlp").project()
    stage.open(evolve(project, data=DataSettings(source=Diabetes())))
    stage.panel("data")
    stage.settle(500)
    yield (stage.window.editor.docks.areas["left"],)


def data_series(stage: Stage) -> Iterator[object]:
    stage.open("sunspots-lstm")
    stage.panel("data")
    stage.settle(500)
    yield (stage.window.editor.docks.areas["left"],)


def palette_search(stage: Stage) -> Iterator[object]:
    stage.open("digits-cnn")
    palette = stage.window.editor.docks.panel("layers")
    field = palette.field  # type: ignore[attr-defined]  # the panel of the docks
    QTest.keyClicks(field, "apool")
    yield (stage.window.editor.docks.areas["left"],)
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(field, Qt.Key.Key_Delete)


def problems(stage: Stage) -> Iterator[object]:
    """Several problems, each with ways out."""
    stage.open(wrong())
    stage.panel("problems")
    stage.settle(600)
    yield (stage.window,)


def problems_none(stage: Stage) -> Iterator[object]:
    stage.open("digits-cnn")
    stage.panel("problems")
    yield (stage.window.editor.docks.areas["bottom"],)


def code(stage: Stage) -> Iterator[object]:
    stage.open("digits-cnn", "n5")
    stage.panel("code")
    stage.settle(300)
    yield (stage.window,)


def code_empty(stage: Stage) -> Iterator[object]:
    stage.window.new()
    stage.panel("code")
    yield (stage.window.editor.docks.areas["bottom"],)


def training_empty(stage: Stage) -> Iterator[object]:
    stage.open("digits-cnn")
    stage.panel("training")
    yield (stage.window.editor.docks.areas["bottom"],)


def runs_empty(stage: Stage) -> Iterator[object]:
    stage.open("digits-cnn")
    stage.panel("runs")
    stage.settle(300)
    yield (stage.window.editor.docks.areas["bottom"],)


def try_empty(stage: Stage) -> Iterator[object]:
    stage.open("digits-cnn")
    stage.panel("try")
    stage.settle(300)
    yield (stage.window.editor.docks.areas["bottom"],)


def runs(stage: Stage) -> Iterator[object]:
    """The shelf with the run of the digits CNN and two short ones."""
    for id in ("wine-mlp", "sunspots-lstm"):
        project = template(id).project()
        document = stage.open(edits.set_recipe(project, evolve(project.recipe, epochs=3)))
        trainer = stage.window.session.trainer
        trainer.train(document)
        stage.until(lambda: not trainer.running, "a short run")  # noqa: B023  (it is asked at once)
    assert stage.trained is not None
    stage.look(stage.trained)
    stage.panel("runs")
    stage.settle(500)
    yield (stage.window,)


def try_digit(stage: Stage) -> Iterator[object]:
    """A sample of the test part and what the trained network says of it."""
    assert stage.trained is not None
    stage.look(stage.trained)
    stage.panel("try")
    panel = stage.window.editor.docks.panel("try")
    stage.until(lambda: panel.network is not None, "the trained network")  # type: ignore[attr-defined]
    stage.settle(600)
    yield (stage.window,)


def try_table(stage: Stage) -> Iterator[object]:
    """A row of a table."""
    project = template("wine-mlp").project()
    document = stage.open(edits.set_recipe(project, evolve(project.recipe, epochs=20)))
    trainer = stage.window.session.trainer
    trainer.train(document)
    stage.until(lambda: not trainer.running, "a short run")
    stage.panel("try")
    panel = stage.window.editor.docks.panel("try")
    stage.until(lambda: panel.network is not None, "the trained network")  # type: ignore[attr-defined]
    stage.settle(600)
    yield (stage.window.editor.docks.areas["bottom"],)


def try_series(stage: Stage) -> Iterator[object]:
    """A stretch of a series."""
    project = template("sunspots-lstm").project()
    document = stage.open(edits.set_recipe(project, evolve(project.recipe, epochs=10)))
    trainer = stage.window.session.trainer
    trainer.train(document)
    stage.until(lambda: not trainer.running, "a short run")
    stage.panel("try")
    panel = stage.window.editor.docks.panel("try")
    stage.until(lambda: panel.network is not None, "the trained network")  # type: ignore[attr-defined]
    stage.settle(600)
    yield (stage.window.editor.docks.areas["bottom"],)


BEFORE = {
    "inspector-conv": inspector_conv,
    "inspector-output": inspector_output,
    "inspector-several": inspector_several,
    "inspector-network": inspector_network,
    "inspector-problem": inspector_problem,
    "inspector-recurrent": inspector_recurrent,
    "recipe": recipe,
    "data-pictures": data_pictures,
    "data-table": data_table,
    "data-series": data_series,
    "palette-search": palette_search,
    "problems": problems,
    "problems-none": problems_none,
    "code": code,
    "code-empty": code_empty,
    "training-empty": training_empty,
    "runs-empty": runs_empty,
    "try-empty": try_empty,
}
AFTER = {"try-digit": try_digit, "runs": runs, "try-table": try_table, "try-series": try_series}
