"""The rows of the list of blocks: how they look, and how they are picked and dragged."""

from __future__ import annotations

from PySide6.QtCore import (
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from engine import kinds
from engine.kinds import Layer
from engine.project.blocks import Use
from engine.project.graph import Graph, Node
from engine.store import clipboard
from gui.canvas.tools.drop import BLOCK_MIME, MIME
from gui.controls.drawing import KeyFocus, ring
from gui.panels.palette.palette_rows import ghost
from gui.style import theme
from gui.style.kind_icons import kind_pixmap

Index = QModelIndex | QPersistentModelIndex
KIND = Qt.ItemDataRole.UserRole
SUMMARY = Qt.ItemDataRole.UserRole + 1
"""The second line of a row."""
ROW = 40


class _BlockDelegate(QStyledItemDelegate):
    """Paints the icon, the name and below it what is inside."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, theme.px(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view = option.widget
        assert isinstance(view, BlockRows)
        kind, worn = view.kind_at(index), theme.current()
        if kind is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRect(option.rect)
        current = index == view.currentIndex()
        if current and view.hasFocus():
            painter.fillRect(rect, worn.accent_ground)
        elif current or option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, worn.hover)
        side = theme.px(16)
        icon = kind_pixmap(kind, side, view.devicePixelRatioF())
        painter.drawPixmap(QPointF(theme.px(14), rect.top() + theme.px(7)), icon)
        left = theme.px(38)
        for role, ink, text, baseline in (
            ("value", worn.text1, str(index.data()), 18),
            ("hint", worn.text3, str(index.data(SUMMARY)), 33),
        ):
            font = theme.font(role)  # type: ignore[arg-type]  # both are roles
            painter.setFont(font)
            painter.setPen(ink)
            room = rect.width() - left - theme.px(10)
            shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(left, rect.top() + theme.px(baseline), shown)
        if current and view.key_focus.shown():
            ring(painter, rect.toRectF(), 3)
        painter.restore()


class BlockRows(QListView):
    """The list itself. Enter or a double click picks a block; it can be dragged out."""

    picked = Signal(object)
    open_wanted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.items = QStandardItemModel(self)
        self.setModel(self.items)
        self.key_focus = KeyFocus(self)
        self.setItemDelegate(_BlockDelegate(self))
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setProperty("bare", True)
        self.setAccessibleName(self.tr("Blocks"))
        self.doubleClicked.connect(self._pick)

    def show_rows(self, rows: list[tuple[Layer, str]]) -> None:
        """Show these layers, each with its second line."""
        shown = [(self.kind_at(self.items.index(row, 0)), self.items.index(row, 0).data(SUMMARY))
                 for row in range(self.items.rowCount())]  # fmt: skip
        if shown == rows:
            self.doItemsLayout()
            return
        name = self.currentIndex().data()
        self.items.clear()
        for kind, summary in rows:
            item = QStandardItem(kind.label())
            item.setData(kind, KIND)
            item.setData(summary, SUMMARY)
            item.setData(summary, Qt.ItemDataRole.AccessibleDescriptionRole)
            item.setToolTip(
                self.tr("Drag it onto the canvas, or press Enter to add it after the selected layer")
            )
            self.items.appendRow(item)
            if kind.label() == name:
                self.setCurrentIndex(item.index())

    def kind_at(self, index: Index) -> Layer | None:
        """The layer in a row."""
        kind = index.data(KIND)
        return kind if isinstance(kind, Layer) else None

    def _pick(self, index: QModelIndex) -> None:
        kind = self.kind_at(index)
        if kind is not None:
            self.picked.emit(kind)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._pick(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        kind = self.kind_at(self.indexAt(event.pos()))
        if kind is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        add = menu.addAction(self.tr("Add after the selected layer"))
        opened = menu.addAction(self.tr("Open")) if isinstance(kind, Use) else None
        chosen = menu.exec(event.globalPos())
        if chosen is add:
            self.picked.emit(kind)
        elif chosen is not None and chosen is opened:
            self.open_wanted.emit(kind)

    def startDrag(self, actions: Qt.DropAction) -> None:
        kind = self.kind_at(self.currentIndex())
        if kind is None:
            return
        drag = QDrag(self)
        drag.setMimeData(mime(kind))
        drag.setPixmap(ghost(kind, self.devicePixelRatioF()))
        drag.setHotSpot(QPoint(-theme.px(12), -theme.px(8)))  # beside the pointer: the canvas shows the place
        drag.exec(Qt.DropAction.CopyAction)


def mime(kind: Layer) -> QMimeData:
    """A layer as it is dragged: a block with its definition, so that another window can take it, too."""
    data = QMimeData()
    if isinstance(kind, Use):
        piece = Graph(kind.label(), {"n1": Node("n1", kind, kind.stem)})
        data.setData(BLOCK_MIME, clipboard.to_text(piece, ["n1"]).encode())
    else:
        data.setData(MIME, str(kinds.to_json(kind)["kind"]).encode())
    return data
