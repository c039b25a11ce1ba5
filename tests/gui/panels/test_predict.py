"""Trying a trained network: a test sample, a drawing, a typed row, a bent series; and the runs it comes
from.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import edits
from engine.data.opening import open_data
from engine.project.project import Project
from engine.runs.record import Record
from engine.runs.shelf import Shelf
from engine.runs.thread import Run
from engine.templates import templates
from engine.templates.suggest import suggest
from gui import settings
from gui.document.workspace import Workspace
from gui.panels.predict.answers import Answer, AnswerView
from gui.panels.predict.drawing_pad import DrawingPad, picture
from gui.panels.predict.panel import TryPanel
from gui.panels.predict.picture_view import PictureView
from gui.panels.predict.point_view import PointView
from gui.panels.predict.row_view import RowView
from gui.panels.predict.series_view import SeriesView
from gui.panels.predict.text_view import SignRow, TextView
from gui.panels.predict.writing_view import WritingView
from gui.panels.runs.run_rows import RunModel, read_row
from gui.panels.runs.runs import RunsPanel
from gui.plots import scatter
from gui.training.trainer import Trainer


def template(id: str, epochs: int) -> Project:
    project = next(one for one in templates() if one.id == id).project()
    return edits.set_recipe(project, evolve(project.recipe, epochs=epochs, threads=1))


def shelf_of(folder: Path, *trained: tuple[str, int]) -> Path:
    """Short runs of templates."""
    for id, epochs in trained:
        run = Run(template(id, epochs), shelf=Shelf(folder))
        run.start()
        assert run.wait(60)
        assert run.state == "finished"
    return folder


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A row of numbers, a picture, a series."""
    folder = tmp_path_factory.mktemp("runs")
    return shelf_of(folder, ("wine-mlp", 8), ("digits-mlp", 2), ("sunspots-lstm", 1))


@pytest.fixture(scope="session")
def second_shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text, a point in the plane."""
    return shelf_of(tmp_path_factory.mktemp("runs"), ("names-cnn", 1), ("spirals-mlp", 1))


@pytest.fixture
def on_shelf(own_folders: Path, shelf: Path) -> Path:
    """The person's runs are those of the shelf."""
    settings.prefer(runs=str(shelf))
    return shelf


def opened(qtbot: QtBot, id: str, epochs: int) -> TryPanel:
    """The panel with the run of a template, ready to answer."""
    work = Workspace(template(id, epochs))
    panel = TryPanel(work, Trainer(work))
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.corner)
    panel.resize(1200, 220)
    panel.show()
    qtbot.waitUntil(lambda: bool(panel.answers) and panel.answers[0].answer is not None, timeout=20_000)
    return panel


def answer(panel: TryPanel) -> Answer:
    shown = panel.answers[0].answer
    assert shown is not None
    return shown


# --------------------------------------------------------------------------- the panel


def test_without_a_run_there_is_one_line_and_one_action(qtbot: QtBot, gui: QApplication) -> None:
    work = Workspace(template("wine-mlp", 8))
    panel = TryPanel(work, Trainer(work))
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.corner)
    panel.show()
    qtbot.waitUntil(lambda: not panel.worker.busy)
    assert panel.empty.isVisible()
    assert panel.empty.text.text().startswith("Nothing to try yet.")
    assert not panel.corner.slider.isEnabled()


def test_a_test_sample_is_answered_with_probabilities_and_its_truth(
    qtbot: QtBot, gui: QApplication, on_shelf: Path
) -> None:
    panel = opened(qtbot, "wine-mlp", 8)
    assert panel.corner.source.text().startswith("Run 1, weights of epoch ")
    assert panel.corner.position.text() == "Test sample 1 of 30"
    shares = answer(panel).probabilities
    assert shares is not None
    assert shares.sum() == pytest.approx(1, abs=1e-5)
    assert answer(panel).truth in {0, 1, 2}
    assert panel.network is not None
    predictor = panel.network.predictor
    exact = predictor.predict_part(predictor.prepared.test, [0])[0].probabilities
    assert exact is not None
    np.testing.assert_allclose(shares, exact[0], atol=1e-6)


def test_samples_are_stepped_through_and_the_ends_meet(
    qtbot: QtBot, gui: QApplication, on_shelf: Path
) -> None:
    panel = opened(qtbot, "wine-mlp", 8)
    panel.corner.steps["previous"].click()
    assert panel.index == 29
    panel.corner.steps["next"].click()
    assert panel.index == 0
    panel.corner.steps["random"].click()
    assert panel.index != 0
    panel.corner.slider.track.setValue(12)
    assert panel.corner.position.text() == "Test sample 13 of 30"
    assert panel.index == 12


def test_a_typed_row_is_a_persons_own_and_answered_at_once(
    qtbot: QtBot, gui: QApplication, on_shelf: Path
) -> None:
    panel = opened(qtbot, "wine-mlp", 8)
    view = panel.views["features"]
    assert isinstance(view, RowView)
    assert [field.accessibleName() for field in view.fields][:2] == ["alcohol", "malic acid"]
    assert view.fields[0].toolTip().startswith("Trained on 11")
    before = answer(panel).probabilities
    field = view.fields[12]
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "1500")
    qtbot.waitUntil(lambda: answer(panel).truth is None)
    assert panel.corner.position.text() == "Your own sample"
    qtbot.waitUntil(lambda: not panel.worker.busy)
    assert not np.allclose(answer(panel).probabilities, before)
    panel.corner.next()
    assert view.fields[12].value() != 1500, "a test sample takes its place again"


def test_a_drawn_digit_is_answered(qtbot: QtBot, gui: QApplication, on_shelf: Path) -> None:
    panel = opened(qtbot, "digits-mlp", 2)
    view = panel.views["image"]
    assert isinstance(view, PictureView)
    side = view.pad.width()
    QTest.mousePress(view.pad, Qt.MouseButton.LeftButton, pos=QPoint(side // 2, side // 5))
    for step in range(1, 9):
        QTest.mouseMove(view.pad, QPoint(side // 2, side // 5 + step * side // 14))
    QTest.mouseRelease(view.pad, Qt.MouseButton.LeftButton, pos=QPoint(side // 2, side * 4 // 5))
    assert len(view.pad.strokes) == 1
    qtbot.waitUntil(lambda: panel.own and answer(panel).truth is None and not panel.worker.busy)
    assert view.values.shape == (1, 8, 8)
    assert view.values.max() == 8, "a stroke downwards stands half in either column of the middle"
    assert not panel.grab().isNull()
    panel.corner.next()
    assert view.pad.strokes == []


def test_a_bent_series_is_foretold_in_its_own_units(qtbot: QtBot, gui: QApplication, on_shelf: Path) -> None:
    panel = opened(qtbot, "sunspots-lstm", 1)
    view = panel.views["window"]
    assert isinstance(view, SeriesView)
    first = answer(panel)
    assert first.unit == "sunspots"
    assert first.persistence == pytest.approx(float(view.values[-1, 0]))
    assert first.truth is not None
    assert len(view.next) == 3, "what the network says, the truth, and persistence"
    QTest.mouseClick(
        view, Qt.MouseButton.LeftButton, pos=view.point(view.column.shape[0] - 1, 150.0).toPoint()
    )
    qtbot.waitUntil(lambda: answer(panel).truth is None)
    last = answer(panel)
    assert last.persistence == pytest.approx(150, abs=4)
    assert last.value != pytest.approx(first.value)
    assert not panel.grab().isNull()


def test_another_network_takes_the_place_of_the_first(
    qtbot: QtBot, gui: QApplication, on_shelf: Path
) -> None:
    panel = opened(qtbot, "wine-mlp", 8)
    work = panel.workspace
    work.new(template("digits-mlp", 2))
    qtbot.waitUntil(lambda: "image" in panel.views and bool(panel.answers), timeout=20_000)
    new = panel.answers
    qtbot.waitUntil(lambda: new[-1].isVisible(), timeout=20_000)  # a layout shows what it gets a turn later
    shown = [one for one in panel.findChildren(AnswerView) if one.isVisible()]
    assert shown == new


def test_what_was_hidden_while_it_loaded_is_loaded_later(
    qtbot: QtBot, gui: QApplication, on_shelf: Path
) -> None:
    work = Workspace(template("wine-mlp", 8))
    panel = TryPanel(work, Trainer(work))
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.corner)
    panel.show()
    panel.hide()
    panel.show()
    qtbot.waitUntil(lambda: bool(panel.answers), timeout=20_000)


def test_weights_that_are_gone_are_a_sentence(qtbot: QtBot, gui: QApplication, own_folders: Path) -> None:
    project = template("wine-mlp", 1)
    run = Run(project, shelf=Shelf(own_folders / "runs"))
    run.start()
    assert run.wait(60)
    assert run.saved is not None
    (run.saved / "weights.safetensors").write_bytes(b"no weights")
    settings.prefer(runs=str(own_folders / "runs"))
    work = Workspace(project)
    panel = TryPanel(work, Trainer(work))
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.corner)
    panel.show()
    qtbot.waitUntil(panel.banner.isVisible)
    assert panel.banner.text.text().endswith("weights.safetensors is damaged.")


# --------------------------------------------------------------------------- drawings


def test_a_drawing_is_centred_and_scaled_however_it_was_made() -> None:
    one = picture([[(0.1, 0.1), (0.1, 0.3)]], 8, 8)
    other = picture([[(0.7, 0.2), (0.7, 0.9)]], 8, 8)
    np.testing.assert_array_equal(one, other)
    assert one.shape == (8, 8)
    assert one[:, 3:5].min() > 0, "a stroke downwards fills the height in the middle"
    assert one[:, :3].max() == one[:, 5:].max() == 0


def test_an_8_by_8_picture_counts_blocks_of_a_bitmap() -> None:
    ink = picture([[(0.2, 0.2), (0.8, 0.8), (0.2, 0.8)]], 8, 8) * 16
    np.testing.assert_array_equal(ink, np.round(ink))
    assert ink.max() == 16


def test_a_28_by_28_picture_has_its_mass_in_the_middle_and_a_margin() -> None:
    ink = picture([[(0.1, 0.1), (0.1, 0.6), (0.4, 0.6)]], 28, 28)
    places = np.arange(28)
    assert float((ink.sum(1) * places).sum() / ink.sum()) == pytest.approx(13.5, abs=0.6)
    assert float((ink.sum(0) * places).sum() / ink.sum()) == pytest.approx(13.5, abs=0.6)
    assert np.count_nonzero(ink.sum(1)) <= 21
    assert ((ink > 0.05) & (ink < 0.95)).any(), "its edges are soft"


def test_a_dot_and_no_drawing_at_all_are_pictures_too() -> None:
    assert picture([], 28, 28).sum() == 0
    assert picture([[(0.9, 0.9)]], 28, 28).sum() > 0


def test_strokes_are_taken_back_and_wiped(qtbot: QtBot, gui: QApplication) -> None:
    pad = DrawingPad()
    qtbot.addWidget(pad)
    for x in (20, 60):
        QTest.mouseClick(pad, Qt.MouseButton.LeftButton, pos=QPoint(x, 40))
    assert len(pad.strokes) == 2
    QTest.keyClick(pad, Qt.Key.Key_Backspace)
    assert len(pad.strokes) == 1
    QTest.mouseClick(pad, Qt.MouseButton.RightButton, pos=QPoint(5, 5))
    assert pad.strokes == []


# --------------------------------------------------------------------------- answers


def test_an_answer_says_right_or_wrong_in_words(qtbot: QtBot, gui: QApplication) -> None:
    view = AnswerView()
    qtbot.addWidget(view)
    shares = np.array([0.1, 0.7, 0.2])
    view.show_answer(Answer("out", ("a", "b", "c"), shares, truth=1))
    assert view.headline() == "says b, sure to 70.0 %"
    assert view.judgement() == ("right", "success")
    assert view.rows() == [("a", "0.100"), ("b", "0.700"), ("c", "0.200")]
    view.show_answer(Answer("out", ("a", "b", "c"), shares, truth=2))
    assert view.judgement() == ("wrong, it is c", "error")
    view.show_answer(Answer("out", value=28.25, unit="points", truth=47.0, persistence=15.1))
    assert view.judgement()[0] == "off by −18.75 points, persistence by −31.90 points"
    assert not view.grab().isNull()


def test_of_many_classes_the_likeliest_are_listed(qtbot: QtBot, gui: QApplication) -> None:
    shares = np.linspace(0, 1, 100)
    view = AnswerView()
    qtbot.addWidget(view)
    view.show_answer(Answer("out", (), shares / shares.sum()))
    assert [name for name, _ in view.rows()][:2] == ["99", "98"]
    assert len(view.rows()) == 12


# --------------------------------------------------------------------------- the runs


@pytest.fixture
def runs(qtbot: QtBot, gui: QApplication, on_shelf: Path) -> RunsPanel:
    work = Workspace(template("wine-mlp", 8))
    panel = RunsPanel(work, Trainer(work))
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.corner)
    panel.show()
    qtbot.waitUntil(lambda: len(panel.model.rows) == 3)
    return panel


def test_every_run_is_listed_newest_first(runs: RunsPanel) -> None:
    model = runs.table.model()
    first = [model.index(0, column).data() for column in range(model.columnCount())]
    assert first[0] == "3"
    assert first[2:4] == ["LSTM forecaster", "Sunspots"]
    assert first[4] == "1 of 1"
    assert first[6].startswith("RMSE ")
    assert first[7:9] == ["0", "done"]
    assert Path(first[9]).is_dir()


def test_a_run_tells_how_many_epochs_it_trained_not_which_was_best(tmp_path: Path) -> None:
    told = {"format": 1, "project": {"recipe": {"epochs": 50}}, "steps_per_epoch": 10, "kept_epoch": 11}
    for steps, shown in ((160, "16 of 50"), (165, "16.5 of 50"), (None, "11 of 50")):
        own = {} if steps is None else {"steps": steps}
        (tmp_path / "run.json").write_text(json.dumps(told | own), encoding="utf-8")
        row = read_row(Record(tmp_path, 1))
        assert RunModel().text(row, "epochs") == shown


def test_the_network_of_a_run_opens_as_a_new_document(runs: RunsPanel) -> None:
    runs.choose(2)
    runs.buttons["open"].click()
    assert runs.workspace.current.project == template("digits-mlp", 2)
    assert runs.workspace.current.path is None


def test_the_export_of_the_chosen_run_is_asked_for(qtbot: QtBot, runs: RunsPanel) -> None:
    runs.choose(2)
    with qtbot.waitSignal(runs.export_wanted) as asked:
        runs.buttons["export"].click()
    assert asked.args == [runs.model.rows[1].folder]


def test_nothing_can_be_done_without_a_choice(runs: RunsPanel) -> None:
    runs.table.clearSelection()
    assert not any(button.isEnabled() for button in runs.buttons.values())


def test_broken_and_interrupted_runs_say_so_and_deleting_asks(
    qtbot: QtBot, gui: QApplication, own_folders: Path
) -> None:
    folder = own_folders / "runs"
    for _ in range(2):
        run = Run(template("wine-mlp", 1), shelf=Shelf(folder))
        run.start()
        assert run.wait(60)
    (folder / "0001-wine-mlp" / "run.json").write_text("{")
    record = folder / "0002-wine-mlp" / "run.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"reason": None}))
    settings.prefer(runs=str(folder))
    work = Workspace(template("wine-mlp", 1))
    panel = RunsPanel(work, Trainer(work))
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.corner)
    panel.show()
    qtbot.waitUntil(lambda: len(panel.model.rows) == 2)
    sentences = [panel.model.text(row, "state") for row in panel.model.rows]
    assert sentences[0].startswith("Interrupted: ")
    assert sentences[1].endswith("is damaged: it is not JSON.")
    panel.choose(1)
    assert not panel.buttons["open"].isEnabled()
    panel.ask = lambda title, text, choices: ""
    panel.buttons["delete"].click()
    assert (folder / "0001-wine-mlp").exists()
    panel.ask = lambda title, text, choices: "delete"
    panel.buttons["delete"].click()
    qtbot.waitUntil(lambda: len(panel.model.rows) == 1)
    assert not (folder / "0001-wine-mlp").exists()


def test_a_name_is_typed_and_read_letter_by_letter(
    qtbot: QtBot, own_folders: Path, second_shelf: Path
) -> None:
    settings.prefer(runs=str(second_shelf))
    panel = opened(qtbot, "names-cnn", 1)
    view = panel.views["name"]
    assert isinstance(view, TextView)
    assert view.field.text() == "".join(sign for sign, _ in view.row.signs) != ""
    assert not view.note.isVisible()
    shown = answer(panel)
    view.field.setFocus()
    view.field.selectAll()
    QTest.keyClicks(view.field, "Zo9")
    qtbot.waitUntil(lambda: panel.answers[0].answer is not shown and answer(panel).truth is None)
    assert view.row.signs == [("Z", True), ("o", True), ("9", False)]
    assert view.values.tolist() == [27, 16, 1, *[0] * 8]
    assert view.note.text() == "The network does not know 1 sign of it, and takes all such for one."
    view.field.selectAll()
    QTest.keyClicks(view.field, "Maximilianus")
    assert view.note.text() == "It reads the first 11 signs, and not the 1 sign after them."
    assert len(view.row.signs) == 11
    assert panel.corner.position.text() == "Your own sample"
    assert not view.grab().isNull()


def test_a_network_that_learnt_from_a_text_file_goes_on_with_what_is_typed(
    qtbot: QtBot, own_folders: Path, tmp_path: Path
) -> None:
    corpus = tmp_path / "names.txt"
    corpus.write_text("\n".join(f"{first}an{last}" for first in "ABCDEFGH" for last in "naioe"))
    project = suggest(open_data(corpus)).project
    project = edits.set_recipe(project, evolve(project.recipe, epochs=2, threads=1))
    settings.prefer(runs=str(tmp_path / "runs"))
    run = Run(project, shelf=Shelf(tmp_path / "runs"))
    run.start()
    assert run.wait(60)
    work = Workspace(project)
    panel = TryPanel(work, Trainer(work))
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.corner)
    panel.resize(1200, 220)
    panel.show()
    qtbot.waitUntil(lambda: bool(panel.answers) and panel.answers[0].answer is not None, timeout=20_000)
    view = panel.views["text"]
    assert isinstance(view, WritingView)
    assert view.field.text() in corpus.read_text().split()
    shown = answer(panel)
    view.field.setFocus()
    view.field.selectAll()
    QTest.keyClicks(view.field, "Ba7")
    qtbot.waitUntil(lambda: panel.answers[0].answer is not shown and answer(panel).truth is None)
    assert view.row.signs == [("B", True), ("a", True), ("7", False)]
    found = set()
    for _ in range(3):
        QTest.mouseClick(view.go_on, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(view.go_on.isEnabled)
        found.add(view.written.text())
    assert len(found) > 1, "another click goes on in another way"
    assert all(text.startswith("Ba") for text in found)
    assert not view.grab().isNull()


def test_words_stand_in_boxes_as_wide_as_they_are(qtbot: QtBot, gui: QApplication) -> None:
    row = SignRow()
    qtbot.addWidget(row)
    row.show_signs([("extraordinary", True), ("a", True), ("supercalifragilistic", False)] * 4)
    boxes = row.boxes(260)
    assert boxes[0].width() > 2 * boxes[1].width()
    assert max(box.right() for box in boxes) <= 260
    assert all(not a.intersects(b) for place, a in enumerate(boxes) for b in boxes[place + 1 :])
    assert row.heightForWidth(260) >= boxes[-1].bottom()


def test_a_point_is_laid_into_the_plane(qtbot: QtBot, own_folders: Path, second_shelf: Path) -> None:
    settings.prefer(runs=str(second_shelf))
    panel = opened(qtbot, "spirals-mlp", 1)
    view = panel.views["point"]
    assert isinstance(view, PointView)
    bounds = view.ground.bounds
    assert bounds.contains(0, 0)
    target = scatter.on_screen(view.area(), bounds, 0.5, -0.25).toPoint()
    shown = answer(panel)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=target)
    assert view.values == pytest.approx([0.5, -0.25], abs=0.02)
    qtbot.waitUntil(lambda: answer(panel) is not shown and answer(panel).truth is None)
    before = view.values.copy()
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_Left)
    step = bounds.width() / 50
    assert view.values == pytest.approx([before[0] - step, before[1] + step])
    assert view.accessibleDescription().startswith("x 0.4")
    assert not view.grab().isNull()
