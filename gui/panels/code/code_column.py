"""One dialect of the code: its name, whether it is whole, a field to find a text, and the text itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.controls import ElidedLabel, IconButton, Label, SearchField, Separator, Sign
from gui.controls.notices import Severity
from gui.panels.code.code_view import CodeView
from gui.style import theme

if TYPE_CHECKING:
    from engine.codegen.source import SourceCode


class CodeColumn(QWidget):
    """The source in one dialect. Its lines are lit and clicked by the layers they belong to."""

    layers_chosen = Signal(object)
    """The ids of the layers whose line was clicked."""
    layers_chosen_inside = Signal(object)
    """The ids of layers of the block that is open, whose line was clicked."""
    copied = Signal()

    def __init__(self, title: str, hint: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source: SourceCode | None = None
        self._inside: Mapping[str, tuple[int, ...]] = {}
        head = QWidget(self)
        row = QHBoxLayout(head)
        row.setContentsMargins(theme.PANEL_PADDING, 0, theme.px(8), 0)
        row.setSpacing(theme.px(8))
        row.addWidget(Label(title, "title"))
        row.addWidget(ElidedLabel(hint, "hint", "text3"))
        row.addStretch(1)
        self.finder = SearchField(self.tr("Find in the code"), name=self.tr("Find in the code"), parent=head)
        self.finder.setMaximumWidth(theme.px(200))
        self.finder.value_changed.connect(self._find_typed)
        self.finder.installEventFilter(self)
        self.finder.hide()
        self.matches = Label("", "hint", "text3")
        row.addWidget(self.matches)
        row.addWidget(self.finder)
        self.sign = Sign("success", head)
        self.state = Label("", "hint", "success")
        self.head = row
        row.addWidget(self.sign)
        row.addWidget(self.state)
        self.copy_button = IconButton("copy", self.tr("Copy the code"))
        self.copy_button.clicked.connect(self.copy)
        row.addWidget(self.copy_button)
        head.setFixedHeight(theme.px(36))
        self.view = CodeView(self)
        self.view.setAccessibleName(name)
        self.view.line_chosen.connect(self._line_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(Separator())
        column.addWidget(self.view, 1)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.open_find)

    # ------------------------------------------------------------------ what it shows

    def show_source(self, source: SourceCode | None) -> None:
        """Show another source, or none."""
        self.source = source
        if source is None:
            return
        self.view.set_source(source.text.rstrip("\n"))
        if self.finder.isVisible():
            self._count_matches()

    def show_state(self, level: Severity, text: str, tip: str) -> None:
        """Say how things stand with this source; an empty text says nothing."""
        self.sign.setVisible(bool(text))
        self.state.setVisible(bool(text))
        self.sign.set_level(level)
        self.state.setText(text)
        self.state.set_ink("success" if level == "success" else "warning")
        self.state.setToolTip(tip)

    def light(self, ids: Iterable[str], follow: bool, path: tuple[str, ...] = ()) -> None:
        """Light the lines of these layers, which stand in the block at the end of a path; with `follow` they
        come into sight.
        """
        if self.source is not None:
            self._inside = self.source.inside(path) if path else {}
            lines = self._inside if path else self.source.lines
            self.view.set_lit((line for id in ids for line in lines.get(id, ())), follow)

    def _line_chosen(self, line: int) -> None:
        inside = [id for id, lines in self._inside.items() if line in lines]
        ids = [id for id, lines in self.source.lines.items() if line in lines] if self.source else []
        if inside:
            self.layers_chosen_inside.emit(inside)
        elif ids:
            self.layers_chosen.emit(ids)

    def text(self) -> str:
        """The source as it would be written to a file."""
        return self.source.text if self.source is not None else ""

    def copy(self) -> None:
        """Put the whole source on the clipboard."""
        QGuiApplication.clipboard().setText(self.text())
        self.copied.emit()

    # ------------------------------------------------------------------ find

    def open_find(self) -> None:
        """Show the field to find a text in the code, with what is selected in it."""
        chosen = self.view.textCursor().selectedText()
        self.finder.show()
        if chosen:
            self.finder.set_value(chosen)
        self.finder.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.finder.selectAll()
        self._count_matches()

    def close_find(self) -> None:
        """Hide the field and its marks."""
        self.finder.hide()
        self.matches.setText("")
        self.view.find_all("")
        self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _find_typed(self, text: str) -> None:
        self._count_matches()
        if text:
            self.view.find_next(text)

    def _count_matches(self) -> None:
        text = self.finder.text()
        number = self.view.find_all(text)
        self.matches.setText(self.tr("%n found", "", number) if text else "")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.finder and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.close_find()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down, Qt.Key.Key_Up):
                shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self.view.find_next(self.finder.text(), shift or event.key() == Qt.Key.Key_Up)
                return True
        return super().eventFilter(watched, event)
