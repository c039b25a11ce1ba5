"""The columns of the data, a row each: name, type, role, how its values are spread, what is missing, and what
the network gets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen
from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QEvent,
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
from PySide6.QtGui import QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from engine.data.overview import ColumnOverview
from gui.controls.drawing import chevron, frame, ring
from gui.panels.data_page.column_words import bar_text, facts, gets, spoken
from gui.panels.data_page.inks import class_ink, role_ink, role_name
from gui.style import theme, tokens

ROW, HEAD = 40, 30
SHOWN_ROLES = ("input", "target", "ignore")
"""The roles that stand side by side; the others are in the menu."""
SIGNS = {"number": "#", "category": "=", "date": "◷", "text": "¶", "labels": "≡", "array": "▦"}
LEFT_OUT = 0.45
"""How much of the colours is left of a column that the network does not see."""
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


@frozen
class RowPlaces:
    """Where in a row things stand, from left to right, in px: each begins there and is so wide."""

    name: tuple[int, int]
    type: tuple[int, int]
    role: tuple[int, int]
    bars: tuple[int, int]
    facts: tuple[int, int]
    missing: tuple[int, int]
    gets: tuple[int, int]

    def box(self, part: str, rect: QRect) -> QRectF:
        """A part of the row that fills `rect`."""
        left, width = getattr(self, part)
        return QRectF(rect.left() + left, rect.top(), width, rect.height())

    def at(self, x: float) -> str:
        """The part that stands at that place; "" for none."""
        for part in ("name", "type", "role", "bars", "facts", "missing", "gets"):
            left, width = getattr(self, part)
            if left <= x < left + width:
                return part
        return ""


def places(width: int) -> RowPlaces:
    """Where things stand in a row of that width. What is spare goes to names, bars, facts and the last."""
    px = theme.px
    least = {"name": 104, "type": 92, "role": 156, "bars": 92, "facts": 112, "missing": 46, "gets": 0}
    wide = {name: px(size) for name, size in least.items()}
    gap, left = px(10), px(18)
    spare = max(0, width - left - sum(wide.values()) - gap * (len(wide) - 1))
    for name, most in (("gets", 150), ("name", 40), ("bars", 58), ("facts", 44), ("missing", 14)):
        wide[name] += min(px(most), spare)
        spare -= min(px(most), spare)
    wide["gets"] += spare
    if wide["gets"] < px(40):
        wide["gets"] = 0
    found = {}
    for name, size in wide.items():
        found[name] = (left, size)
        left += size + gap
    return RowPlaces(**found)


class ColumnModel(QAbstractListModel):
    """The columns, as a list knows them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns: Sequence[ColumnOverview] = ()

    def set_columns(self, columns: Sequence[ColumnOverview]) -> None:
        """Other columns, or others in their place."""
        if [one.name for one in columns] == [one.name for one in self.columns]:
            self.columns = columns
            self.dataChanged.emit(self.index(0), self.index(len(columns) - 1))
            return
        self.beginResetModel()
        self.columns = columns
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        one = self.columns[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return one.name
        return spoken(one) if role == Qt.ItemDataRole.AccessibleTextRole else None


class _Delegate(QStyledItemDelegate):
    """Paints one row."""

    def __init__(self, view: ColumnList) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, theme.px(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view, rect = self._view, option.rect  # type: ignore[attr-defined]  # Qt's own field
        one = view.column(index.row())
        worn, spot = theme.current(), places(rect.width())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state = option.state  # type: ignore[attr-defined]  # the same
        if state & QStyle.StateFlag.State_MouseOver or state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect.adjusted(0, 0, 0, -1), worn.hover)
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), worn.line)
        used = one.role != "ignore"
        ink = role_ink(one.role)
        if ink is not None:
            painter.fillRect(QRectF(rect.left() + 7, rect.top() + 10, 3, rect.height() - 20), ink)
        _words(painter, spot.box("name", rect), one.name, "title" if used else "body", used)
        self._paint_type(painter, spot.box("type", rect), one, used)
        self._paint_role(painter, spot.box("role", rect), one)
        self._paint_bars(painter, spot.box("bars", rect), one, used)
        self._paint_facts(painter, spot.box("facts", rect), one, used)
        self._paint_missing(painter, spot.box("missing", rect), one)
        if spot.gets[1]:
            _words(painter, spot.box("gets", rect), view.gets(one), "body", False)
        if state & QStyle.StateFlag.State_HasFocus and view.shows_focus():
            ring(painter, QRectF(rect).adjusted(0, 0, 0, -1), theme.CORNER)
        painter.restore()

    def _paint_type(self, painter: QPainter, box: QRectF, one: ColumnOverview, used: bool) -> None:
        worn = theme.current()
        painter.setPen(worn.text3)
        painter.setFont(theme.font("body"))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, SIGNS.get(one.kind, "·"))
        words = QRectF(box.left() + theme.px(18), box.top(), box.width() - theme.px(32), box.height())
        shown = _words(painter, words, self._view.kind_name(one), "body", used)
        if self._view.editable:
            middle = QPointF(words.left() + shown + theme.px(12), box.center().y())
            chevron(painter, middle, worn.text3, reach=3)

    def _paint_role(self, painter: QPainter, box: QRectF, one: ColumnOverview) -> None:
        worn = theme.current()
        outer = role_box(box)
        shown = SHOWN_ROLES if one.role in SHOWN_ROLES else (one.role,)
        frame(painter, outer, theme.CORNER, worn.field if worn.dark else None)
        width = outer.width() / len(shown)
        painter.setFont(theme.font("body"))
        for place, role in enumerate(shown):
            part = QRectF(outer.left() + place * width, outer.top(), width, outer.height())
            chosen = role == one.role
            if chosen:
                painter.save()
                painter.setClipRect(part)
                ink = role_ink(role)
                ground = (
                    worn.track if ink is None else tokens.mixed(worn.panel, ink, 0.36 if worn.dark else 0.28)
                )
                frame(painter, outer, theme.CORNER, ground)
                painter.restore()
            painter.setPen(worn.text1 if chosen else worn.text2 if self._view.editable else worn.text3)
            painter.drawText(part, Qt.AlignmentFlag.AlignCenter, role_name(role))
            if place:
                painter.fillRect(QRectF(part.left(), outer.top() + 1, 1, outer.height() - 2), worn.line2)
        frame(painter, outer, theme.CORNER, None, worn.line2)

    def _paint_bars(self, painter: QPainter, box: QRectF, one: ColumnOverview, used: bool) -> None:
        bars = one.bars
        if bars is None or not len(bars.counts):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        classes = bars.counts.shape[1] - 1
        chosen = self._view.chosen_bar(one.name)
        for bar, part in enumerate(bar_boxes(one, box)):
            total = int(bars.counts[bar].sum())
            faint = not used or (chosen is not None and chosen != bar)
            painter.setOpacity(LEFT_OUT if faint else 1.0)
            along = 0.0
            for number in range(classes + 1):
                share = int(bars.counts[bar, number]) / total if total else 0.0
                if not share:
                    continue
                ink = class_ink(number, classes)
                if bars.edges:
                    tall = part.height() * share
                    painter.fillRect(
                        QRectF(part.left(), part.bottom() - along - tall, part.width(), tall), ink
                    )
                    along += tall
                else:
                    wide = part.width() * share
                    painter.fillRect(QRectF(part.left() + along, part.top(), wide, part.height()), ink)
                    along += wide
        painter.restore()

    def _paint_facts(self, painter: QPainter, box: QRectF, one: ColumnOverview, used: bool) -> None:
        first, second = facts(one)
        half = box.height() / 2
        if not second:
            _words(painter, box, first, "body", used)
            return
        upper = QRectF(box.left(), box.top() + theme.px(4), box.width(), half - theme.px(4))
        _words(painter, upper, first, "body", used)
        lower = QRectF(box.left(), box.top() + half, box.width(), half - theme.px(4))
        _words(painter, lower, second, "hint", False)

    def _paint_missing(self, painter: QPainter, box: QRectF, one: ColumnOverview) -> None:
        worn = theme.current()
        painter.setFont(theme.font("value" if one.lost else "body"))
        painter.setPen(worn.warning if one.lost else worn.text3)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(box, flags, f"{one.lost:,}" if one.lost else "–")


def _words(painter: QPainter, box: QRectF, text: str, role: theme.Role, strong: bool) -> int:
    """Words at the left of a box, elided; gives back how wide they are."""
    worn, font = theme.current(), theme.font(role)
    metrics = QFontMetrics(font)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, int(box.width())))
    painter.setFont(font)
    painter.setPen(worn.text1 if strong else worn.text2 if role != "hint" else worn.text3)
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)
    return metrics.horizontalAdvance(shown)


def role_box(box: QRectF) -> QRectF:
    """Where the roles stand in their part of a row."""
    tall = theme.px(24)
    return QRectF(box.left(), round(box.center().y() - tall / 2), box.width(), tall)


def bar_boxes(one: ColumnOverview, box: QRectF) -> list[QRectF]:
    """Each bar of a column: upright where they are of numbers, else one after the other."""
    bars = one.bars
    if bars is None or not len(bars.counts):
        return []
    sizes = bars.counts.sum(1)
    if bars.edges:
        tall, most = box.height() - theme.px(14), max(1, int(sizes.max()))
        step, foot = box.width() / len(sizes), box.bottom() - theme.px(7)
        found = []
        for bar, size in enumerate(sizes):
            high = max(1.0, tall * int(size) / most) if size else 0.0
            left, right = round(box.left() + bar * step), round(box.left() + (bar + 1) * step)
            found.append(QRectF(left, foot - high, max(1, right - left - 1), high))
        return found
    total, left, found = max(1, int(sizes.sum())), box.left(), []
    tall = theme.px(14)
    for size in sizes:
        wide = box.width() * int(size) / total
        gap = 1 if wide > 3 else 0
        found.append(QRectF(left, round(box.center().y() - tall / 2), max(0.0, wide - gap), tall))
        left += wide
    return found


class ColumnList(QListView):
    """The list. What a person wants of a column is told, nothing is changed here."""

    role_wanted = Signal(object, object, object)
    """A column's name, a role, and whether it is to be a target beside others."""
    menu_wanted = Signal(object, object, object)
    """A column, "type", "role" or "gets", and where on the screen its menu is wanted."""
    bar_chosen = Signal(object, object)
    """A column's name and a bar whose samples are wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editable = True
        self.losses: Mapping[str, str] = {}
        """How each target is judged, in words."""
        self.scale = "auto"
        """How the data is scaled where a column leaves that to it."""
        self._chosen: tuple[str, int] | None = None
        self._by_keys = False
        self._columns = ColumnModel(self)
        self.setModel(self._columns)
        self.setItemDelegate(_Delegate(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(self.tr("Columns"))
        theme.theme_changed.connect(self._wear)

    def _wear(self, _: object) -> None:
        self.scheduleDelayedItemsLayout()
        self.updateGeometry()

    def set_columns(self, columns: Sequence[ColumnOverview], editable: bool) -> None:
        """Show these."""
        self.editable = editable
        grown = len(columns) != len(self._columns.columns)
        self._columns.set_columns(columns)
        if grown:
            self.updateGeometry()
        self.viewport().update()

    def columns(self) -> Sequence[ColumnOverview]:
        return self._columns.columns

    def column(self, row: int) -> ColumnOverview:
        """The column of a row."""
        return self._columns.columns[row]

    def gets(self, one: ColumnOverview) -> str:
        """What the network gets of it."""
        return gets(one, self.losses.get(one.settings, ""), self.scale)

    def kind_name(self, one: ColumnOverview) -> str:
        """What it is taken for, in the person's language."""
        return QCoreApplication.translate("engine", one.kind)

    def choose_bar(self, name: str, bar: int | None) -> None:
        """Show which bar is looked at alone; None for none."""
        self._chosen = None if bar is None else (name, bar)
        self.viewport().update()

    def chosen_bar(self, name: str) -> int | None:
        """The bar of a column that is looked at alone."""
        return self._chosen[1] if self._chosen is not None and self._chosen[0] == name else None

    def shows_focus(self) -> bool:
        """Whether the keyboard is here, and by keys."""
        return self._by_keys and self.hasFocus()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(700), theme.px(ROW) * max(1, len(self.columns())) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(300), theme.px(ROW) * min(3, max(1, len(self.columns()))))

    # ------------------------------------------------------------------ hands

    def part_rect(self, row: int, part: str) -> QRect:
        """Where a part of a row stands in the viewport."""
        rect = self.visualRect(self._columns.index(row))
        return places(rect.width()).box(part, rect).toRect()

    def _hit(self, at: QPointF) -> tuple[int, str, QRectF]:
        index = self.indexAt(at.toPoint())
        if not index.isValid():
            return -1, "", QRectF()
        rect = self.visualRect(index)
        spot = places(rect.width())
        part = spot.at(at.x() - rect.left())
        return index.row(), part, spot.box(part, rect) if part else QRectF()

    def _bar_at(self, one: ColumnOverview, box: QRectF, at: QPointF) -> int:
        for bar, part in enumerate(bar_boxes(one, box)):
            if part.left() <= at.x() <= part.right() + 1:
                return bar
        return -1

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        row, part, box = self._hit(event.position())
        if row < 0 or event.button() != Qt.MouseButton.LeftButton:
            return
        self._by_keys = False
        one, below = self.column(row), self.viewport().mapToGlobal(box.bottomLeft().toPoint())
        if part == "bars":
            bar = self._bar_at(one, box, event.position())
            if bar >= 0:
                self.bar_chosen.emit(one.name, bar)
        elif not self.editable:
            return
        elif part == "role":
            self._click_role(one, box, event)
        elif part in {"type", "gets"}:
            self.menu_wanted.emit(one, part, below)

    def _click_role(self, one: ColumnOverview, box: QRectF, event: QMouseEvent) -> None:
        if one.role not in SHOWN_ROLES:
            self.menu_wanted.emit(one, "role", self.viewport().mapToGlobal(box.bottomLeft().toPoint()))
            return
        place = int((event.position().x() - box.left()) / max(1.0, box.width()) * len(SHOWN_ROLES))
        also = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        self.role_wanted.emit(one.name, SHOWN_ROLES[min(max(place, 0), len(SHOWN_ROLES) - 1)], also)

    def contextMenuEvent(self, event: object) -> None:
        index = self.currentIndex()
        if self.editable and index.isValid():
            box = self.part_rect(index.row(), "name")
            place = self.viewport().mapToGlobal(box.bottomLeft())
            self.menu_wanted.emit(self.column(index.row()), "all", place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._by_keys = True
        index, key = self.currentIndex(), event.key()
        if index.isValid() and self.editable:
            one = self.column(index.row())
            if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
                box = self.part_rect(index.row(), "type")
                self.menu_wanted.emit(one, "all", self.viewport().mapToGlobal(box.bottomLeft()))
                return
            if key in {Qt.Key.Key_Left, Qt.Key.Key_Right} and one.role in SHOWN_ROLES:
                step = 1 if key == Qt.Key.Key_Right else -1
                place = SHOWN_ROLES.index(one.role) + step
                if 0 <= place < len(SHOWN_ROLES):
                    self.role_wanted.emit(one.name, SHOWN_ROLES[place], False)
                return
        super().keyPressEvent(event)
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row, part, box = self._hit(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._tip(row, part, box, QPointF(event.pos())), self)
            return True
        return super().viewportEvent(event)

    def _tip(self, row: int, part: str, box: QRectF, at: QPointF) -> str:
        if row < 0:
            return ""
        one = self.column(row)
        if part == "bars":
            bar = self._bar_at(one, box, at)
            return bar_text(one, bar) if bar >= 0 else ""
        if part == "role" and self.editable:
            return self.tr("What the column is for. Ctrl and click makes it a target beside others.")
        return {"name": one.name, "facts": "\n".join(facts(one)), "gets": self.gets(one)}.get(part, "")


class ColumnHead(QWidget):
    """What stands above the list: what each part of a row is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.by = ""
        """The target by whose classes the values are coloured."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_by(self, target: str) -> None:
        self.by = target
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(300), theme.px(HEAD))

    def paintEvent(self, event: object) -> None:
        worn, painter = theme.current(), QPainter(self)
        spot = places(self.width())
        values = self.tr("Values, by {target}").format(target=self.by) if self.by else self.tr("Values")
        titles = {
            "name": self.tr("Name"),
            "type": self.tr("Type"),
            "role": self.tr("Role"),
            "bars": values,
            "missing": self.tr("Missing"),
            "gets": self.tr("What the network gets"),
        }
        painter.setFont(theme.font("hint"))
        painter.setPen(worn.text3)
        metrics = QFontMetrics(painter.font())
        for part, title in titles.items():
            box = spot.box(part, self.rect())
            if part == "bars":
                box.setRight(spot.box("facts", self.rect()).right())
            right = part == "missing"
            side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            if right:
                box.setLeft(box.right() - metrics.horizontalAdvance(title) - 2)
            text = metrics.elidedText(title, Qt.TextElideMode.ElideRight, int(box.width()) + 2)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | side, text)
        painter.fillRect(0, self.height() - 1, self.width(), 1, worn.line)
