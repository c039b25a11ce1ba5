"""Work beside the window, whose owner may be gone before it is done."""

from __future__ import annotations

import threading

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from pytestqt.qtbot import QtBot

from gui.background import Worker


def test_the_newest_task_alone_is_told(gui: object, qtbot: QtBot) -> None:
    worker, gate, told = Worker(), threading.Event(), []
    worker.done.connect(told.append)
    worker.run(lambda: gate.wait(20) and "first")
    worker.run(lambda: "second")
    worker.run(lambda: "third")
    gate.set()
    qtbot.waitUntil(lambda: not worker.busy)
    assert told == ["third"]


def test_what_ends_while_its_owner_is_taken_away_ends_nothing_else(gui: object, qtbot: QtBot) -> None:
    """Often enough that the last step of a thread meets the moment in which its window is freed."""
    for _ in range(300):
        owner, ended = QObject(), threading.Event()
        worker = Worker(owner)
        worker.done.connect(lambda _: None)
        worker.run(ended.set)
        ended.wait(20)
        owner.deleteLater()
        del worker, owner
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
