"""Forms of the data in a small panel that opens below what it is about: how data is read and split, and how
a column becomes numbers.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from engine import kinds
from engine.data.columns.column_type import ColumnType
from engine.data.own.file_source import FileSource
from engine.data.settings import DataSettings
from engine.message import Illegal
from engine.project.project import Project
from gui.controls import Label
from gui.forms.kind_form import KindForm, SettingPath, with_setting
from gui.style import theme
from gui.text.words import words

WIDTH = 340
Changed = Callable[[SettingPath, object], object]


class FormPopup(QWidget):
    """Forms below each other. What a person wants is told, nothing is changed here."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(name)
        self.forms: list[KindForm] = []
        self._inside = QWidget()
        self._inside.setProperty("ground", "panel")
        self._inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(14, 12, 14, 12)
        self._column.setSpacing(6)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._inside)
        around = QVBoxLayout(self)
        around.setContentsMargins(1, 1, 1, 1)
        around.addWidget(scroll)

    def add(
        self, title: str, cls: type, only: frozenset[str] | None, value: object, changed: Changed
    ) -> KindForm:
        """A form below a head."""
        self._column.addWidget(Label(title, "head"))
        form = KindForm(cls, only=only)
        form.show_kind(value)
        form.changed.connect(changed)
        self.forms.append(form)
        self._column.addWidget(form)
        return form

    def open_at(self, place: QPoint) -> None:
        """Show it at a place of the screen, within its edges."""
        high = min(self._inside.sizeHint().height() + 4, theme.px(560))
        self.resize(theme.px(WIDTH), high)
        screen = self.screen().availableGeometry()
        left = max(screen.left(), min(place.x(), screen.right() - self.width()))
        self.move(left, max(screen.top(), min(place.y(), screen.bottom() - high)))
        self.show()
        self.forms[0].setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, painter = theme.current(), QPainter(self)
        painter.fillRect(self.rect(), worn.panel)
        painter.setPen(worn.line2)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class ColumnForm(FormPopup):
    """All settings of a column's type."""

    type_wanted = Signal(object)
    """The `ColumnType` that is wanted instead."""

    def __init__(self, name: str, kind: ColumnType, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.kind = kind
        self.add(name, type(kind), None, kind, self._set)

    def _set(self, path: SettingPath, value: object) -> None:
        try:
            self.kind = with_setting(self.kind, path, value)
        except Illegal as refused:
            self.forms[0].error(path, words(refused))
            return
        self.forms[0].show_kind(self.kind)
        self.type_wanted.emit(self.kind)


class HowRead(FormPopup):
    """Settings of the source, and of the parts."""

    source_wanted = Signal(object)
    """A `FileSource` by which the files are to be read anew."""
    data_wanted = Signal(object, object)
    """`DataSettings` that are wanted instead, and the path of the setting that is another."""

    def __init__(self, data: DataSettings, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(self.tr("How the data is read"))
        self.data = data
        source, shared = data.source, {param.name for param in kinds.params(DataSettings) if not param.hidden}
        if isinstance(source, FileSource):
            named = frozenset(one.name for one in kinds.params(source) if not one.hidden) - {"path"}
            if named:
                self.add(self.tr("The file"), type(source), named, source, self._source)
            shared -= {"source"}
        self.add(self.tr("The parts"), DataSettings, frozenset(shared), data, self._shared)

    def show_anew(self, project: Project) -> None:
        """The project in front is another now."""
        self.data = data = project.data
        for form in self.forms:
            form.show_kind(data if form.cls is DataSettings else data.source)

    def _source(self, path: SettingPath, value: object) -> None:
        try:
            self.source_wanted.emit(with_setting(self.data.source, path, value))
        except Illegal as refused:
            self.forms[0].error(path, words(refused))

    def _shared(self, path: SettingPath, value: object) -> None:
        try:
            self.data_wanted.emit(with_setting(self.data, path, value), path)
        except Illegal as refused:
            self.forms[-1].error(path, words(refused))
