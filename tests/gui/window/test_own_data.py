"""A person's own data on its way into the window: dropped, opened, given up, moved, and learnt from."""

from __future__ import annotations

import csv
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from engine.data.own.file_source import FileSource
from engine.data.rereading import FIRST
from engine.layers.input_output import Output
from engine.store import project_file
from gui import settings
from gui.files.known_data import KnownData
from gui.panels.predict.panel import TryPanel
from gui.window.window import Window

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
LONG = 120_000


def flowers(path: Path, rows: int = 150) -> Path:
    """A table of three kinds that are easily told apart."""
    chance = np.random.default_rng(1)
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, delimiter=";")
        table.writerow(["length", "width", "place", "kind"])
        for row in range(rows):
            kind = row % 3
            numbers = (f"{chance.normal(kind * 4, 0.4):.2f}", f"{chance.normal(-3 * kind, 0.4):.2f}")
            table.writerow([*numbers, ["hill", "shore"][row % 2], ["rose", "iris", "lily"][kind]])
    return path


@pytest.fixture
def window(qtbot: QtBot, gui: object, own_folders: Path) -> Window:
    settings.prefer(reduced_motion=True)
    window = Window()
    qtbot.addWidget(window, before_close_func=_give_up)
    window.resize(1300, 900)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def _give_up(window: Window) -> None:
    for document in window.session.workspace.documents:
        window.session.workspace.close(document)


def drop(window: Window, *paths: Path) -> None:
    """Let files fall into the window, as a file manager does."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    actions, at = Qt.DropAction.CopyAction, QPoint(300, 300)
    enter = QDragEnterEvent(at, actions, data, LEFT, NONE)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(at), actions, data, LEFT, NONE))


def until(qtbot: QtBot, so: Callable[[], object], timeout: int = 20_000) -> None:
    qtbot.waitUntil(lambda: bool(so()), timeout=timeout)


def seen(qtbot: QtBot, window: Window) -> None:
    """Until the data of the network in front is on its page."""

    def so() -> bool:
        if not window.editing:
            return False
        view = window.editor.data_page.view
        return view is not None and view.overview.settings == window.session.workspace.current.project.data

    until(qtbot, so)


# ---------------------------------------------------------------------- the page


def test_the_page_is_turned_by_document_and_remembered(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    window.start_template("digits-cnn")
    editor = window.editor
    first = window.session.workspace.current
    QTest.mouseClick(editor.turner.segments()[1], LEFT)
    assert editor.pages.currentWidget() is editor.data_page
    assert not editor.docks.areas["left"].isVisible()
    seen(qtbot, window)
    window.start_template("wine-mlp")
    assert editor.pages.currentWidget() is editor.canvas
    assert editor.docks.areas["left"].isVisible()
    window.session.workspace.switch(first)
    assert editor.pages.currentWidget() is editor.data_page
    assert editor.turner.value() == "data"
    first.save(tmp_path / "one.loom")
    window.session.close_document(first)
    window.open(tmp_path / "one.loom")
    assert editor.pages.currentWidget() is editor.data_page
    window.session.commands["turn_page"].trigger()
    assert editor.pages.currentWidget() is editor.canvas
    assert editor.canvas.hasFocus()


def test_a_panel_that_is_wanted_turns_back_to_the_network(qtbot: QtBot, window: Window) -> None:
    window.start_template("digits-cnn")
    window.editor.turn_to("data")
    assert not window.editor.docks.areas["bottom"].isVisible()
    window.editor.status.problems_wanted.emit()
    assert window.editor.docks.areas["bottom"].isVisible()
    assert window.editor.turner.value() == "network"


# ---------------------------------------------------------------------- open


def test_a_table_dropped_on_the_gallery_is_a_network_of_its_own(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    window.show_gallery()
    drop(window, flowers(tmp_path / "my flowers 花.csv"))
    seen(qtbot, window)
    document = window.session.workspace.current
    assert document.title == "my flowers 花"
    assert [one.name for one in document.project.data.of_role("target")] == ["kind"]
    assert window.editor.turner.value() == "data"
    assert window.editor.data_page.head.facts.text().startswith("150 rows × 4 columns · UTF-8, semicolon")


def test_data_in_an_open_network_is_replaced_by_one_edit(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    window.start_template("digits-cnn")
    document = window.session.workspace.current
    before = document.project
    drop(window, flowers(tmp_path / "flowers.csv"))
    seen(qtbot, window)
    assert window.session.workspace.current is document
    assert document.project.graph == before.graph
    until(qtbot, lambda: window.editor.data_page.side.network.isVisible())  # it does not fit
    document.undo()
    assert document.project == before


def test_what_cannot_be_opened_is_said_where_one_looks(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    window.show_gallery()
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7 ....")
    drop(window, bad)
    until(qtbot, lambda: window.gallery.banner.isVisible())
    assert "it is a PDF; export the table in it as CSV" in window.gallery.banner.text.text()
    window.start_template("digits-cnn")
    before = window.session.workspace.current.project
    drop(window, bad)
    until(qtbot, lambda: window.session.banner.isVisible())
    assert "it is a PDF" in window.session.banner.text.text()
    assert window.session.workspace.current.project == before


def test_of_a_large_file_the_first_rows_come_first_and_it_can_be_given_up(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    going, told = threading.Event(), threading.Event()

    def slow(path: Path, target: str, source: object, progress: Callable[[int], None], cancelled: object):
        progress(path.stat().st_size // 2)
        told.set()
        going.wait(20)
        return real(path, target, source, progress, cancelled)  # type: ignore[arg-type]  # as it was called

    from engine.data.opening import open_data as real

    monkeypatch.setattr("gui.files.data_files.open_data", slow)
    window.start_template("digits-cnn")
    document = window.session.workspace.current
    before = document.project
    drop(window, flowers(tmp_path / "large.csv", FIRST + 5))
    until(qtbot, lambda: window.editor.opening.isVisible() and told.is_set())
    page = window.editor.data_page
    until(qtbot, lambda: len(page.columns.columns()) == 4)
    assert "the others are being read" in page.columns_note.text()
    until(qtbot, lambda: window.editor.opening.text.text() == "Reading large.csv: 50 %")
    QTest.mouseClick(window.editor.opening.cancel, LEFT)
    assert not window.editor.opening.isVisible()
    going.set()
    qtbot.wait(50)
    assert document.project == before
    seen(qtbot, window)


def test_how_it_is_read_can_be_changed(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    drop(window, flowers(tmp_path / "flowers.csv"))
    seen(qtbot, window)
    page, document = window.editor.data_page, window.session.workspace.current
    page.set_role("place", "ignore")
    source = document.project.data.source
    assert isinstance(source, FileSource)
    page.source_wanted.emit(source.with_setting("header", "no"))
    until(qtbot, lambda: len(document.project.data.columns) == 4 and "column 1" in str(document.project.data))
    document.undo()
    assert [one.role for one in document.project.data.columns] == ["input", "input", "ignore", "target"]


# ---------------------------------------------------------------------- the whole way


def test_from_a_dropped_table_to_predictions(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(window, flowers(tmp_path / "flowers.csv"))
    seen(qtbot, window)
    page, document = window.editor.data_page, window.session.workspace.current
    assert [(one.name, one.kind) for one in page.columns.columns()] == [
        ("length", "number"),
        ("width", "number"),
        ("place", "category"),
        ("kind", "category"),
    ]
    page.set_role("place", "target")
    seen(qtbot, window)
    page.set_role("kind", "target")
    seen(qtbot, window)
    until(qtbot, lambda: page.side.network.isVisible(), LONG)
    QTest.mouseClick(page.side.network.draw, LEFT)
    assert window.editor.turner.value() == "network"
    drawn = document.project
    assert any(isinstance(node.kind, Output) for node in drawn.graph.nodes.values())
    until(qtbot, lambda: document.fresh, LONG)
    assert document.analysis is not None
    assert not document.analysis.errors
    document.undo()
    assert not document.project.graph.nodes
    document.redo()
    assert document.project == drawn
    window.editor.turn_to("data")
    window.session.commands["train"].trigger()
    trainer = window.session.trainer
    until(qtbot, lambda: trainer.curves is not None and trainer.curves.epoch >= 12, LONG)
    assert window.editor.turner.value() == "network"  # where the curves are
    trainer.stop()
    until(qtbot, lambda: not trainer.running, LONG)
    run = trainer.last_runs.weights_of(document)
    assert run is not None
    window.editor.docks.reveal("try")
    panel = window.editor.docks.panel("try")
    assert isinstance(panel, TryPanel)
    until(qtbot, lambda: panel.answers, LONG)
    answer = panel.answers[0].answer
    assert answer is not None
    assert answer.probabilities is not None
    assert set(answer.classes) == {"rose", "iris", "lily"}
    assert answer.classes[int(answer.probabilities.argmax())] == answer.classes[int(answer.truth or 0)]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "kept.loom"), ""))
    window.session.commands["save"].trigger()
    assert '"path": "flowers.csv"' in (tmp_path / "kept.loom").read_text(encoding="utf-8")
    assert project_file.load(tmp_path / "kept.loom").data == document.project.data


# ---------------------------------------------------------------------- what happens outside


def saved(qtbot: QtBot, window: Window, data: Path, file: Path) -> None:
    """Open data, keep its project in a file, and close it."""
    drop(window, data)
    seen(qtbot, window)
    document = window.session.workspace.current
    document.save(file)
    window.session.close_document(document)


def verbs(window: Window) -> list[str]:
    return [button.text() for button in window.session.banner.buttons]


def test_data_that_was_moved_is_located(
    qtbot: QtBot, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(qtbot, window, flowers(tmp_path / "flowers.csv"), tmp_path / "one.loom")
    moved = (tmp_path / "flowers.csv").rename(tmp_path / "elsewhere.csv")
    window.open(tmp_path / "one.loom")
    document = window.session.workspace.current
    until(qtbot, lambda: window.session.banner.isVisible())
    assert "The data is missing" in window.session.banner.text.text()
    assert verbs(window) == ["Locate…"]
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(moved), ""))
    before = document.project.data
    QTest.mouseClick(window.session.banner.buttons[0], LEFT)
    until(qtbot, lambda: document.project.data != before)
    source = document.project.data.source
    assert isinstance(source, FileSource)
    assert source.path == str(moved)
    assert document.project.data.columns == before.columns
    until(qtbot, lambda: not window.session.banner.isVisible())


def test_data_that_was_changed_is_read_anew(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    data = flowers(tmp_path / "flowers.csv")
    drop(window, data)
    seen(qtbot, window)
    document = window.session.workspace.current
    window.editor.data_page.set_role("place", "ignore")
    flowers(data, 90)
    window.data_changes.check()
    until(qtbot, lambda: window.session.banner.isVisible())
    assert verbs(window) == ["Read anew"]
    QTest.mouseClick(window.session.banner.buttons[0], LEFT)
    until(qtbot, lambda: getattr(document.project.data.source, "samples", 0) == 90)
    assert [one.role for one in document.project.data.columns] == ["input", "input", "ignore", "target"]
    until(qtbot, lambda: not window.session.banner.isVisible())
    seen(qtbot, window)
    assert window.editor.data_page.view.overview.samples == 90  # type: ignore[union-attr]  # seen just now


@pytest.mark.parametrize("beside", [True, False])
def test_a_strange_project_reads_data_outside_its_folder_only_when_asked(
    qtbot: QtBot, window: Window, tmp_path: Path, beside: bool
) -> None:
    secret, folder = tmp_path / "secret", tmp_path / "project"
    secret.mkdir()
    folder.mkdir()
    saved(qtbot, window, flowers((folder if beside else secret) / "mine.csv"), folder / "strange.loom")
    window.start_template("wine-mlp")
    window.editor.turn_to("data")
    seen(qtbot, window)
    settings.store().remove("data")  # as if somebody else had made it
    window.session.known_data = KnownData(window.session.workspace)
    window.session.data_files.known = window.session.known_data
    window.open(folder / "strange.loom")
    page = window.editor.data_page
    window.editor.turn_to("data")
    if beside:
        seen(qtbot, window)
        return
    until(qtbot, lambda: page.trouble.isVisible() and window.session.banner.isVisible())
    assert "never opened here" in page.trouble.text.text()
    assert len(page.columns.columns()) == 0
    assert verbs(window) == ["Read it"]
    QTest.mouseClick(window.session.banner.buttons[0], LEFT)
    seen(qtbot, window)
    until(qtbot, lambda: not window.session.banner.isVisible())
    assert not page.trouble.isVisible()
    document = window.session.workspace.current
    window.session.close_document(document)
    window.open(folder / "strange.loom")  # asked once
    seen(qtbot, window)
