"""The window that the screens are taken of, with real networks, a real run, and folders of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from attrs import evolve
from PySide6.QtCore import QEventLoop, QPoint, QSize
from PySide6.QtGui import QCursor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from engine import edits
from engine.project.project import Project
from engine.templates import template
from gui.canvas.widget import CanvasWidget
from gui.document.document import Document
from gui.style import theme
from gui.window.window import Window
from tests.gui.canvas.canvas_story import Hand

SIZE = QSize(1600, 1000)
PATIENCE = 60.0
"""Seconds after which something that should come is given up."""


class Stage:
    """One window. A screen opens what it shows; what it opened is closed again by `clear`."""

    def __init__(self, app: QApplication, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.window = Window()
        self.window.resize(SIZE)
        self.trained: Document | None = None

    @property
    def canvas(self) -> CanvasWidget:
        return self.window.editor.canvas

    @property
    def hand(self) -> Hand:
        return Hand(self.canvas)

    @property
    def document(self) -> Document:
        return self.window.session.workspace.current

    # ------------------------------------------------------------------ time

    def settle(self, milliseconds: int = 60) -> None:
        """Let timers fire and everything be painted."""
        end = time.monotonic() + milliseconds / 1000
        while time.monotonic() < end:
            self.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def until(self, came: Callable[[], object], what: str) -> None:
        """Wait until something is so."""
        end = time.monotonic() + PATIENCE
        while not came():
            if time.monotonic() > end:
                raise RuntimeError(f"waited {PATIENCE:.0f} s in vain for {what}")
            self.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    # ------------------------------------------------------------------ what is open

    def open(self, project: Project | str, *ids: str) -> Document:
        """Open a project, or the template of that name, select layers in it, and wait for its check."""
        self.window.start(template(project).project() if isinstance(project, str) else project)
        return self.look(self.document, *ids)

    def look(self, document: Document, *ids: str) -> Document:
        """Bring a document to the front with these layers selected, as one first looks at it."""
        QCursor.setPos(self.window.mapToGlobal(QPoint(self.window.width() - 2, self.window.height() - 2)))
        self.window.session.workspace.switch(document)
        self.window.show_editor()
        self.until(lambda: document.fresh, "the check")
        document.select(ids)
        self.settle()
        return document

    def panel(self, *ids: str) -> None:
        """Bring panels to the front."""
        for id in ids:
            self.window.editor.docks.reveal(id)
        self.settle()

    def clear(self) -> None:
        """Close all but the trained network, and put the panels back."""
        work = self.window.session.workspace
        for document in work.documents:
            if document is not self.trained:
                work.close(document)
        self.window.editor.docks.reset()
        self.window.resize(SIZE)
        self.settle()

    # ------------------------------------------------------------------ the run

    def train(self, epochs: int, breath: Callable[[], None]) -> None:
        """Train the digits CNN, and draw what is seen half way."""
        project = template("digits-cnn").project()
        project = edits.set_recipe(project, evolve(project.recipe, epochs=epochs))
        document = self.trained = self.open(project)
        trainer = self.window.session.trainer
        trainer.train(document)
        self.until(
            lambda: trainer.curves is not None and trainer.curves.epoch >= epochs * 0.4, "the training"
        )
        breath()
        self.until(lambda: not trainer.running, "the end of the training")
        self.settle(300)


def picture(window: QWidget, *over: QWidget) -> QImage:
    """The window with what stands open over it."""
    image = window.grab().toImage()
    painter = QPainter(image)
    for widget in over:
        place = window.mapFromGlobal(widget.mapToGlobal(QPoint(0, 0)))
        worn = theme.current()
        box = widget.rect().translated(place)
        painter.fillRect(box, worn.panel)
        painter.drawPixmap(place, widget.grab())
        if isinstance(widget, QDialog):  # the system draws a frame around it
            painter.setPen(worn.line2)
            painter.drawRect(box.adjusted(-1, -1, 0, 0))
    painter.end()
    return image
