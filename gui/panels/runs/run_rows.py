"""The runs on the shelf as rows of a table: what each is called, what it learnt, how it ended."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from attrs import frozen
from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QFile,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)

from engine import kinds
from engine.data.source import Source
from engine.message import Message, Trouble
from engine.runs import reached
from engine.runs.record import COMPLETE, Record
from engine.runs.resuming import obstacle
from engine.runs.shelf import Shelf
from gui.plots.measures import titled, valued
from gui.style import theme
from gui.text.words import figure, lowered, words

Index = QModelIndex | QPersistentModelIndex
_Q = Qt.ItemDataRole
SORT = int(_Q.UserRole) + 1
_HERE = QModelIndex()


def tr(text: str) -> str:
    return QCoreApplication.translate("runs", text)


@frozen
class RunRow:
    """One run, read once. `problem` is the sentence of a run that is broken, failed or was interrupted."""

    folder: Path
    number: int
    title: str
    state: str
    started: datetime | None
    data: str
    epochs: float | None
    """How many were gone through."""
    kept_epoch: float | None
    """After which one its weights were kept."""
    asked: int | None
    validation: float | None
    metric: str
    test: float | None
    seed: int | None
    problem: Message | None
    weighted: bool
    caution: Message | None = None
    """What one must know before its weights are used."""
    obstacle: Message | None = None
    """Why it cannot go on."""

    @property
    def whole(self) -> bool:
        """Whether it ended well, with its weights."""
        return self.state in COMPLETE


def read_rows(shelf: Shelf) -> list[RunRow]:
    """All runs of a shelf, newest first. Reads one small file a run."""
    return [read_row(record) for record in shelf.runs()]


def read_row(record: Record) -> RunRow:
    """What a run's own record says; what it does not say is None."""
    data = record.data
    project = data.get("project")
    project = project if isinstance(project, Mapping) else {}
    recipe = _within(project, "recipe")
    state = record.state
    metric, test = reached.measure(record) or ("", None)
    return RunRow(
        folder=record.folder,
        number=record.number,
        title=record.title,
        state=state,
        started=_moment(data.get("started")),
        data=_source(_within(_within(project, "data"), "source").get("kind")),
        epochs=reached.epochs(record),
        kept_epoch=_number(data.get("kept_epoch")),
        asked=recipe.get("epochs") if isinstance(recipe.get("epochs"), int) else None,
        validation=_number((record.metrics.get("validation") or {}).get("loss")),
        metric=metric,
        test=test,
        seed=data.get("seed") if isinstance(data.get("seed"), int) else None,
        problem=_problem(record, state),
        weighted=record.weighted,
        caution=record.caution,
        obstacle=obstacle(record),
    )


def _problem(record: Record, state: str) -> Message | None:
    if record.problem is not None:
        return record.problem
    if state == "failed":
        return Message("Failed: {reason}", reason=str(record.data.get("message") or "?"))
    if state == "interrupted":
        return Message("Interrupted: the program ended before the run did.")
    return None


def _within(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = data.get(name)
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).astimezone()
    except ValueError:
        return None


def _source(kind: object) -> str:
    known = kinds.registry(Source).get(str(kind))
    return known.label() if known is not None else str(kind or "")


class RunModel(QAbstractTableModel):
    """The table: exact numbers, sorted by their values, and the sentence of a run that went wrong."""

    COLUMNS = (
        "number",
        "started",
        "title",
        "data",
        "epochs",
        "validation",
        "test",
        "seed",
        "state",
        "folder",
    )
    _RIGHT = frozenset({"epochs", "validation", "test", "seed"})

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[RunRow] = []

    def show_rows(self, rows: list[RunRow]) -> None:
        """Show other runs."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = _HERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _HERE) -> int:
        return 0 if parent.isValid() else len(self.COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Q.DisplayRole) -> Any:
        name = self.COLUMNS[section] if orientation == Qt.Orientation.Horizontal else ""
        if role == _Q.DisplayRole and name:
            return {
                "number": tr("Run"),
                "started": tr("Started"),
                "title": tr("Network"),
                "data": tr("Data"),
                "epochs": tr("Epochs"),
                "validation": tr("Best validation"),
                "test": tr("Test"),
                "seed": tr("Seed"),
                "state": tr("How it ended"),
                "folder": tr("Folder"),
            }[name]
        if role == _Q.TextAlignmentRole and name in self._RIGHT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = _Q.DisplayRole) -> Any:
        row, name = self.rows[index.row()], self.COLUMNS[index.column()]
        if role == _Q.DisplayRole:
            return self.text(row, name)
        if role == SORT:
            return self._sortable(row, name)
        if role == _Q.ToolTipRole:
            return words(row.problem) if row.problem is not None else self.text(row, name)
        if role == _Q.TextAlignmentRole and name in self._RIGHT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == _Q.ForegroundRole:
            return self._ink(row, name)
        return None

    def _ink(self, row: RunRow, name: str) -> Any:
        worn = theme.current()
        if name == "state" and row.problem is not None:
            return worn.warning if row.state == "interrupted" else worn.error
        return worn.text1 if name in {"number", "title", "validation", "test"} else worn.text2

    def _sortable(self, row: RunRow, name: str) -> Any:
        if name == "started":
            return row.started.timestamp() if row.started else 0.0
        value = getattr(row, name)
        if name == "state":
            return self.text(row, name)
        return str(value) if name == "folder" else (float("-inf") if value is None else value)

    def text(self, row: RunRow, name: str) -> str:
        """A cell in words; empty where nothing is known."""
        if name == "started":
            return row.started.strftime("%Y-%m-%d %H:%M") if row.started else ""
        if name == "epochs":
            return _epochs(row)
        if name == "validation":
            return figure(row.validation) if row.validation is not None else ""
        if name == "test":
            if row.test is None:
                return ""
            return f"{lowered(titled(row.metric))} {valued(row.metric, row.test)}"
        if name == "state":
            return words(row.problem) if row.problem is not None else _ended(row.state)
        value = getattr(row, name)
        return "" if value is None else str(value)


def _epochs(row: RunRow) -> str:
    if row.epochs is None:
        return ""
    trained = f"{row.epochs:.1f}".removesuffix(".0")
    return tr("{trained} of {asked}").format(trained=trained, asked=row.asked) if row.asked else trained


def _ended(state: str) -> str:
    texts = {
        "done": tr("done"),
        "early": tr("stopped early"),
        "goal": tr("reached its goal"),
        "time": tr("its time is over"),
        "stopped": tr("stopped, everything kept"),
        "running": tr("running"),
    }
    return texts.get(state, state)


def delete(folder: Path, shelf: Path, number: int) -> None:
    """Put a run into the system's trash, or where there is none, delete it. Raises `Trouble`."""
    for place in dict.fromkeys((folder, *shelf.glob(f"{number:04d}-*"))):
        if not place.exists() or QFile.moveToTrash(str(place)):
            continue
        try:
            shutil.rmtree(place)
        except OSError as error:
            reason = error.strerror or str(error)
            raise Trouble("{path} cannot be deleted: {reason}.", path=str(place), reason=reason) from error
