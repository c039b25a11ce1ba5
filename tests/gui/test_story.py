"""The whole way, by mouse and keyboard in the real window: draw a network, mend it, train it, keep it, export
it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from engine import edits
from engine.data.prepare import prepare
from engine.exports import FORMATS
from engine.project.project import Project
from engine.runs.record import Record
from engine.store import project_file
from gui import settings
from gui.dialogs.export import ExportDialog
from gui.document.workspace import empty_project
from gui.panels.problems.problems import Problems
from gui.window.window import Window
from tests.gui.canvas.canvas_story import CTRL, LEFT, NONE, SHIFT, Hand

Key = Qt.Key
LONG = 180_000
"""Milliseconds that training and exporting may take on a loaded machine."""
SAME = 1e-4


class Person:
    """Somebody at the window. Nothing is done but through the widgets' own events."""

    def __init__(self, qtbot: QtBot, window: Window) -> None:
        self.qtbot, self.window = qtbot, window

    @property
    def hand(self) -> Hand:
        return Hand(self.window.editor.canvas)

    @property
    def project(self) -> Project:
        return self.window.session.workspace.current.project

    def until(self, so: Callable[[], object], timeout: int = 20_000) -> None:
        self.qtbot.waitUntil(lambda: bool(so()), timeout=timeout)

    def checked(self) -> None:
        """Wait until the network as it is now was checked."""
        self.until(lambda: self.window.session.workspace.current.fresh)

    # ------------------------------------------------------------------ hands

    def click(self, widget: QWidget, place: QPoint | None = None) -> None:
        QTest.mouseClick(widget, LEFT, NONE, place or widget.rect().center())

    def key(self, key: Key, held: Qt.KeyboardModifier = NONE) -> None:
        """Press a key wherever the keyboard is."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, held)

    def type(self, text: str) -> None:
        QTest.keyClicks(QApplication.focusWidget(), text)

    def panel(self, id: str) -> QWidget:
        """Click on a panel's tab."""
        area = next(area for area in self.window.editor.docks.areas.values() if id in area.ids())
        self.click(area.strip, area.strip.tabRect(area.ids().index(id)).center())
        panel = self.window.editor.docks.panel(id)
        self.until(panel.isVisible)
        assert self.window.isActiveWindow()  # a part that is shown before it has a parent takes the keyboard
        return panel

    # ------------------------------------------------------------------ drawing

    def add_from_palette(self, text: str) -> None:
        """Type into the palette's search and take the first hit."""
        palette = self.panel("layers")
        self.click(palette.field)
        self.type(text)
        self.key(Key.Key_Return)
        QTest.keyClick(palette.field, Key.Key_A, CTRL)
        QTest.keyClick(palette.field, Key.Key_Delete)

    def add_after(self, id: str, text: str) -> None:
        """Click on a layer, Tab, type, Enter."""
        self.checked()
        self.hand.click(self.hand.on(id))
        self.hand.key(Key.Key_Tab)
        self.type(text)
        self.key(Key.Key_Return)

    def drop(self, name: str, place: QPoint) -> None:
        """Drag a layer in from the palette."""
        self.hand.drop(name, place)

    def set(self, id: str, setting: str, text: str) -> None:
        """Type a setting into the inspector."""
        self.hand.click(self.hand.on(id))
        inspector = self.panel("inspector")

        def field() -> QWidget | None:
            found = [one for one in inspector.findChildren(QWidget) if one.property("setting") == setting]
            return next((one for one in found if one.isVisible()), None)

        self.until(field)
        found = field()
        assert found is not None
        line = found.focusProxy() or found
        self.click(line)
        QTest.keyClick(line, Key.Key_A, CTRL)
        QTest.keyClicks(line, text)
        QTest.keyClick(line, Key.Key_Return)


@pytest.fixture
def person(qtbot: QtBot, gui: object, own_folders: Path) -> Person:
    settings.prefer(reduced_motion=True)
    window = Window()
    qtbot.addWidget(window, before_close_func=_give_up)
    window.resize(1500, 1000)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return Person(qtbot, window)


def _give_up(window: Window) -> None:
    for document in window.session.workspace.documents:
        window.session.workspace.close(document)


def kinds_of(project: Project) -> list[str]:
    """The kinds of layer, from the first that is computed to the last."""
    graph = project.graph
    return [type(graph.nodes[id].kind).__name__ for id in graph.order]


def test_from_an_empty_canvas_to_a_model_elsewhere(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_a_network(person)
    mend_it(person)
    drawn = person.project
    train_it(person)
    assert person.project == drawn
    undo_and_redo_everything(person)
    file = tmp_path / "mine.loom"
    save_close_and_reopen(person, file, monkeypatch)
    monkeypatch.setattr(ExportDialog, "exec", ExportDialog.open)  # without a loop of its own
    record, onnx_file, python_file = export_it(person, tmp_path)
    compare(record, onnx_file, python_file)


def draw_a_network(person: Person) -> None:
    window = person.window
    person.click(window.gallery.side.new)
    person.until(lambda: window.editor.docks.existing_panel("layers") is not None)
    assert person.project == empty_project()
    person.add_from_palette("input")
    person.add_after("n1", "conv2d")
    person.add_after("n2", "relu")
    person.add_after("n3", "maxpool2d")
    assert kinds_of(person.project) == ["Input", "Conv2d", "ReLU", "MaxPool2d"]
    hand = person.hand
    hand.key(Key.Key_F)
    person.drop("BatchNorm2d", (hand.out("n2") + hand.port("n3")) / 2)
    assert hand.wires() == {("n1", "n2"), ("n2", "n5"), ("n5", "n3"), ("n3", "n4")}
    beside = hand.on("n4") + QPoint(480, 0)
    person.drop("Linear", beside - QPoint(0, 150))
    person.drop("Output", beside)
    hand.drag(hand.out("n6"), hand.port("n7"))
    assert ("n6", "n7") in hand.wires()


def mend_it(person: Person) -> None:
    """A picture into Linear is refused, and the bubble's first way out taken; then the count of classes."""
    hand, canvas = person.hand, person.window.editor.canvas
    person.checked()
    before = person.project
    hand.drag(hand.out("n4"), hand.port("n6"))
    assert person.project is before
    assert canvas.overlays.bubble.isVisible()
    assert canvas.overlays.bubble.accessibleName() == "Linear expects N×features, but receives N×32×3×3"
    assert str(hand.ways_out()[0].title) == "Insert Flatten"
    person.key(Key.Key_1)
    assert not canvas.overlays.bubble.isVisible()
    assert hand.wires() >= {("n4", "n8"), ("n8", "n6"), ("n6", "n7")}
    person.set("n2", "out_channels", "8")
    assert hand.node("n2").kind.out_channels == 8
    problems = person.panel("problems")
    assert isinstance(problems, Problems)
    person.checked()
    person.until(lambda: problems.rows.model().shown_repairs(0))
    (row,) = problems.rows.model().rows
    assert row.problem.node == "n7"
    button = problems.rows.button_rects(0)[0]
    person.click(problems.rows.viewport(), button.center())
    person.checked()
    assert hand.node("n6").kind.out_features == 10
    analysis = person.window.session.workspace.current.analysis
    assert analysis is not None
    assert analysis.trainable
    assert not analysis.problems
    assert kinds_of(person.project) == [
        "Input",
        "Conv2d",
        "BatchNorm2d",
        "ReLU",
        "MaxPool2d",
        "Flatten",
        "Linear",
        "Output",
    ]


def train_it(person: Person) -> None:
    """Start, pause, go on and stop; what was learnt is kept."""
    trainer = person.window.session.trainer
    person.key(Key.Key_F5)
    person.until(lambda: trainer.curves is not None and trainer.curves.last is not None, LONG)
    curves = trainer.curves
    assert curves is not None

    def step() -> int:
        assert curves.last is not None
        return curves.last.step

    person.key(Key.Key_F6)
    assert trainer.paused
    polls, seen = [0], [step()]

    def stands_still() -> bool:
        polls[0], seen[0] = (polls[0] + 1, seen[0]) if step() == seen[0] else (0, step())
        return polls[0] > 40  # a look each 10 ms: reports come ten times a second

    person.until(stands_still, LONG)
    assert trainer.running
    paused_at = step()
    person.key(Key.Key_F6)
    assert not trainer.paused
    person.until(lambda: step() > paused_at and curves.best is not None, LONG)
    person.key(Key.Key_F5, SHIFT)
    person.until(lambda: not trainer.running, LONG)
    assert trainer.state == "stopped"
    kept = trainer.last_runs.weights_of(person.window.session.workspace.current)
    assert kept is not None
    assert Record(kept.folder).weighted


def undo_and_redo_everything(person: Person) -> None:
    document, drawn = person.window.session.workspace.current, person.project
    person.window.editor.canvas.setFocus()
    for _ in range(40):
        person.key(Key.Key_Z, CTRL)
        if person.project == empty_project():
            break
    assert person.project == empty_project()
    assert not person.window.session.commands["undo"].isEnabled()
    for _ in range(40):
        person.key(Key.Key_Z, CTRL | SHIFT)
        if not person.window.session.commands["redo"].isEnabled():
            break
    assert person.project == drawn
    assert document.dirty


def save_close_and_reopen(person: Person, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = person.window
    drawn = edits.set_title(person.project, file.stem)  # a network without a name is called as its file
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    person.key(Key.Key_S, CTRL | SHIFT)
    assert project_file.load(file) == drawn
    assert not window.session.workspace.current.dirty
    person.key(Key.Key_W, CTRL)
    assert not window.editing
    person.until(lambda: window.gallery.side.recent.rows)
    person.click(window.gallery.side.recent.rows[0])
    assert window.editing
    assert person.project == drawn
    assert window.session.workspace.current.path == file


def export_it(person: Person, folder: Path) -> tuple[Record, Path, Path]:
    """Export to ONNX and to Python through the dialog."""
    person.key(Key.Key_E, CTRL)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ExportDialog)
    person.until(lambda: dialog.runs)
    files = []
    for ending in (".onnx", ".py"):
        place = [format.ending for format in FORMATS].index(ending)
        person.click(dialog.format.segments()[place])
        file = folder / f"exported{ending}"
        line = dialog.path
        person.click(line)
        QTest.keyClick(line, Key.Key_A, CTRL)
        QTest.keyClicks(line, str(file))
        person.click(dialog.go)
        person.until(lambda: dialog.export is None, LONG)
        assert dialog.proof is not None, dialog.banner.text.text()
        assert dialog.proof.largest <= SAME
        assert file.is_file()
        files.append(file)
    chosen = dialog.chosen
    assert chosen is not None
    person.click(dialog.close_button)
    return Record(chosen.folder), files[0], files[1]


def compare(record: Record, onnx_file: Path, python_file: Path) -> None:
    """The exported files answer validation samples as the trained network does, alone and seven at a time."""
    import onnxruntime

    prepared = prepare(record.project.data)
    column = prepared.schema.inputs[0]
    samples = prepared.validation.columns[column][:28]
    live = record.module().eval()
    session = onnxruntime.InferenceSession(onnx_file)
    exported = module_of(python_file).load().eval()
    name = session.get_inputs()[0].name
    for size in (1, 7):
        for start in range(0, len(samples), size):
            batch = samples[start : start + size].copy()
            with torch.no_grad():
                expected = live(torch.from_numpy(batch)).numpy()
                elsewhere = exported(torch.from_numpy(batch)).numpy()
            assert expected.shape == (size, 10)
            assert np.abs(session.run(None, {name: batch})[0] - expected).max() <= SAME
            assert np.abs(elsewhere - expected).max() <= SAME


def module_of(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("exported", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
