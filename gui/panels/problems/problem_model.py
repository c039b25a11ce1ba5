"""The problems of a network as rows of a list; their repairs are found when they come into sight."""

from __future__ import annotations

from attrs import frozen
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from engine.analysis.results import Analysis, Problem
from engine.kinds import Layer
from engine.repairs.repair import Repair
from gui.panels.problems.repair_search import RepairSearch
from gui.text.words import stated, words

Index = QModelIndex | QPersistentModelIndex
OFFERED = 2
"""Repairs shown in a row; all of them stand at the layer in the inspector."""


@frozen(eq=False)
class ProblemRow:
    """A problem as the list shows it."""

    problem: Problem
    kind: Layer | None
    label: str
    name: str

    @property
    def text(self) -> str:
        """The sentence. One that begins with the layer's name goes on in small letters."""
        if not self.problem.node:
            return stated(self.problem.message)
        text = words(self.problem.message)
        return text if text[-1:] in ".?" else f"{text}."


def rows_of(analysis: Analysis | None) -> list[ProblemRow]:
    """The problems of a network as rows."""
    if analysis is None:
        return []
    rows = []
    for problem in analysis.problems:
        node = analysis.project.graph.nodes.get(problem.node)
        if node is None:
            rows.append(ProblemRow(problem, None, "", ""))
        else:
            rows.append(ProblemRow(problem, node.kind, node.kind.label(), node.name))
    return rows


def _same(one: Problem, two: Problem) -> bool:
    return (one.node, one.name, one.level, one.message) == (two.node, two.name, two.level, two.message)


class ProblemModel(QAbstractListModel):
    """Rows of problems. The repairs of those in sight are found a row at a time."""

    repairs_known = Signal(object)
    """The row whose repairs are known now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[ProblemRow] = []
        self.repairs: dict[int, tuple[Repair, ...]] = {}
        self._visible = range(12)
        self._stale = False
        self._search = RepairSearch(self)
        self._search.proposed.connect(self._set_repairs)

    def set_rows(self, rows: list[ProblemRow]) -> None:
        """Show these. Where the sentences stay the same, so do the rows and what is chosen in them."""
        if len(rows) == len(self.rows) and all(
            _same(a.problem, b.problem) and (a.label, a.name) == (b.label, b.name)
            for a, b in zip(rows, self.rows, strict=True)
        ):
            self.rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
        else:
            self.beginResetModel()
            self.rows, self.repairs = rows, {}
            self.endResetModel()
        self._stale = True
        self.set_visible(self._visible)

    def set_visible(self, rows: range) -> None:
        """The rows that can be seen: only their repairs are sought."""
        wanted = [row for row in self._within(rows) if self._stale or row not in self.repairs]
        if wanted and (self._stale or rows != self._visible):
            self._search.seek(self.rows[row].problem for row in wanted)
        self._visible, self._stale = rows, False

    def _within(self, rows: range) -> range:
        return range(max(0, rows.start), min(len(self.rows), rows.stop))

    def _set_repairs(self, problem: Problem, repairs: tuple[Repair, ...]) -> None:
        for row in self._within(self._visible):
            if self.rows[row].problem is problem:
                self.repairs[row] = repairs
                index = self.index(row)
                self.dataChanged.emit(index, index)
                self.repairs_known.emit(row)

    def shown_repairs(self, row: int) -> tuple[Repair, ...]:
        """The repairs that have a button, as far as they are known."""
        return self.repairs.get(row, ())[:OFFERED]

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return " ".join(part for part in (row.problem.level, row.label, row.name, row.text) if part)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            offers = [f"{n + 1} {words(r.title)}" for n, r in enumerate(self.shown_repairs(index.row()))]
            return ", ".join(offers)
        return None
