"""The recipe panel: how the network is trained, as undoable edits."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from engine import edits
from engine.kinds import registry
from engine.message import Message
from engine.optim.averaging import MovingAverage
from engine.optim.optimiser import Schedule
from engine.optim.optimisers import SGD, Adam
from engine.optim.schedules import Cosine, Step
from engine.project.recipe import Recipe
from gui import settings
from gui.controls import ChoiceField, IntField, SizeField
from gui.document.workspace import Workspace
from gui.panels.training.rate_curve import RateCurve, rates
from gui.panels.training.recipe import RecipePanel
from tests.gui.panels.panel_story import breathe, cnn, opened, shown


@pytest.fixture
def work(gui: object) -> Workspace:
    settings.remember("form/more", True)
    return opened(cnn())


@pytest.fixture
def panel(qtbot: QtBot, work: Workspace) -> RecipePanel:
    recipe = RecipePanel(work)
    shown(qtbot, recipe, 312, 700)
    return recipe


def test_typing_the_epochs_is_one_step(qtbot: QtBot, panel: RecipePanel, work: Workspace) -> None:
    epochs = panel.form.fields()[("epochs",)]
    assert isinstance(epochs, IntField)
    epochs.setFocus()
    epochs.lineEdit().selectAll()
    qtbot.keyClicks(epochs.lineEdit(), "120")
    assert work.current.project.recipe.epochs == 120
    work.current.undo()
    assert work.current.project == cnn()
    breathe(qtbot)
    assert epochs.value() == Recipe().epochs


def test_an_illegal_value_is_not_taken(qtbot: QtBot, panel: RecipePanel, work: Workspace) -> None:
    epochs = panel.form.fields()[("epochs",)]
    assert isinstance(epochs, IntField)
    epochs.setFocus()
    epochs.lineEdit().selectAll()
    qtbot.keyClicks(epochs.lineEdit(), "0")
    assert epochs.property("wrong")
    assert work.current.project == cnn()


def test_a_step_can_take_all_samples(qtbot: QtBot, panel: RecipePanel, work: Workspace) -> None:
    batch = panel.form.fields()[("batch_size",)]
    assert isinstance(batch, SizeField)
    batch.setFocus()
    field = batch.fields[0]
    field.lineEdit().selectAll()
    qtbot.keyClicks(field.lineEdit(), "1")
    assert work.current.project.recipe.batch_size == 1
    breathe(qtbot)
    assert panel.per_epoch.value.text() == "1,257"
    batch.value_changed.emit("all")
    assert work.current.project.recipe.batch_size == "all"
    breathe(qtbot)
    assert (batch.value(), panel.per_epoch.value.text()) == ("all", "1")


@pytest.mark.parametrize("name", sorted(registry(Schedule)))
def test_every_schedule_draws_its_curve_before_a_run(qtbot: QtBot, gui: object, name: str) -> None:
    schedule = registry(Schedule)[name](warm_up=1.0)
    curve = RateCurve()
    qtbot.addWidget(curve)
    curve.set_recipe(Recipe(schedule=schedule, epochs=30))
    drawn = [rate for _, rate in curve.points]
    assert drawn[0] == 0
    assert max(drawn) == pytest.approx(1e-3, rel=0.02)
    assert (min(drawn[20:]) < max(drawn) / 2) == (name != "Constant")
    assert curve.grab().width() > 0


def test_another_optimiser_brings_its_own_settings(qtbot: QtBot, panel: RecipePanel, work: Workspace) -> None:
    assert work.current.project.recipe.optimiser == Adam()
    panel.form.fields()[("optimiser",)].value_changed.emit("SGD")
    breathe(qtbot)
    assert work.current.project.recipe.optimiser == SGD()
    section, lines = panel.optimiser
    assert section.note.text() == "SGD"
    assert lines.formula.text().startswith("v ← momentum·v + (1 − dampening)·g")
    assert panel.schedule[1].use.text() == type(work.current.project.recipe.schedule).use
    panel.form.fields()[("optimiser", "momentum")].value_changed.emit(0.5)
    assert work.current.project.recipe.optimiser == SGD(momentum=0.5)
    work.current.undo()
    work.current.undo()
    assert work.current.project == cnn()


def test_the_number_of_steps_follows_batch_and_epochs(
    qtbot: QtBot, panel: RecipePanel, work: Workspace
) -> None:
    assert panel.per_epoch.value.text() == "40"  # 1,257 samples, 32 at a time
    assert panel.steps.value.text() == "800"
    work.current.do(edits.set_recipe, Recipe(batch_size=1257, epochs=3), label=Message("Set"))
    breathe(qtbot)
    assert (panel.per_epoch.value.text(), panel.steps.value.text()) == ("1", "3")


def test_the_curve_follows_the_schedule(qtbot: QtBot, panel: RecipePanel, work: Workspace) -> None:
    assert {rate for _, rate in panel.curve.points} == {1e-3}
    recipe = Recipe(schedule=Cosine(warm_up=2), epochs=10)
    work.current.do(edits.set_recipe, recipe, label=Message("Set"))
    breathe(qtbot)
    points = panel.curve.points
    assert points[0][1] == 0
    assert max(rate for _, rate in points) == pytest.approx(1e-3, rel=0.01)
    assert points[-1][1] < 1e-6
    assert "Learning rate" in panel.curve.accessibleName()


def test_a_step_falls_where_it_should() -> None:
    recipe = Recipe(optimiser=SGD(rate=1.0), schedule=Step(every=4, by=0.5), epochs=8)
    assert [round(rate, 6) for _, rate in rates(recipe, 9)] == [1.0] * 5 + [0.5] * 4


def test_an_equal_recipe_is_not_drawn_again(qtbot: QtBot, gui: object) -> None:
    curve = RateCurve()
    qtbot.addWidget(curve)
    curve.set_recipe(Recipe())
    points = curve.points
    curve.set_recipe(Recipe(seed=4))
    assert curve.points is points
    curve.set_recipe(Recipe(epochs=4))
    assert curve.points is not points


def test_another_document_shows_its_own_recipe(qtbot: QtBot, panel: RecipePanel, work: Workspace) -> None:
    other = edits.set_recipe(cnn(), Recipe(epochs=77))
    work.new(other)
    breathe(qtbot)
    assert panel.form.fields()[("epochs",)].value() == 77


def test_what_is_measured_can_be_watched(qtbot: QtBot, panel: RecipePanel, work: Workspace) -> None:
    watched = panel.form.fields()[("watch",)]
    assert isinstance(watched, ChoiceField)
    assert watched.value() == "loss"
    watched.value_changed.emit("balanced_accuracy")
    breathe(qtbot)
    assert work.current.project.recipe.watch == "balanced_accuracy"
    assert watched.value() == "balanced_accuracy"
    assert watched.currentText() == "Balanced accuracy"


def test_an_average_brings_its_own_settings(qtbot: QtBot, panel: RecipePanel, work: Workspace) -> None:
    panel.form.fields()[("averaging",)].value_changed.emit("MovingAverage")
    breathe(qtbot)
    panel.form.fields()[("averaging", "decay")].value_changed.emit(0.9)
    assert work.current.project.recipe.averaging == MovingAverage(decay=0.9)


class Changing:
    """Stands for the trainer."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def change(self, document: object) -> None:
        self.asked.append(document)


def test_a_change_can_be_applied_while_it_trains(qtbot: QtBot, work: Workspace) -> None:
    trainer = Changing()
    panel = RecipePanel(work, trainer)  # type: ignore[arg-type]  # all of it that the panel asks
    shown(qtbot, panel, 312, 700)
    document = work.current
    assert not panel.apply.isVisible()
    document.in_training = document.project
    work.training_changed.emit(document)
    breathe(qtbot)
    assert not panel.apply.isVisible(), "nothing is other than it is trained by"
    panel.form.fields()[("seed",)].value_changed.emit(7)
    breathe(qtbot)
    assert not panel.apply.isVisible(), "a seed cannot be changed any more"
    panel.form.fields()[("optimiser", "rate")].value_changed.emit(0.5)
    breathe(qtbot)
    assert panel.apply.isVisible()
    panel.apply.click()
    assert trainer.asked == [document]
    document.in_training = None
    work.training_changed.emit(document)
    breathe(qtbot)
    assert not panel.apply.isVisible()
