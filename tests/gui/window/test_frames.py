"""What an edit costs the window: one frame, in which all that concerns it is fresh, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine import edits
from engine.hardware.device import warm_up
from engine.message import Message
from gui.deferred import Deferred
from gui.window.window import Window
from tests.gui.panels.panel_story import cnn
from tests.gui.window.test_window import give_up

LABEL = Message("Edit")


class Seen(QObject):
    """Counts the events of one type that widgets get."""

    def __init__(self, kind: QEvent.Type) -> None:
        super().__init__()
        self.kind = kind
        self.counts: Counter[QObject] = Counter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == self.kind:
            self.counts[watched] += 1
        return False

    def of(self, widget: QWidget) -> int:
        return self.counts[widget]


@pytest.fixture
def window(gui: QApplication, qtbot: QtBot) -> Window:
    """A window with a network, a layer of it selected, its code in sight, and nothing left to be done."""
    warm_up()
    made = Window()
    qtbot.addWidget(made, before_close_func=give_up)
    made.resize(1600, 1000)
    made.show()
    made.start(cnn())
    document = made.session.workspace.current
    qtbot.waitUntil(lambda: made.tool_bar.run_bar is not None)
    made.editor.docks.show_panel("code")
    chosen = next(id for id, node in document.project.graph.nodes.items() if node.name.startswith("linear"))
    document.select([chosen])
    qtbot.waitUntil(lambda: document.fresh and not made.session.workspace.checker.busy)
    for _ in range(5):
        QApplication.processEvents()
    return made


@pytest.fixture
def painted(window: Window) -> Iterator[Seen]:
    """Counts what is painted."""
    yield from watching(QEvent.Type.Paint)


@pytest.fixture
def laid_out(window: Window) -> Iterator[Seen]:
    """Counts how often widgets are asked to lay out what stands in them."""
    yield from watching(QEvent.Type.LayoutRequest)


def watching(kind: QEvent.Type) -> Iterator[Seen]:
    seen = Seen(kind)
    QApplication.instance().installEventFilter(seen)
    yield seen
    QApplication.instance().removeEventFilter(seen)


def settle() -> None:
    for _ in range(10):
        QApplication.processEvents()


def set_size(window: Window, size: int) -> None:
    document = window.session.workspace.current
    (chosen,) = document.selection
    assert document.do(edits.set_param, chosen, "out_features", size, label=LABEL)


def test_an_edit_is_drawn_in_one_frame(window: Window, painted: Seen) -> None:
    set_size(window, 77)
    settle()
    editor = window.editor
    page, code = editor.docks.panel("inspector").layer, editor.docks.panel("code").torch.view
    assert "77" in page.meaning.layer.does.text()
    assert "77" in code.source()
    for part in (
        editor.canvas,
        editor.status,
        page.settings.shapes,
        page.meaning.layer.does,
        code.viewport(),
    ):
        assert painted.of(part) == 1, part
    for part in (page.meaning.layer.use, page.meaning.layer.source):
        assert painted.of(part) == 0, part


def test_what_an_edit_does_not_change_is_not_painted(window: Window, painted: Seen) -> None:
    set_size(window, 76)  # the first edit: there is something to undo and to save
    settle()
    painted.counts.clear()
    set_size(window, 77)
    settle()
    run_bar, code = window.tool_bar.run_bar, window.editor.docks.panel("code").torch
    for part in (window.tool_bar, run_bar, run_bar.segments, window.editor.tabs, code.sign, code.state):
        assert painted.of(part) == 0, part
    assert painted.of(window.editor.canvas) == 1


def test_every_part_of_a_panel_is_laid_out_once_for_an_edit(window: Window, laid_out: Seen) -> None:
    set_size(window, 77)
    settle()
    inspector = window.editor.docks.panel("inspector")
    asked = {part: number for part in inspector.findChildren(QWidget) if (number := laid_out.of(part))}
    assert inspector.layer in asked
    assert inspector.layer.meaning.layer in asked
    assert set(asked.values()) == {1}


def test_what_asks_for_a_refresh_twice_gets_one_before_the_frame(window: Window, painted: Seen) -> None:
    told: list[int] = []
    refresh = Deferred(lambda: told.append(painted.of(window.editor.canvas)), window)
    window.editor.canvas.update()
    refresh.start()
    refresh.start()
    settle()
    assert told == [0]
    refresh.start()
    settle()
    assert len(told) == 2
