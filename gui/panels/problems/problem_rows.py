"""The list of problems, one painted row each, with its repairs as buttons at the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from engine.repairs.repair import Repair
from gui.controls.drawing import KeyFocus, frame, ring
from gui.controls.notices import INKS, SIGNS
from gui.panels.problems.box import cost_text
from gui.panels.problems.problem_model import Index, ProblemModel, ProblemRow
from gui.style import icons, theme, tokens
from gui.style.kind_icons import kind_pixmap
from gui.text.words import words

ROW = 44
NAME = 150
"""Width of the column of names, from their left edge to the sentence."""


class _ProblemDelegate(QStyledItemDelegate):
    """Draws a row, and knows where its buttons are."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, theme.px(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view = option.widget
        assert isinstance(view, ProblemRows)
        worn = theme.current()
        rect, row = option.rect, view.model().rows[index.row()]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        current = index.row() == view.currentIndex().row()
        if current or index.row() == view.hovered:
            painter.fillRect(rect, worn.hover)
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), worn.line)
        middle, side = rect.top() + (rect.height() - 1) / 2, theme.px(16)
        top = round(middle - side / 2)
        level = row.problem.level
        icons.paint(painter, SIGNS[level], getattr(worn, INKS[level]), QRectF(theme.px(20), top, side, side))
        left = theme.px(46)
        buttons = view.button_rects(index.row())
        right = buttons[0].left() - theme.px(12) if buttons else rect.right() - theme.px(14)
        if row.kind is not None:
            painter.drawPixmap(left, top, kind_pixmap(row.kind, side, view.devicePixelRatioF()))
            self._paint_name(painter, rect, left + theme.px(24), row)
            left += theme.px(24 + NAME)
        self._paint_text(painter, QRect(left, rect.top(), right - left, rect.height()), row.text)
        for place, box in enumerate(buttons):
            lit = current and place == view.chosen
            self._paint_button(painter, view, box, view.model().shown_repairs(index.row())[place], place, lit)
        if current and view.key_focus.shown() and not buttons:
            ring(painter, QRectF(rect), 3)
        painter.restore()

    @staticmethod
    def _paint_name(painter: QPainter, rect: QRect, left: int, row: ProblemRow) -> None:
        worn = theme.current()
        strong, plain = theme.font("title"), theme.font("body")
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        room = theme.px(NAME - 10)
        painter.setFont(strong)
        painter.setPen(worn.text1)
        label = QFontMetrics(strong).elidedText(row.label, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(left, rect.top(), room, rect.height()), flags, label)
        used = QFontMetrics(strong).horizontalAdvance(label) + theme.px(6)
        painter.setFont(plain)
        painter.setPen(worn.text3)
        name = QFontMetrics(plain).elidedText(row.name, Qt.TextElideMode.ElideRight, max(0, room - used))
        if len(name) > 1:
            painter.drawText(QRect(left + used, rect.top(), room - used, rect.height()), flags, name)

    @staticmethod
    def _paint_text(painter: QPainter, box: QRect, text: str) -> None:
        """The sentence, in two lines where one is too short, elided after that."""
        font = theme.font("body")
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(theme.current().text1)
        if metrics.horizontalAdvance(text) <= box.width():
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)
            return
        cut = len(text)
        while cut > 0 and metrics.horizontalAdvance(text[:cut]) > box.width():
            cut = text.rfind(" ", 0, cut)
        if cut <= 0:
            lines = [metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())]
        else:
            rest = metrics.elidedText(text[cut + 1 :], Qt.TextElideMode.ElideRight, box.width())
            lines = [text[:cut], rest]
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, "\n".join(lines))

    @staticmethod
    def _paint_button(
        painter: QPainter, view: ProblemRows, box: QRect, repair: Repair, place: int, lit: bool
    ) -> None:
        worn = theme.current()
        under = box.contains(view.pointer)
        fill, edge = (worn.accent_ground, worn.accent) if lit else (worn.raised, worn.line2)
        if under and not lit:
            fill = tokens.mixed(worn.raised, worn.text1, 0.06)
        frame(painter, QRectF(box), 6, fill, edge)
        if lit and view.key_focus.shown():
            ring(painter, QRectF(box), 6)
        side, left = theme.px(14), box.left() + theme.px(12)
        middle = box.center().y() + 0.5
        icons.paint(painter, "repair", worn.accent_text, QRectF(left, round(middle - side / 2), side, side))
        left += theme.px(20)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.setFont(theme.font("value"))
        painter.setPen(worn.text1)
        title = words(repair.title)
        painter.drawText(QRect(left, box.top(), box.right() - left, box.height()), flags, title)
        left += QFontMetrics(theme.font("value")).horizontalAdvance(title) + theme.px(6)
        painter.setFont(theme.font("body"))
        painter.setPen(worn.text2 if lit else worn.text3)
        painter.drawText(QRect(left, box.top(), box.right() - left, box.height()), flags, cost_text(repair))

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        assert isinstance(view, ProblemRows)
        place = view.button_at(index.row(), event.pos())
        row = view.model().rows[index.row()]
        if place is not None:
            repair = view.model().shown_repairs(index.row())[place]
            text = "\n".join(part for part in (words(repair.title), repair.shapes) if part)
        else:
            text = "\n".join(
                part for part in (f"{row.label} {row.text}".strip(), words(row.problem.why)) if part
            )
        QToolTip.showText(event.globalPos(), text, view)
        return True


class ProblemRows(QListView):
    """The list. Enter takes the lit repair, arrows and digits choose one, a click selects."""

    picked = Signal(object)
    """The `Problem` whose row was chosen."""
    repair_wanted = Signal(object)
    """The `Repair` that was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(ProblemModel(self))
        self.key_focus = KeyFocus(self)
        self.hovered, self.chosen = -1, 0
        self.pointer = QPoint(-1, -1)
        self.setItemDelegate(_ProblemDelegate(self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setProperty("bare", True)
        self.setAccessibleName(self.tr("Problems"))
        self.selectionModel().currentChanged.connect(self._moved)
        theme.theme_changed.connect(self._restyle)

    def model(self) -> ProblemModel:
        model = super().model()
        assert isinstance(model, ProblemModel)
        return model

    def _restyle(self) -> None:
        self.doItemsLayout()

    def _moved(self, current: QModelIndex, before: QModelIndex) -> None:
        self.chosen = 0
        self.viewport().update()

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._tell_visible()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._tell_visible()

    def _tell_visible(self) -> None:
        """Tell the model which rows can be seen."""
        first = self.verticalScrollBar().value() // theme.px(ROW)
        self.model().set_visible(range(first, first + self.viewport().height() // theme.px(ROW) + 2))

    # ------------------------------------------------------------------ buttons

    def button_rects(self, row: int) -> list[QRect]:
        """Where a row's buttons are, in px of the viewport, left to right."""
        rect = self.visualRect(self.model().index(row))
        right = rect.right() - theme.px(14)
        rects: list[QRect] = []
        room = rect.width() // 2
        value, body = QFontMetrics(theme.font("value")), QFontMetrics(theme.font("body"))
        widths: list[int] = []
        for repair in self.model().shown_repairs(row):
            cost = cost_text(repair)
            width = theme.px(44) + value.horizontalAdvance(words(repair.title))
            width += (theme.px(6) + body.horizontalAdvance(cost)) if cost else 0
            if widths and sum(widths) + width > room:
                break
            widths.append(width)
        height = theme.px(theme.BUTTON)
        left = right - sum(widths) - theme.px(8) * max(0, len(widths) - 1)
        for width in widths:
            rects.append(QRect(left, rect.top() + (rect.height() - 1 - height) // 2, width, height))
            left += width + theme.px(8)
        return rects

    def button_at(self, row: int, place: QPoint) -> int | None:
        """Which button of a row is there, or None."""
        return next((i for i, box in enumerate(self.button_rects(row)) if box.contains(place)), None)

    def take_repair(self, row: int, place: int) -> None:
        """Press a row's button."""
        repairs: Sequence[Repair] = self.model().shown_repairs(row)
        if place < len(repairs):
            self.repair_wanted.emit(repairs[place])

    # ------------------------------------------------------------------ hands

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self.pointer = event.position().toPoint()
        self.hovered = self.indexAt(self.pointer).row()
        over = self.hovered >= 0 and self.button_at(self.hovered, self.pointer) is not None
        shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered, self.pointer = -1, QPoint(-1, -1)
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        place = event.position().toPoint()
        index = self.indexAt(place)
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            return
        button = self.button_at(index.row(), place)
        if button is not None:
            self.take_repair(index.row(), button)
        else:
            self.picked.emit(self.model().rows[index.row()].problem)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row, key = self.currentIndex().row(), event.key()
        shown = len(self.button_rects(row)) if row >= 0 else 0
        if row < 0:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = 1 if key == Qt.Key.Key_Right else -1
            self.chosen = max(0, min(shown - 1, self.chosen + step))
            self.viewport().update()
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            self.take_repair(row, key - Qt.Key.Key_1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if shown and not event.modifiers():
                self.take_repair(row, self.chosen)
            else:
                self.picked.emit(self.model().rows[row].problem)
        elif key == Qt.Key.Key_Space:
            self.picked.emit(self.model().rows[row].problem)
        else:
            super().keyPressEvent(event)
