"""Cycles are freed on the interface thread, whoever left them."""

from __future__ import annotations

import threading

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.garbage import Garbage


class Knot:
    """An object in a cycle, which notes the thread that frees it."""

    freed: set[threading.Thread] = set()

    def __init__(self) -> None:
        self.knot = self

    def __del__(self) -> None:
        Knot.freed.add(threading.current_thread())


def tie() -> None:
    for _ in range(5000):
        Knot()


def test_what_a_thread_leaves_is_freed_here(gui: QApplication, qtbot: QtBot) -> None:
    garbage = Garbage()
    thread = threading.Thread(target=tie)
    thread.start()
    thread.join()
    assert Knot.freed == set()
    qtbot.waitUntil(lambda: bool(Knot.freed), timeout=20_000)
    assert Knot.freed == {threading.main_thread()}
    garbage.deleteLater()
