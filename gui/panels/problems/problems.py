"""Everything that is wrong, in words, with a way out in one click."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from engine.analysis.results import Problem
from engine.message import Message, Trouble
from engine.project.project import Project
from engine.repairs.repair import Repair
from gui.background import Worker
from gui.controls import Button, EmptyState, Label
from gui.deferred import Deferred
from gui.panels.problems.problem_model import rows_of
from gui.panels.problems.problem_rows import ProblemRows
from gui.panels.problems.safe_repairs import repair_all
from gui.style import theme
from gui.text.words import filled

if TYPE_CHECKING:
    from gui.document.document import Document
    from gui.document.workspace import Workspace


PROGRESS = 300
"""Milliseconds between two words of how far taking all repairs is; what is over before the first needs none.
"""


class Problems(QWidget):
    """The list of problems. Its `corner` holds the counts and "Repair all that are safe"."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.panel_title = self.tr("Problems")
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.rows = ProblemRows(self)
        self.empty = EmptyState("", parent=self)
        self.corner = QWidget()
        self.counts = Label("", "hint", "text2")
        self.hint = Label(self.tr("numbers on the buttons are parameters added or saved"), "hint", "text3")
        self.all_button = Button("", look="quiet")
        self._worker = Worker(self)
        self._repaired: tuple[Document, Project] | None = None
        self._progress = (0, 0)
        self._long = False
        """Whether all repairs are being taken, and for so long that it is to be seen."""
        self._timer = QTimer(self, interval=PROGRESS)
        row = QHBoxLayout(self.corner)
        row.setContentsMargins(12, 0, 10, 0)
        row.setSpacing(theme.px(16))
        row.addStretch(1)
        row.addWidget(self.counts)
        row.addWidget(self.hint)
        row.addWidget(self.all_button)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._stack)
        self.setFocusProxy(self.rows)
        self._later = Deferred(self.refresh, self)
        self.rows.picked.connect(self._pick)
        self.rows.repair_wanted.connect(self._repair)
        self.rows.model().repairs_known.connect(self._offer_all)
        self.all_button.clicked.connect(self.repair_all)
        self._worker.done.connect(self._take)
        self._worker.failed.connect(self._failed)
        self._timer.timeout.connect(self._tell_progress)
        workspace.analysed.connect(self._soon)
        workspace.switched.connect(self._soon)
        self.refresh()

    def _soon(self, _: object) -> None:
        if self.isVisible():
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Show the problems that are known of the network in front."""
        analysis = self.workspace.current.analysis
        rows = rows_of(analysis)
        self.rows.model().set_rows(rows)
        words = self.tr("No problems. The network can be trained.")
        self.empty.set_text(words if analysis is not None else self.tr("The network is being looked at."))
        self._stack.setCurrentWidget(self.rows if rows else self.empty)
        self._offer_all()

    def summary(self) -> str:
        """How many problems there are of each level, in words."""
        levels = Counter(row.problem.level for row in self.rows.model().rows)
        texts = (
            ("error", self.tr("{number} stop{number:s|} training")),
            ("warning", self.tr("{number} warning{number:|s}")),
            ("note", self.tr("{number} note{number:|s}")),
        )
        return "   ".join(filled(text, number=levels[level]) for level, text in texts if levels[level])

    def _offer_all(self, _: object = None) -> None:
        model = self.rows.model()
        self.all_button.setVisible(bool(model.rows) or self._long)
        self.hint.setVisible(bool(model.rows) and not self._long)
        if self._long:
            self.all_button.setText(self.tr("Cancel"))
            self.all_button.setToolTip(self.tr("Leaves the network as it is"))
            self.all_button.setEnabled(True)
            return
        self.counts.setText(self.summary())
        self.all_button.setText(self.tr("Repair all that are safe"))
        self.all_button.setToolTip(
            self.tr(
                "Takes every first repair that removes nothing and brings no new problem, as one undo step"
            )
        )
        unknown = len(model.repairs) < len(model.rows)
        offered = (
            repairs and not repairs[0].removes and model.rows[row].problem.level != "note"
            for row, repairs in model.repairs.items()
        )
        self.all_button.setEnabled(unknown or any(offered))

    def _pick(self, problem: Problem) -> None:
        if problem.node:
            path, repetitions, inner = problem.path, [], problem
            while inner.inner is not None:
                repetitions.append(int(str(inner.facts.get("repetition", 0))))
                inner = inner.inner
            self.workspace.current.level.open(path[:-1], repetitions)
            self.workspace.current.select([path[-1]])
            self.workspace.reveal.emit(frozenset([path[-1]]))

    def _repair(self, repair: Repair) -> None:
        self.workspace.current.do(repair.apply, label=repair.title)

    # ------------------------------------------------------------------ all at once

    @property
    def repairing(self) -> bool:
        """Whether all repairs are being taken."""
        return self._repaired is not None

    def repair_all(self) -> None:
        """Take all repairs that are safe, as one step, beside the window; once more lets go of it."""
        if self.repairing:
            if self._long:
                self._end()
            return
        document = self.workspace.current
        project = document.project
        repaired = self._repaired = (document, project)

        def goes_on(done: int, left: int) -> bool:
            self._progress = (done, left)
            return self._repaired is repaired and document.project is project

        self._worker.run(lambda: repair_all(project, goes_on))
        self._timer.start()

    def _tell_progress(self) -> None:
        self._long = True
        done, left = self._progress
        text = self.tr("{done} repair{done:|s} made, {left} problem{left:|s} left")
        self.counts.setText(filled(text, done=done, left=left))
        self._offer_all()

    def _take(self, after: Project) -> None:
        if (document := self._end()) is not None:
            document.do(lambda _: after, label=Message("Repair all that are safe"))

    def _failed(self, error: Exception) -> None:
        document = self._end()
        if not isinstance(error, Trouble):
            raise error
        if document is not None:
            document.refused.emit(error)

    def _end(self) -> Document | None:
        """Nothing is repaired any more. The document it was for, where it is as it was then."""
        assert self._repaired is not None
        (document, before), self._repaired = self._repaired, None
        self._long = False
        self._worker.cancel()
        self._timer.stop()
        self._offer_all()
        if not isValid(document):
            return None
        if document.project is not before:
            text = "The network was changed while its repairs were sought, so none was made. Try it again."
            self.workspace.say(Message(text))
            return None
        return document
