"""How the palette's rows look, and how they are folded and dragged."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QDrag,
    QFontMetrics,
    QHelpEvent,
    QHoverEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QTreeView,
    QWidget,
)

from engine.kinds import Layer
from gui.controls.drawing import KeyFocus, chevron, frame, ring
from gui.panels.palette.palette_model import FAMILY, LETTERS, PaletteModel, hint, usual_code
from gui.style import theme
from gui.style.kind_icons import kind_pixmap, paint_kind
from gui.text.kind_help import tip

Index = QModelIndex | QPersistentModelIndex
RIGHT = 12
"""Space between hints or counts and the panel's edge, in px at 100 %. A scroll bar stands within it."""


class _KindDelegate(QStyledItemDelegate):
    """Paints family heads and kinds."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        head = index.data(FAMILY) is not None
        return QSize(0, theme.px(theme.FAMILY_HEAD if head else theme.PALETTE_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view = option.widget
        assert isinstance(view, PaletteRows)
        worn = theme.current()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRect(0, option.rect.top(), view.viewport().width(), option.rect.height())
        current = index == view.currentIndex()
        if current and view.hasFocus():
            painter.fillRect(rect, worn.accent_ground)
        elif option.state & QStyle.StateFlag.State_MouseOver or current:
            painter.fillRect(rect, worn.hover)
        kind = view.model().kind_at(QModelIndex(index))
        if kind is None:
            self._paint_head(painter, view, rect, index)
        else:
            self._paint_kind(painter, view, rect, index, kind)
        if current and view.key_focus.shown():
            ring(painter, QRectF(rect), 3)
        painter.restore()

    def _paint_head(self, painter: QPainter, view: PaletteRows, rect: QRect, index: Index) -> None:
        worn = theme.current()
        middle = rect.center().y() + 0.5
        chevron(
            painter,
            QPointF(theme.px(14), middle),
            worn.text3,
            0 if view.isExpanded(QModelIndex(index)) else -90,
            3,
        )
        side = theme.px(8)
        square = QRectF(theme.px(26), round(middle - side / 2), side, side)
        frame(painter, square, 2, worn.families[index.data(FAMILY)])
        right = self._paint_right(painter, view, rect, str(view.model().rowCount(QModelIndex(index))))
        painter.setFont(theme.font("value"))
        painter.setPen(worn.text2)
        left = theme.px(40)
        self._paint_left(painter, QRect(left, rect.top(), right - left, rect.height()), index.data())

    def _paint_kind(
        self, painter: QPainter, view: PaletteRows, rect: QRect, index: Index, kind: type[Layer]
    ) -> None:
        worn = theme.current()
        side = theme.px(16)
        icon = kind_pixmap(kind, side, view.devicePixelRatioF())
        painter.drawPixmap(QPointF(theme.px(22), rect.top() + (rect.height() - side) / 2), icon)
        left = theme.px(46)
        font = theme.font("body")
        name = str(index.data())
        wide = QFontMetrics(font).horizontalAdvance(name)
        room = rect.width() - view.space_right() - left - wide - theme.px(8)
        self._paint_right(painter, view, rect, fitting(hint(kind), room))
        painter.setFont(font)
        painter.setPen(worn.text1)
        box = QRect(left, rect.top(), rect.width() - left - view.space_right(), rect.height())
        letters = index.data(LETTERS)
        if letters:
            self._paint_letters(painter, box, name, set(letters))
        else:
            self._paint_left(painter, box, name)

    def _paint_letters(self, painter: QPainter, box: QRect, name: str, letters: set[int]) -> None:
        """The name with the letters that the search meant in accent, run by run."""
        worn = theme.current()
        plain, strong = theme.font("body"), theme.font("title")
        left, start = box.left(), 0
        while start < len(name):
            meant = start in letters
            end = start
            while end < len(name) and (end in letters) == meant:
                end += 1
            painter.setFont(strong if meant else plain)
            painter.setPen(worn.accent_text if meant else worn.text1)
            part = name[start:end]
            painter.drawText(
                QRect(left, box.top(), box.right() - left, box.height()),
                Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine,
                part,
            )
            left += painter.fontMetrics().horizontalAdvance(part)
            start = end

    @staticmethod
    def _paint_right(painter: QPainter, view: PaletteRows, rect: QRect, text: str) -> int:
        """A hint at the right edge. Gives back where it begins."""
        painter.setFont(theme.font("hint"))
        painter.setPen(theme.current().text3)
        box = rect.adjusted(0, 0, -view.space_right(), 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
        return box.right() - painter.fontMetrics().horizontalAdvance(text) - theme.px(8)

    @staticmethod
    def _paint_left(painter: QPainter, box: QRect, text: str) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        kind = view.model().kind_at(QModelIndex(index)) if index.isValid() else None
        if event.type() == QEvent.Type.ToolTip and kind is not None:
            QToolTip.showText(event.globalPos(), tip(kind, usual_code(kind)), view, option.rect)
            return True
        return super().helpEvent(event, view, option, index)


def fitting(words: str, room: float) -> str:
    """A hint where it has room; else what stands before its comma; else nothing, since half a word tells
    nothing.
    """
    metrics = QFontMetrics(theme.font("hint"))
    parts = words, words.split(",")[0], ""
    return next(part for part in parts if metrics.horizontalAdvance(part) <= max(room, 0))


class PaletteRows(QTreeView):
    """The list itself. Enter or a double click picks a kind; a head folds; a kind can be dragged out."""

    picked = Signal(object)
    """The class of the kind to be added."""
    folded = Signal()
    left_upwards = Signal()
    """The arrow up was pressed in the first row."""

    def __init__(self, model: PaletteModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.key_focus = KeyFocus(self)
        self.setItemDelegate(_KindDelegate(self))
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setExpandsOnDoubleClick(False)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setProperty("bare", True)
        self.setAccessibleName(self.tr("Layers"))
        self.doubleClicked.connect(self._double_clicked)

    def model(self) -> PaletteModel:
        model = super().model()
        assert isinstance(model, PaletteModel)
        return model

    def space_right(self) -> int:
        """What hints keep free at the right edge of the viewport."""
        return max(theme.px(4), theme.px(RIGHT) - (self.width() - self.viewport().width()))

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """Nothing: heads paint their own chevron."""

    def pick_current(self) -> None:
        """Pick the kind in the current row; open or close the family there."""
        index = self.currentIndex()
        kind = self.model().kind_at(index)
        if kind is not None:
            self.picked.emit(kind)
        elif index.isValid():
            self._fold(index)

    def _fold(self, index: QModelIndex) -> None:
        self.setExpanded(index, not self.isExpanded(index))
        self.folded.emit()

    def _double_clicked(self, index: QModelIndex) -> None:
        if self.model().kind_at(index) is not None:
            self.pick_current()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.data(FAMILY) is not None:
            self._fold(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.pick_current()
            return
        if event.key() == Qt.Key.Key_Up and self.currentIndex() == self.model().index(0, 0):
            self.left_upwards.emit()
            return
        before = self.isExpanded(self.currentIndex())
        super().keyPressEvent(event)
        if self.isExpanded(self.currentIndex()) != before:
            self.folded.emit()

    def startDrag(self, actions: Qt.DropAction) -> None:
        kind = self.model().kind_at(self.currentIndex())
        if kind is None:
            return
        drag = QDrag(self)
        drag.setMimeData(self.model().mimeData([self.currentIndex()]))
        picture = ghost(kind, self.devicePixelRatioF())
        drag.setPixmap(picture)
        drag.setHotSpot(QPoint(-theme.px(12), -theme.px(8)))  # beside the pointer: the canvas shows the place
        drag.exec(Qt.DropAction.CopyAction)
        self.setCurrentIndex(QModelIndex())  # what matters now is the layer on the canvas
        away = QPointF(-1, -1)
        left = QHoverEvent(QEvent.Type.HoverLeave, away, away, away)
        QApplication.sendEvent(self.viewport(), left)  # Qt tells of no pointer that leaves during a drag


def ghost(kind: Layer | type[Layer], dpr: float = 1.0) -> QPixmap:
    """What hangs at the pointer while a kind is dragged: its icon and name. The canvas draws the node."""
    worn, name, font = theme.current(), kind.label(), theme.font("title")
    side, tall = theme.px(16), theme.px(28)
    wide = theme.px(44) + QFontMetrics(font).horizontalAdvance(name)
    picture = QPixmap(round(wide * dpr), round(tall * dpr))
    picture.setDevicePixelRatio(dpr)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    frame(painter, QRectF(0, 0, wide, tall), 6, worn.tip, worn.line2)
    paint_kind(painter, kind, QRectF(theme.px(10), (tall - side) / 2, side, side))
    painter.setFont(font)
    painter.setPen(worn.text1)
    painter.drawText(QRectF(theme.px(34), 0, wide, tall), Qt.AlignmentFlag.AlignVCenter, name)
    painter.end()
    return picture
