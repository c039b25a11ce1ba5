"""The samples of a table, row by row: as many as there are; only those in sight are put into words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from engine.data.columns.numbers import DateColumn
from engine.data.overview import ColumnOverview, Overview
from gui.panels.data_page.column_words import number_text
from gui.panels.data_page.inks import part_ink, part_name
from gui.style import theme
from gui.text.words import exact

ROW, PADDING = 25, 12
MEASURED = 200
"""Rows by which the widths of columns are found."""
WIDEST, LEAST = 260, 56
LONGEST = 200
"""Letters of a value that are shown."""
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


def cell(one: ColumnOverview, row: int) -> str | None:
    """What stands in a column at a row of the source; None where it is missing."""
    value = one.values[row]
    if one.column is not None and one.column.classes and not one.column.shape:
        return one.column.classes[int(value)]
    if value is None:
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray):
        return "×".join(map(str, value.shape))
    if isinstance(value, int | float | np.number):
        number = float(value)
        return None if number != number else number_text(number)
    return str(value)


class RowModel(QAbstractTableModel):
    """The rows that are shown, in their order. The first column is the number and the part."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.view: Overview | None = None
        self.shown: Sequence[ColumnOverview] = ()
        self.rows = np.zeros(0, np.int64)
        """The rows of the source that are shown."""

    def set_rows(self, view: Overview | None, rows: np.ndarray) -> None:
        """Show these rows of some data."""
        self.beginResetModel()
        self.view, self.rows = view, rows
        self.shown = view.columns if view is not None else ()
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() or self.view is None else len(self.shown) + 1

    def part(self, row: int) -> int:
        """In which part a shown row is."""
        return int(self.view.parts[self.rows[row]]) if self.view is not None else -1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if self.view is None:
            return None
        row = int(self.rows[index.row()])
        if index.column() == 0:
            if role == Qt.ItemDataRole.DisplayRole:
                return exact(row + 1)
            tip = role in {Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole}
            return part_name(self.part(index.row())) if tip else None
        one = self.shown[index.column() - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            text = cell(one, row)
            return self.tr("missing") if text is None else text.replace("\n", " ")[:LONGEST]
        if role == Qt.ItemDataRole.ForegroundRole:
            worn = theme.current()
            if cell(one, row) is None:
                return worn.warning
            return worn.text3 if one.role == "ignore" else worn.text1
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if numeric(one) else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal or section > len(self.shown):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return "" if section == 0 else self.shown[section - 1].name
        if role == Qt.ItemDataRole.TextAlignmentRole and section:
            right = numeric(self.shown[section - 1])
            side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


def numeric(one: ColumnOverview) -> bool:
    """Whether its values are set as numbers: at the right edge."""
    classes = one.column is not None and one.column.classes
    return one.values.dtype.kind in "fiu" and not classes and not isinstance(one.type, DateColumn)


class _Cells(QStyledItemDelegate):
    """Paints a value; first in the row its number, and a dot in the colour of its part."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.measure()

    def measure(self) -> None:
        """Fit the size of text."""
        self._font, self._pad = theme.font("body"), theme.px(PADDING)
        self._widest = QFontMetrics(self._font).averageCharWidth() * 1.5

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect, model = option.rect, index.model()  # type: ignore[attr-defined]  # Qt's own field
        assert isinstance(model, RowModel)
        worn = theme.current()
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]  # the same
            painter.fillRect(rect, worn.accent_ground)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, worn.line)
        painter.setFont(self._font)
        if index.column():
            # straight from the values: three questions to the model for each cell took as long as painting
            one, inner = model.shown[index.column() - 1], rect.adjusted(self._pad, 0, -self._pad, 0)
            text = cell(one, int(model.rows[index.row()]))
            painter.setPen(
                worn.warning if text is None else worn.text3 if one.role == "ignore" else worn.text1
            )
            text = model.tr("missing") if text is None else text.replace("\n", " ")[:LONGEST]
            if len(text) * self._widest > inner.width():
                text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
            side = Qt.AlignmentFlag.AlignRight if numeric(one) else Qt.AlignmentFlag.AlignLeft
            painter.drawText(inner, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)
            return
        self._paint_number(painter, rect, index, model)

    def _paint_number(self, painter: QPainter, rect: QRect, index: Index, model: RowModel) -> None:
        worn = theme.current()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(worn.text3)
        words = QRectF(rect.left(), rect.top(), rect.width() - theme.px(24), rect.height())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(words, flags, str(index.data()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(part_ink(model.part(index.row())))
        radius = theme.px(3)
        painter.drawEllipse(QPointF(rect.right() - theme.px(13), rect.center().y() + 0.5), radius, radius)
        painter.restore()


class RowTable(QTableView):
    """The table. A click on a head asks for another order."""

    sort_wanted = Signal(object, object)
    """The name of a column, and whether its largest values come first; "" for the order of the file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("samples", True)  # for the style sheet
        self.rows = RowModel(self)
        self.setModel(self.rows)
        self._cells = _Cells(self)
        self.setItemDelegate(self._cells)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAccessibleName(self.tr("Rows"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsClickable(True)
        head.setSortIndicatorShown(True)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.setSortIndicatorClearable(True)
        head.setStretchLastSection(False)
        head.sectionClicked.connect(self._sort)
        self._sorted = (-1, False)
        self._names: tuple[str, ...] = ()
        self._measure()
        theme.theme_changed.connect(self._measure)

    def _measure(self, _: object = None) -> None:
        self.verticalHeader().setMinimumSectionSize(theme.px(ROW))
        self.verticalHeader().setDefaultSectionSize(theme.px(ROW))
        self.horizontalHeader().setFixedHeight(theme.px(28))
        self._names = ()
        self._cells.measure()
        self._fit()
        self.viewport().update()

    def set_rows(self, view: Overview | None, rows: np.ndarray) -> None:
        """Show these rows of some data."""
        self.rows.set_rows(view, rows)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(600), theme.px(300))

    def _fit(self) -> None:
        """Columns as wide as their first values, the room that is left shared among them."""
        view = self.rows.view
        names = tuple(one.name for one in self.rows.shown)
        if view is None or names == self._names:
            return
        self._names = names
        metrics = QFontMetrics(theme.font("body"))
        some = self.rows.rows[:MEASURED]
        number = metrics.horizontalAdvance(exact(max(1, view.samples))) + theme.px(40)
        widths = []
        for one in self.rows.shown:
            sample = (cell(one, int(row)) or "missing" for row in some[:: max(1, len(some) // 40)])
            longest = max(map(len, sample), default=0)
            wide = max(longest * metrics.averageCharWidth(), metrics.horizontalAdvance(one.name)) + theme.px(
                2 * PADDING + 14
            )
            widths.append(min(max(wide, theme.px(LEAST)), theme.px(WIDEST)))
        spare = self.viewport().width() - number - sum(widths)
        share = max(0, spare // max(1, len(widths)))
        self.setColumnWidth(0, number)
        for place, wide in enumerate(widths, 1):
            self.setColumnWidth(place, wide + share)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]  # as Qt gives it
        self._names = ()
        self._fit()

    def _sort(self, section: int) -> None:
        """By this column; again: the other way round; once more: as in the file."""
        former, falling = self._sorted
        if section == 0 or (former == section and falling):
            self._sorted = (-1, False)
            self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
            self.sort_wanted.emit("", False)
            return
        falling = former == section
        self._sorted = (section, falling)
        order = Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(section, order)
        self.sort_wanted.emit(self.rows.shown[section - 1].name, falling)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
            return
        super().keyPressEvent(event)

    def _copy(self) -> None:
        """The chosen rows, as a spreadsheet takes them."""
        chosen = sorted({index.row() for index in self.selectionModel().selectedRows()})[:10_000]
        lines = ["\t".join(one.name for one in self.rows.shown)]
        for row in chosen:
            lines.append("\t".join(cell(one, int(self.rows.rows[row])) or "" for one in self.rows.shown))
        QApplication.clipboard().setText("\n".join(lines))
