"""The steps on the way to the network, on the data page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.data.sets.pictures import Digits
from engine.data.sets.tables import Iris
from engine.data.settings import DataSettings
from engine.data.transforms.geometry import Flip, ShiftAndTurn
from engine.data.transforms.sizes import ResizePicture
from gui.document.workspace import Workspace
from gui.panels.data_page.page import DataPage
from gui.panels.data_page.steps import DRAWS, StepList
from gui.text.words import words
from tests.gui.panels.panel_story import cnn, opened, shown, with_data

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def work(gui: object) -> Workspace:
    return opened(with_data(cnn(), DataSettings(source=Digits())))


@pytest.fixture
def page(qtbot: QtBot, work: Workspace) -> DataPage:
    page = DataPage(work)
    shown(qtbot, page, 1300, 900)
    wait(qtbot, page)
    return page


def wait(qtbot: QtBot, page: DataPage) -> None:
    def so() -> bool:
        view, data = page.view, page.workspace.current.project.data
        return view is not None and view.overview.settings == data and not page.reader.worker.busy

    qtbot.waitUntil(so, timeout=20_000)


def add(qtbot: QtBot, page: DataPage, name: str) -> StepList:
    steps = page.side.steps
    action = next(one for one in steps.menu().actions() if one.text() == name)
    action.trigger()
    wait(qtbot, page)
    return steps


def kinds(page: DataPage) -> list[str]:
    columns = page.workspace.current.project.data.columns
    return [type(step).__name__ for column in columns for step in column.transforms]


def test_a_step_is_added_set_moved_and_taken_out(qtbot: QtBot, page: DataPage) -> None:
    steps = page.side.steps
    assert steps.isVisible()
    assert not steps.strip.isVisible()
    overview = page.view.overview if page.view is not None else None
    add(qtbot, page, "Flip")
    assert kinds(page) == ["Flip"]
    assert "mirrored 2" in words(page.side.lines[0].finding.message), "these are digits"
    assert steps.form is not None, "its settings open at once"
    steps.form.changed.emit(("chance",), 0.25)
    wait(qtbot, page)
    assert page.workspace.current.project.data.columns[0].transforms == (Flip(chance=0.25),)
    assert "25 %" in steps.lines[0].accessibleName()
    assert "training only" in steps.lines[0].accessibleName()
    add(qtbot, page, "Shift and turn")
    assert page.view is not None
    assert overview is not None
    assert page.view.overview.columns is overview.columns, "nothing was read anew"
    QTest.mouseClick(steps.lines[1], LEFT)
    assert steps.form is None
    QTest.mouseClick(steps.lines[0], LEFT)
    assert steps.form is not None
    assert steps.form.cls is Flip
    QTest.keyClick(steps.lines[1], Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    wait(qtbot, page)
    assert kinds(page) == ["ShiftAndTurn", "Flip"]
    first = steps.lines[0]
    start, end = QPoint(60, first.height() // 2), QPoint(60, first.height() // 2 + first.height())
    QTest.mousePress(first, LEFT, pos=start)
    QTest.mouseMove(first, end)
    QTest.mouseRelease(first, LEFT, pos=end)
    wait(qtbot, page)
    assert kinds(page) == ["Flip", "ShiftAndTurn"]
    QTest.keyClick(steps.lines[0], Qt.Key.Key_Delete)
    wait(qtbot, page)
    assert kinds(page) == ["ShiftAndTurn"]
    page.workspace.current.undo()
    wait(qtbot, page)
    assert kinds(page) == ["Flip", "ShiftAndTurn"]
    assert [type(line.step) for line in steps.lines] == [Flip, ShiftAndTurn]


def test_real_samples_are_shown_before_and_after(qtbot: QtBot, page: DataPage) -> None:
    steps = add(qtbot, page, "Shift and turn")
    qtbot.waitUntil(lambda: len(steps.strip.looks) == 1 + DRAWS, timeout=20_000)
    before, *after = (look.frames[0] for look in steps.strip.looks)
    assert before.shape == (8, 8, 1)
    assert len({one.tobytes() for one in (before, *after)}) == 1 + DRAWS
    QTest.mouseClick(steps.strip, LEFT)
    qtbot.waitUntil(lambda: steps.strip.looks[0].frames[0].tobytes() != before.tobytes(), timeout=20_000)
    add(qtbot, page, "Resize")
    assert steps.form is not None
    assert "always" in steps.lines[1].accessibleName()
    steps.form.changed.emit(("height",), 16)
    wait(qtbot, page)
    assert page.workspace.current.project.data.columns[0].transforms[1] == ResizePicture(height=16, width=8)
    qtbot.waitUntil(lambda: steps.strip.looks[0].frames[0].shape == (16, 8, 1), timeout=20_000)


def test_what_cannot_be_is_said_and_leaves_the_data_as_it_was(qtbot: QtBot, page: DataPage) -> None:
    steps = add(qtbot, page, "Crop the middle")
    before = page.workspace.current.project.data
    assert steps.form is not None
    steps.form.changed.emit(("height",), 900)
    assert page.workspace.current.project.data == before
    assert steps.trouble.isVisible()
    assert "at most" in steps.trouble.text()


def test_a_row_of_numbers_is_offered_what_suits_it(qtbot: QtBot, gui: object) -> None:
    page = DataPage(opened(with_data(cnn(), DataSettings(source=Iris()))))
    shown(qtbot, page, 1300, 900)
    wait(qtbot, page)
    names = {one.text() for one in page.side.steps.menu().actions()}
    assert {"Noise", "Mixup"} <= names
    assert "Flip" not in names
