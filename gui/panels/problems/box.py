"""The problems of one layer, with their ways out as buttons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.analysis.results import Problem
from engine.repairs.repair import Repair
from gui.controls import Button, Label, Separator, Sign
from gui.controls.flow_layout import FlowLayout
from gui.panels.problems.repair_search import RepairSearch
from gui.style import theme
from gui.text.words import signed, stated, words


def cost_text(repair: Repair) -> str:
    """The parameters a repair adds or saves, for its button; empty where they are not known."""
    return "" if repair.parameters_delta is None else signed(repair.parameters_delta)


class ProblemEntry(QWidget):
    """One problem: its sign, sentence and reason, and room for its repairs."""

    chosen = Signal(object)

    def __init__(self, problem: Problem, parent: QWidget) -> None:
        super().__init__(parent)
        self.problem = problem
        self.buttons: dict[Button, Repair] = {}
        self._texts: list[tuple[str, str]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Sign(problem.level), 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(Label(stated(problem.message), "value", "text1", wrap=True, selectable=True), 1)
        column.addLayout(head)
        if why := words(problem.why):
            column.addWidget(Label(why, "hint", "text2", wrap=True))
        self._holder = QWidget(self)
        self._flow = FlowLayout(self._holder, 6)
        column.addWidget(self._holder)

    def show_repairs(self, repairs: tuple[Repair, ...]) -> None:
        """Show the ways out. Equal ones keep their buttons, so that nothing flickers under the hand."""
        texts = [(words(repair.title), cost_text(repair)) for repair in repairs]
        if texts == self._texts:
            self.buttons = dict(zip(self.buttons, repairs, strict=True))
            return
        for button in self.buttons:
            self._flow.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._texts, self.buttons = texts, {}
        for repair, (title, cost) in zip(repairs, texts, strict=True):
            look = "ordinary" if self.buttons else "suggested"
            button = Button(
                title.replace("&", "&&"),
                "repair",
                look=look,
                detail=cost,
                tip=repair.shapes,
                gives_way=True,
                parent=self._holder,
            )
            button.clicked.connect(self._pressed)
            self._flow.addWidget(button)
            button.show()
            self.buttons[button] = repair
        self._holder.updateGeometry()

    def _pressed(self) -> None:
        self.chosen.emit(self.buttons[self.sender()])


class ProblemBox(QWidget):
    """What is wrong and what can be done. Repairs are found once the sentence stands, off the hot path."""

    chosen = Signal(object)
    """The `Repair` that was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries: list[ProblemEntry] = []
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(Separator())
        self._column = QVBoxLayout()
        self._column.setContentsMargins(theme.PANEL_PADDING, 10, theme.PANEL_PADDING, 12)
        self._column.setSpacing(10)
        outer.addLayout(self._column)
        self._search = RepairSearch(self)
        self._search.proposed.connect(self._offer)
        self.hide()

    @property
    def buttons(self) -> list[Button]:
        """The buttons of all repairs, top to bottom."""
        return [button for entry in self.entries for button in entry.buttons]

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Show these; the same sentences keep their place and their buttons."""
        if [_key(entry.problem) for entry in self.entries] == [_key(problem) for problem in problems]:
            for entry, problem in zip(self.entries, problems, strict=True):
                entry.problem = problem
        else:
            for entry in self.entries:
                self._column.removeWidget(entry)
                entry.hide()
                entry.deleteLater()
            self.entries = [ProblemEntry(problem, self) for problem in problems]
            for entry in self.entries:
                entry.chosen.connect(self.chosen)
                self._column.addWidget(entry)
            self.setVisible(bool(problems))
        self._search.seek(problems)

    def _offer(self, problem: Problem, repairs: tuple[Repair, ...]) -> None:
        for entry in self.entries:
            if entry.problem is problem:
                entry.show_repairs(repairs)


def _key(problem: Problem) -> tuple[object, ...]:
    return (problem.node, problem.name, problem.level, problem.message, problem.why)
