"""Everything that is wrong, in words, with a way out in one click."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from engine.analysis.results import Problem
from engine.message import Message
from engine.repairs.repair import Repair
from gui.controls import Button, EmptyState, Label
from gui.deferred import Deferred
from gui.panels.problems.problem_model import rows_of
from gui.panels.problems.problem_rows import ProblemRows
from gui.panels.problems.safe_repairs import repair_all
from gui.style import theme
from gui.text.words import filled

if TYPE_CHECKING:
    from gui.document.workspace import Workspace


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
        self.all_button = Button(self.tr("Repair all that are safe"), look="quiet")
        self.all_button.setToolTip(
            self.tr(
                "Takes every first repair that removes nothing and brings no new problem, as one undo step"
            )
        )
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
        self.counts.setText(self.summary())
        self.hint.setVisible(bool(rows))
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
        self.all_button.setVisible(bool(model.rows))
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

    def repair_all(self) -> None:
        """Take all repairs that are safe, as one step."""
        self.workspace.current.do(repair_all, label=Message("Repair all that are safe"))
