"""The blocks of the project and the ready-made ones, to be dragged out or added after the selected layer like
any kind of layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QShowEvent,
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
    QVBoxLayout,
    QWidget,
)

from engine import kinds
from engine.analysis.check import block_analysis
from engine.kinds import Layer
from engine.project.blocks import Use
from gui.canvas.tools.drop import BLOCK_MIME, MIME
from gui.controls import Label
from gui.controls.drawing import KeyFocus, ring
from gui.document import offers
from gui.document.adding import add_to
from gui.document.block_uses import uses_of
from gui.panels.palette.palette_rows import ghost
from gui.style import theme
from gui.style.kind_icons import kind_pixmap
from gui.text.words import filled

if TYPE_CHECKING:
    from engine.analysis.results import Analysis
    from gui.document.workspace import Workspace

Index = QModelIndex | QPersistentModelIndex
KIND = Qt.ItemDataRole.UserRole
TOLD = Qt.ItemDataRole.UserRole + 1
"""The second line of a row."""
ROW = 40


def parameters_of(analysis: Analysis | None) -> Mapping[str, int]:
    """What one time through each block has to learn, by the names of the blocks, as far as it is known."""
    found: dict[str, int] = {}
    if analysis is not None:
        for id, node in analysis.project.graph.nodes.items():
            kind, facts = node.kind, analysis.nodes[id]
            if not isinstance(kind, Use) or not facts.known:
                continue
            found.setdefault(kind.block.name, facts.parameters // kind.repeat)
            if any(block.name not in found for block in kind.block.within):
                found = {**parameters_of(block_analysis(analysis, id)), **found}
    return found


class BlocksPanel(QWidget):
    """The left dock's second tab."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.panel_title = self.tr("Blocks")
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.rows = BlockRows(self)
        hint = Label(
            self.tr("Select layers and fold them with Ctrl G: the block can be used again from here."),
            "hint",
            "text3",
            wrap=True,
        )
        hint.setContentsMargins(theme.px(14), theme.px(8), theme.px(14), theme.px(10))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.px(6), 0, 0)
        column.setSpacing(0)
        column.addWidget(self.rows, 1)
        column.addWidget(hint)
        self.setFocusProxy(self.rows)
        self.rows.picked.connect(self.add)
        self.rows.open_wanted.connect(self.open)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self.refresh)
        for signal in (workspace.changed, workspace.analysed, workspace.switched, workspace.entered):
            signal.connect(self._soon)
        theme.theme_changed.connect(self._soon)

    def _soon(self, _: object) -> None:
        if self.isVisible():
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """List the blocks as they are now; while one is open, what it can begin and end with comes first."""
        document = self.workspace.current
        known = parameters_of(document.analysis)
        rows: list[tuple[Layer, str]] = [
            (kind, self.tr("brings a value in") if kind.outputs else self.tr("gives a value out"))
            for kind in offers.ends(document.level)
        ]
        for use in offers.blocks(document.level):
            number = len(use.block.layers)
            told = filled(self.tr("{number} layer{number:|s}"), number=number)
            if use.block.name in known:
                text = self.tr("{layers}, {count} parameter{count:|s}")
                told = filled(text, layers=told, count=known[use.block.name])
            rows.append((use, told))
        for use in offers.ready_made(document.level):
            text = self.tr("ready-made, {number} layers")
            rows.append((use, text.format(number=len(use.block.layers))))
        self.rows.show_rows(rows)

    def add(self, kind: Layer) -> None:
        """Add a use of a block after the selected layer, and select it."""
        add_to(self.workspace, kind)

    def open(self, kind: Layer) -> None:
        """Open a block where it is used first."""
        document = self.workspace.current
        if isinstance(kind, Use):
            path = next(uses_of(document.project.graph, kind.block), None)
            if path is not None:
                document.level.open(path)


class BlockRows(QListView):
    """The list itself. Enter or a double click picks a block; it can be dragged out."""

    picked = Signal(object)
    open_wanted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.items = QStandardItemModel(self)
        self.setModel(self.items)
        self.key_focus = KeyFocus(self)
        self.setItemDelegate(_Row(self))
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
        shown = [(self.kind_at(self.items.index(row, 0)), self.items.index(row, 0).data(TOLD))
                 for row in range(self.items.rowCount())]  # fmt: skip
        if shown == rows:
            self.doItemsLayout()
            return
        name = self.currentIndex().data()
        self.items.clear()
        for kind, told in rows:
            item = QStandardItem(kind.label())
            item.setData(kind, KIND)
            item.setData(told, TOLD)
            item.setData(told, Qt.ItemDataRole.AccessibleDescriptionRole)
            item.setToolTip(
                self.tr("Drag it onto the canvas, or press Enter to add it after the selected layer")
            )
            self.items.appendRow(item)
            if kind.label() == name:
                self.setCurrentIndex(item.index())

    def kind_at(self, index: Index) -> Layer | None:
        """The layer in a row."""
        found = index.data(KIND)
        return found if isinstance(found, Layer) else None

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
    from engine.project.graph import Graph, Node
    from engine.store import clipboard

    data = QMimeData()
    if isinstance(kind, Use):
        piece = Graph(kind.label(), {"n1": Node("n1", kind, kind.stem)})
        data.setData(BLOCK_MIME, clipboard.to_text(piece, ["n1"]).encode())
    else:
        data.setData(MIME, str(kinds.to_json(kind)["kind"]).encode())
    return data


class _Row(QStyledItemDelegate):
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
            ("hint", worn.text3, str(index.data(TOLD)), 33),
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
