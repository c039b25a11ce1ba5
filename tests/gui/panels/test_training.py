"""The Training panel: empty, live, read step by step, zoomed, exported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from attrs import evolve
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.training.reports import Evaluated
from gui.panels.training.training import TrainingPanel
from gui.plots.strokes import colours
from gui.style.apply import apply
from tests.gui.scripted import Stage, evaluated, finished, progress, project, tell


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    return Stage()


@pytest.fixture
def panel(qtbot: QtBot, gui: QApplication, stage: Stage) -> TrainingPanel:
    panel = TrainingPanel(stage.workspace, stage.trainer)
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.corner)
    panel.resize(1200, 220)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


@pytest.fixture
def trained(qtbot: QtBot, panel: TrainingPanel, stage: Stage) -> TrainingPanel:
    """The panel after a run of four epochs, the third the best."""
    run = stage.train()
    for epoch, loss in enumerate((0.9, 0.5, 0.3, 0.4), start=1):
        run.told += [progress(epoch * 10 - 9, epoch * 10), evaluated(epoch, loss, best=epoch < 4)]
    run.end(finished())
    qtbot.waitUntil(lambda: not stage.trainer.running)
    qtbot.waitUntil(lambda: bool(panel.charts) and bool(panel.charts[0].plot.traces))
    return panel


def test_without_a_run_there_is_one_line_and_one_action(panel: TrainingPanel, stage: Stage) -> None:
    assert panel.empty.isVisible()
    assert "No run yet" in panel.empty.text.text()
    assert not panel.corner.isEnabled()
    assert panel.charts == [], "pyqtgraph is loaded with the first run, not before"
    panel.empty.button.click()
    assert len(stage.runs) == 1
    stage.run.end(finished())


def test_curves_grow_while_a_run_goes_on(qtbot: QtBot, panel: TrainingPanel, stage: Stage) -> None:
    run = stage.train()
    run.told.append(progress(1, 10))
    qtbot.waitUntil(lambda: bool(panel.charts) and bool(panel.charts[0].plot.traces))
    before = panel.charts[0].plot.viewRange()[0][1]
    run.told.append(progress(11, 30))
    qtbot.waitUntil(lambda: panel.charts[0].plot.viewRange()[0][1] > before)
    assert panel.charts[0].plot.viewRange()[0] == pytest.approx([0, 3])
    run.end(finished())
    qtbot.waitUntil(lambda: not stage.trainer.running)


def test_both_plots_are_of_one_moment(
    qtbot: QtBot, panel: TrainingPanel, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gui.plots.chart import Chart  # pyqtgraph takes a while

    run = stage.train()
    run.told.append(progress(1, 10))
    qtbot.waitUntil(lambda: bool(panel.charts) and bool(panel.charts[0].plot.traces))
    shown: dict[str, list[int]] = {chart.name: [] for chart in panel.charts}
    monkeypatch.setattr(Chart, "show_run", lambda self, run: shown[self.name].append(len(run)))
    for last in (20, 30, 40):
        run.told.append(progress(last - 9, last))
        qtbot.waitUntil(lambda last=last: all(steps and steps[-1] == last for steps in shown.values()))
    first, second = shown.values()
    assert first == second
    run.end(finished())
    qtbot.waitUntil(lambda: not stage.trainer.running)


def test_the_figures_are_the_newest(trained: TrainingPanel) -> None:
    text = trained.figures.text()
    assert text.startswith("Run 14  started ")
    assert "Validation loss\t0.400" in text
    assert "Validation accuracy\t96.0 %" in text
    assert "Learning rate\t0.0200" in text
    assert "Gradient norm\t1.318" in text
    assert "Samples/s\t640" in text


def test_the_figures_tell_the_penalty_and_each_output_apart(trained: TrainingPanel) -> None:
    run = trained.run
    assert run is not None
    told = {"loss": 0.7, "first.loss": 0.4, "second.loss": 0.3, "penalty": 0.05}
    tell(run, evolve(progress(41, 42), penalty=0.06), Evaluated(5.0, 42, {}, told, False, 3.0))
    trained.figures.show_run(run, "penalty", "")
    text = trained.figures.text()
    assert "Validation loss\t0.700" in text
    assert "first: Loss\t0.400" in text
    assert "second: Loss\t0.300" in text
    assert text.count("Penalty\t0.0600") == 1


def test_no_line_runs_through_the_words_at_the_best_epoch(
    qtbot: QtBot, panel: TrainingPanel, stage: Stage
) -> None:
    """The accuracy of training runs along the top, and that of validation soon along the bottom."""
    run = stage.train()
    for epoch, loss in enumerate((0.3, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0), start=1):
        run.told += [progress(epoch * 10 - 9, epoch * 10), evaluated(epoch, loss)]
    run.end(finished())
    qtbot.waitUntil(lambda: not stage.trainer.running)
    qtbot.waitUntil(lambda: len(panel.charts) == 2 and bool(panel.charts[1].plot.traces))
    strokes = panel.charts[1].plot.strokes
    panel.charts[1].picture()
    x, y = float(strokes.across(np.array(8.0))), float(strokes.down(np.array(0.1)))
    assert y > strokes.box.rect().height() / 2
    assert strokes.covered(QRectF(x - 120, 2, 120, 16)) > 0, "this is about a line in the usual place"
    assert strokes.covered(strokes.place_beside(x, y, 120, 16)) == 0


def test_the_best_epoch_is_called_best_only_where_it_is(trained: TrainingPanel, stage: Stage) -> None:
    loss, accuracy = trained.charts
    assert loss.plot.strokes.best is not None
    assert loss.plot.strokes.best[1] == "best 0.300, epoch 3"
    assert accuracy.plot.strokes.best is not None
    assert accuracy.plot.strokes.best[1] == "best 97.0 %, epoch 3"
    run = stage.trainer.curves
    assert run is not None
    tell(run, evaluated(5, -1.0, best=False))
    trained.charts[1].show_run(run)
    assert accuracy.plot.strokes.best[1] == "97.0 % at the best epoch, 3"


def test_hovering_reads_the_exact_values_of_a_step(trained: TrainingPanel) -> None:
    plot = trained.charts[0].plot
    box = plot.plotItem.vb
    place = plot.mapFromScene(box.mapToScene(QPointF(box.rect().width() * 26 / 40, 20)))
    QTest.mouseMove(plot.viewport(), place)
    assert plot.reader.step == 26
    card = plot.reader.card
    assert card.isVisible()
    head, train, smoothed, validation = card.text().split("\n")
    assert head == "epoch 2.6 · step 26"
    assert train == "train\t0.07692"
    line = plot.traces[0].line
    assert line is not None
    assert smoothed.split("\t")[1] == f"{line.means(25, 26)[0]:.4f}"
    assert validation == "validation, epoch 2\t0.5000"
    QTest.keyClick(plot, Qt.Key.Key_Left)
    assert plot.reader.step == 25
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.reader.step is None
    assert not card.isVisible()


def test_a_view_that_a_person_chose_is_kept_until_they_want_everything(
    qtbot: QtBot, trained: TrainingPanel
) -> None:
    plot = trained.charts[0].plot
    centre = QPointF(plot.viewport().rect().center())
    wheel = QWheelEvent(
        centre,
        plot.viewport().mapToGlobal(centre),
        QPoint(),
        QPoint(0, 480),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(plot.viewport(), wheel)
    left, right = plot.viewRange()[0]
    assert right - left < 4
    assert plot.viewRange()[1] != [0, 1]
    run = plot.traces[0].run
    tell(run, progress(41, 60))
    trained.charts[0].show_run(run)
    assert plot.viewRange()[0] == pytest.approx([left, right]), "the hand is on it"
    plot.follow()
    assert plot.viewRange()[0] == pytest.approx([0, 6])


def test_axes_and_smoothing_follow_the_controls(trained: TrainingPanel) -> None:
    loss = trained.charts[0]
    trained.along.segments()[0].click()
    assert loss.plot.viewRange()[0] == pytest.approx([0, 40])
    trained.along.segments()[2].click()
    assert loss.plot.viewRange()[0] == pytest.approx([0, 2])
    trained.values.segments()[0].click()
    assert not loss.log
    assert loss.plot.viewRange()[1][0] >= -0.2, "losses are not below nothing"
    loss.set_log(True)
    assert trained.values.value() == "log"
    trained.smoothing.track.setValue(30)
    assert loss.plot.traces[0].run.smoothing == 0.3


def test_another_document_has_its_own_run(trained: TrainingPanel, stage: Stage) -> None:
    first = stage.workspace.current
    stage.workspace.new(project("Wine MLP"))
    assert trained.empty.isVisible()
    stage.workspace.switch(first)
    assert not trained.empty.isVisible()


def test_a_narrow_panel_gives_the_figures_up_first(trained: TrainingPanel) -> None:
    assert trained.figures.isVisible()
    trained.resize(700, 220)
    assert not trained.figures.isVisible()
    assert trained.charts[0].isVisible()


def test_the_menu_exports_copies_and_turns_the_axis(
    qtbot: QtBot, trained: TrainingPanel, stage: Stage, tmp_path: Path
) -> None:
    loss = trained.charts[0]
    texts = [action.text() for action in loss.menu().actions() if action.text()]
    expected = ["Export as PNG…", "Export as CSV…", "Copy values", "Logarithmic axis", "Show everything"]
    assert texts == expected
    loss.ask_path = lambda title, name, kinds: str(tmp_path / name)
    loss.export_png()
    picture = QImage(str(tmp_path / "run 14 loss.png"))
    assert picture.width() == 2 * loss.width()
    loss.export_csv()
    qtbot.waitUntil(lambda: len(stage.notices) == 2)
    lines = (tmp_path / "run 14 loss.csv").read_text().strip().split("\n")
    assert len(lines) == 41
    loss.copy_values()
    assert QGuiApplication.clipboard().text().startswith("step\tepoch\tseconds\ttrain")
    loss.ask_path = lambda title, name, kinds: "/nowhere/at all.csv"
    loss.export_csv()
    qtbot.waitUntil(lambda: len(stage.notices) == 3)
    assert stage.notices[-1].startswith("There is no folder /nowhere")


@pytest.mark.parametrize("choice", ["dark", "light"])
def test_curves_are_drawn_in_the_series_of_the_theme(
    gui: QApplication, trained: TrainingPanel, choice: str
) -> None:
    worn = apply(gui, choice)  # type: ignore[arg-type]  # one of the choices
    picture = trained.charts[0].plot.grab().toImage()
    seen = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    assert {colour.name() for colour in colours(0)} <= seen
    assert worn.panel.name() in seen


def test_the_last_number_of_an_axis_is_whole(trained: TrainingPanel) -> None:
    plot = trained.charts[0].plot
    scale = plot.getAxis("bottom")
    before, after = scale.boundingRect(), scale.mapRectFromParent(scale.geometry())
    assert before.right() >= after.right() + 10, "the mark at the very end stands half beyond it"
