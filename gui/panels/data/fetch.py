"""Fetches a well-known set that is not on this machine yet, when a person asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from engine.data.sets import known
from engine.data.sets.known import Known
from engine.data.source import Source
from engine.files.download import Stopped
from engine.message import Trouble
from gui.background import Worker
from gui.controls import Button, Label, ThinBar
from gui.style import theme
from gui.text.words import words


class FetchSet(QWidget):
    """In sight only where the data is a set that must be fetched first. It asks nothing of any network by
    itself.
    """

    fetched = Signal()
    """The set is on this machine now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wanted: type[Known] | None = None
        self._done = 0
        self._stop = threading.Event()
        self.said = Label("", "hint", "text2", wrap=True)
        self.fetch = Button(self.tr("Fetch"))
        self.fetch.clicked.connect(self._fetch)
        self.take = Button(self.tr("From a folder…"), look="quiet")
        self.take.clicked.connect(self._choose)
        self.stop = Button(self.tr("Stop"))
        self.stop.clicked.connect(self._stop.set)
        self.bar = ThinBar()
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(6))
        for button in (self.fetch, self.take, self.stop):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        column.addWidget(self.said)
        column.addWidget(self.bar)
        column.addLayout(buttons)
        self.worker = Worker(self)
        self.worker.done.connect(self._ended)
        self.worker.failed.connect(self._failed)
        self._clock = QTimer(self)
        self._clock.setInterval(100)
        self._clock.timeout.connect(self._show_progress)
        self.hide()

    def show_source(self, source: Source) -> None:
        """Offer what the data needs, nothing where it is there."""
        if self._clock.isActive():
            return  # another set is on its way: it can be stopped, whatever is looked at meanwhile
        self.wanted = type(source) if isinstance(source, Known) and not source.is_there() else None
        self.setVisible(self.wanted is not None)
        if self.wanted is not None:
            self._offer()

    def _offer(self) -> None:
        assert self.wanted is not None
        host = urlsplit(self.wanted.remotes[0].addresses[0]).hostname
        text = self.tr("Fetched once, {size} MB from {host}; or taken from a folder that has its files.")
        self.said.setText(text.format(size=_megabytes(self.wanted.size()), host=host))
        self._show_under_way(False)

    def _show_under_way(self, under_way: bool) -> None:
        for widget, shown in ((self.fetch, not under_way), (self.take, not under_way)):
            widget.setVisible(shown)
        self.bar.setVisible(under_way)
        self.stop.setVisible(under_way)

    # ------------------------------------------------------------------ under way

    def _fetch(self) -> None:
        wanted = self.wanted
        assert wanted is not None
        self._run(lambda: known.get(wanted, self._note, self._stop.is_set))

    def _choose(self) -> None:
        wanted = self.wanted
        assert wanted is not None
        title = self.tr("The folder with the files of {title}").format(title=wanted.title)
        folder = QFileDialog.getExistingDirectory(self, title)
        if folder:
            self._run(lambda: known.take(wanted, Path(folder)))

    def _run(self, task: Callable[[], None]) -> None:
        self._done = 0
        self._stop.clear()
        self._show_under_way(True)
        self._show_progress()
        self._clock.start()
        self.worker.run(task)

    def _note(self, done: int) -> None:
        self._done = done  # in the worker's thread; the clock looks at it

    def _show_progress(self) -> None:
        assert self.wanted is not None
        size = self.wanted.size()
        self.bar.set_share(self._done / max(1, size))
        text = self.tr("{done} of {size} MB")
        self.said.setText(text.format(done=f"{self._done / 1e6:,.1f}", size=_megabytes(size)))

    def _ended(self, _: object) -> None:
        self._clock.stop()
        self.hide()
        self.fetched.emit()

    def _failed(self, error: Exception) -> None:
        self._clock.stop()
        self._offer()
        if isinstance(error, Trouble):
            self.said.setText(words(error))
        elif isinstance(error, Stopped):
            self.said.setText(self.tr("Stopped. What was fetched is kept, and Fetch goes on with it."))
        else:
            raise error


def _megabytes(size: int) -> str:
    return f"{max(1, round(size / 1e6)):,}"
