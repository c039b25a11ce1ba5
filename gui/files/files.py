"""Opening, saving and closing as a person does it: with questions where something could be lost, and
only there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve
from PySide6.QtCore import QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QFileDialog, QWidget

from engine import edits
from engine.message import Message, Trouble
from engine.project.graph import Graph
from engine.project.project import Project
from engine.store.project_file import ENDING
from gui import settings
from gui.controls import question
from gui.controls.question import Reply
from gui.document.document import Document
from gui.document.workspace import Workspace, empty_project
from gui.files import questions
from gui.files.file_watch import FileWatch
from gui.files.recent import Recent
from gui.text.words import words

if TYPE_CHECKING:
    from gui.training.trainer import Trainer

END_TIMEOUT = 20_000
"""Milliseconds that closing waits for a run to end and be kept. A step takes far less."""

UNNAMED = Graph().name


class Files(QObject):
    """The way of every project into the window and out of it."""

    def __init__(
        self,
        workspace: Workspace,
        file_watch: FileWatch,
        recent: Recent,
        window: QWidget,
        running_trainer: Callable[[], Trainer | None],
    ) -> None:
        super().__init__(window)
        self.workspace, self.file_watch, self.recent, self.window = workspace, file_watch, recent, window
        self._running_trainer = running_trainer
        self._closed: list[Path] = []

    # ------------------------------------------------------------------ in

    def new(self, project: Project | None = None) -> Document:
        """Open a project that has no file yet, trained where the person prefers."""
        wish = settings.preferences()
        project = project or empty_project()
        recipe = project.recipe
        if wish.device != "auto" and recipe.device == "auto":
            recipe = evolve(recipe, device=wish.device)
        if wish.threads is not None and recipe.threads is None:
            recipe = evolve(recipe, threads=wish.threads)
        return self.workspace.new(evolve(project, recipe=recipe))

    def open_dialog(self) -> None:
        """Ask for a file and open it."""
        name, _ = QFileDialog.getOpenFileName(
            self.window, self.tr("Open a network"), self._folder(), self._filter()
        )
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> Document | None:
        """Open a file. What is wrong with it is said, and None comes back."""
        try:
            return self.load(path)
        except Trouble as trouble:
            self.show_error(self.tr("{name} cannot be opened").format(name=path.name), trouble)
            return None

    def load(self, path: Path) -> Document:
        """Open a file, and say where it is open in another window, too. Raises `Trouble`."""
        document = self.workspace.open(path)
        assert document.path is not None
        self.recent.note(document.path, document.title)
        if self.file_watch.elsewhere(document.path):
            self.workspace.say(
                Message(
                    "{name} is open in another window, too. Saving here asks before it overwrites.",
                    name=document.path.name,
                )
            )
        return document

    def reopen(self) -> None:
        """Open again what was closed last, or else the newest of the recent ones that is not open."""
        while self._closed:
            path = self._closed.pop()
            if path.is_file():
                self.open(path)
                return
        shown = {str(document.path) for document in self.workspace.documents}
        for entry in self.recent.entries():
            if entry.path not in shown and entry.there:
                self.open(Path(entry.path))
                return

    def can_reopen(self) -> bool:
        """Whether there is something to reopen."""
        return bool(self._closed) or bool(self.recent.entries())

    # ------------------------------------------------------------------ out

    def save(self, document: Document) -> bool:
        """Write a document to its file, asking for one where it has none. False where it was not written."""
        if document.path is None:
            return self.save_as(document)
        conflict = self.file_watch.conflict(document)
        if conflict is not None:
            answer = questions.in_conflict(self.window, document, conflict)
            if answer == "save_as":
                return self.save_as(document)
            if answer == "reload":
                return self.reload(document)
            if answer != "overwrite":
                return False
        return self._write(document, document.path)

    def save_as(self, document: Document) -> bool:
        """Ask for a place and write a document there. False where it was not written."""
        start = document.path or Path(self._folder()) / f"{file_name(document.title)}{ENDING}"
        name, _ = QFileDialog.getSaveFileName(
            self.window, self.tr("Save the network"), str(start), self._filter()
        )
        if not name:
            return False
        path = Path(name)
        if not path.suffix:
            path = path.with_suffix(ENDING)
            # the file dialog asked about the name without the ending
            if path.exists() and not questions.before_overwriting(self.window, path):
                return False
        return self.save_to(document, path)

    def save_to(self, document: Document, path: Path) -> bool:
        """Write a document to a file that the person chose and, where it exists, agreed to overwrite."""
        other = next((d for d in self.workspace.documents if d is not document and d.path == path), None)
        if other is not None or self.file_watch.elsewhere(path):
            self.show_error(
                self.tr("{name} is not saved").format(name=document.title),
                Trouble("{file} is open. Choose another name, or close it first.", file=path.name),
            )
            return False
        if document.title == UNNAMED and path.stem.strip():
            document.do(edits.set_title, path.stem, label=Message("Name the network after its file"))
        return self._write(document, path)

    def reload(self, document: Document) -> bool:
        """Take the file as it is on disk. Undo brings back what was here."""
        try:
            document.reload()
        except Trouble as trouble:
            self.show_error(self.tr("{name} cannot be read").format(name=document.title), trouble)
            return False
        return True

    def _write(self, document: Document, path: Path) -> bool:
        try:
            document.save(path)
        except Trouble as trouble:
            self.show_error(self.tr("{name} is not saved").format(name=document.title), trouble)
            return False
        self.recent.note(path, document.title, document.result)
        return True

    # ------------------------------------------------------------------ closing

    def close(self, document: Document) -> bool:
        """Close a document, asking once where something would be lost. False where it stays."""
        if not self.may_close([document]):
            return False
        if document.path is not None:
            self._closed.append(document.path)
        self.workspace.close(document)
        return True

    def close_others(self, kept: Document) -> None:
        """Close all documents but one, asking once."""
        others = [document for document in self.workspace.documents if document is not kept]
        if self.may_close(others):
            for document in others:
                self.workspace.close(document)

    def may_close(self, documents: list[Document]) -> bool:
        """Ask once about all that is unsaved or running among these, and do what is answered.

        True where they may be closed: everything is saved or given up, and the run has ended and is kept.
        """
        dirty = [document for document in documents if document.dirty]
        trainer = self._running(documents)
        if not dirty and trainer is None:
            return True
        answer = questions.before_closing(self.window, dirty, trainer is not None)
        if answer == "save" and not all(self.save(document) for document in dirty):
            return False
        if answer not in {"save", "discard", "stop"}:
            return False
        return trainer is None or self._end_run(trainer)

    def _running(self, documents: list[Document]) -> Trainer | None:
        trainer = self._running_trainer()
        return trainer if trainer is not None and trainer.run_document in documents else None

    def _end_run(self, trainer: Trainer) -> bool:
        """Stop the run and wait until it is on the shelf; the window goes on living meanwhile."""
        loop = QEventLoop()
        trainer.finished.connect(loop.quit)
        QTimer.singleShot(END_TIMEOUT, loop.quit)
        trainer.stop()
        if self._running_trainer() is not None:
            loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        return self._running_trainer() is None

    # ------------------------------------------------------------------ words and places

    def show_error(self, title: str, trouble: Trouble) -> None:
        """Say what went wrong and wait until it was read."""
        text = words(trouble)
        question.ask(
            self.window, title, text[:1].upper() + text[1:], (Reply("", self.tr("Close"), primary=True),)
        )

    def _folder(self) -> str:
        for path in (self.workspace.current.path, *(Path(e.path) for e in self.recent.entries()[:1])):
            if path is not None and path.parent.is_dir():
                return str(path.parent)
        return str(Path.home())

    def _filter(self) -> str:
        return self.tr("Layerloom networks") + f" (*{ENDING});;" + self.tr("All files") + " (*)"


def file_name(title: str) -> str:
    """A title as the name of a file: `Digits CNN` is `digits-cnn`."""
    return re.sub(r"[^\w]+", "-", title.lower()).strip("-") or "network"
