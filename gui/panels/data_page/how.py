"""How the data is read and split, in a small panel that opens below its button."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from engine import kinds
from engine.data.own.file_source import FileSource
from engine.data.settings import DataSettings
from engine.message import Illegal
from engine.project.project import Project
from gui.controls import Label, Separator
from gui.forms.kind_form import KindForm, SettingPath, with_setting
from gui.style import theme
from gui.text.words import words

WIDTH = 340


class HowRead(QWidget):
    """Settings of the source, and of the parts. What a person wants is told, nothing is changed here."""

    source_wanted = Signal(object)
    """A `FileSource` by which the files are to be read anew."""
    data_wanted = Signal(object, object)
    """`DataSettings` that are wanted instead, and the path of the setting that is another."""

    def __init__(self, data: DataSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(self.tr("How the data is read"))
        self.data = data
        self.forms: list[KindForm] = []
        inside = QWidget()
        inside.setProperty("ground", "panel")
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(inside)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(6)
        source, shared = data.source, {param.name for param in kinds.params(DataSettings) if not param.hidden}
        if isinstance(source, FileSource):
            named = frozenset(one.name for one in kinds.params(source) if not one.hidden) - {"path"}
            if named:
                column.addWidget(Label(self.tr("The file"), "head"))
                column.addWidget(self._form(type(source), named, source, self._source))
                column.addWidget(Separator())
            shared -= {"source"}
        column.addWidget(Label(self.tr("The parts"), "head"))
        column.addWidget(self._form(DataSettings, frozenset(shared), data, self._shared))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        around = QVBoxLayout(self)
        around.setContentsMargins(1, 1, 1, 1)
        around.addWidget(scroll)
        self._inside = inside

    def _form(self, cls: type, only: frozenset[str], value: object, changed: object) -> KindForm:
        form = KindForm(cls, only=only)
        form.show_kind(value)
        form.changed.connect(changed)
        self.forms.append(form)
        return form

    def open_below(self, widget: QWidget) -> None:
        """Show it below a button, within the screen."""
        high = min(self._inside.sizeHint().height() + 4, theme.px(560))
        self.resize(theme.px(WIDTH), high)
        place = widget.mapToGlobal(QPoint(0, widget.height() + 4))
        screen = widget.screen().availableGeometry()
        place.setX(min(place.x(), screen.right() - self.width()))
        self.move(place)
        self.show()
        self.forms[0].setFocus()

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

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, painter = theme.current(), QPainter(self)
        painter.fillRect(self.rect(), worn.panel)
        painter.setPen(worn.line2)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
