"""The source that trains, following every edit, with the selected layers' lines lit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from engine.message import Message, Trouble
from gui import theme
from gui.aside import Aside
from gui.controls import Button, ElidedLabel, EmptyState, IconButton, Label, Line, SearchField, Sign
from gui.panels.code_view import CodeView

if TYPE_CHECKING:
    from engine.check import Analysis
    from engine.emit import Source
    from gui.workspace import Workspace

SMALL = 200
"""Layers up to which the source is written at once."""


def _written(analysis: Analysis) -> tuple[Analysis, Source]:
    from engine.emit import emit

    return analysis, emit(analysis.project, analysis)


class CodePanel(QWidget):
    """PyTorch source of the network in front. Its `corner` saves it. While hidden it costs nothing."""

    shown_source = Signal(object)
    """The `Source` that now stands here."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.panel_title = self.tr("Code")
        self.source: Source | None = None
        self._nodes_of: dict[int, list[str]] = {}
        self._own_choice = False
        self._arriving = False
        """Whether it has just come into sight, so that the selected lines should, too."""
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._build()
        self._aside = Aside(self)
        self._aside.done.connect(self._take)
        self._aside.failed.connect(self._failed)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._refresh)
        workspace.analysed.connect(self._analysed)
        workspace.switched.connect(self._switched)
        workspace.selected.connect(self._selected)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.open_find)

    def _build(self) -> None:
        head = QWidget(self)
        row = QHBoxLayout(head)
        row.setContentsMargins(theme.PANEL_PADDING, 0, theme.px(8), 0)
        row.setSpacing(theme.px(8))
        row.addWidget(Label("PyTorch", "title"))
        row.addWidget(ElidedLabel(self.tr("what trains"), "hint", "text3"))
        row.addStretch(1)
        self.finder = SearchField(self.tr("Find in the code"), name=self.tr("Find in the code"))
        self.finder.setMaximumWidth(theme.px(200))
        self.finder.value_changed.connect(self._find_typed)
        self.finder.installEventFilter(self)
        self.finder.hide()
        self.found = Label("", "hint", "text3")
        row.addWidget(self.found)
        row.addWidget(self.finder)
        self.sign = Sign("success")
        self.state = Label("", "hint", "success")
        row.addWidget(self.sign)
        row.addWidget(self.state)
        self.copy_button = IconButton("copy", self.tr("Copy the code"))
        self.copy_button.clicked.connect(self.copy)
        self.save_button = Button(self.tr("Save code…"), "export", look="quiet")
        self.save_button.clicked.connect(self.ask_where_to_save)
        row.addWidget(self.copy_button)
        self.corner = QWidget()
        corner = QHBoxLayout(self.corner)
        corner.setContentsMargins(0, 0, theme.px(8), 0)
        corner.addStretch(1)
        corner.addWidget(self.save_button)
        head.setFixedHeight(theme.px(36))
        self.view = CodeView(self)
        self.view.setAccessibleName(self.tr("Source code of the network"))
        self.view.line_chosen.connect(self._line_chosen)
        self.empty = EmptyState(
            self.tr("Draw an input and a layer; the code appears as you draw."), parent=self
        )
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(Line())
        column.addLayout(self._stack, 1)
        self._show_state()

    # ------------------------------------------------------------------ follow

    def _switched(self, document: object) -> None:
        self.source = None
        self._later.start()

    def _analysed(self, analysis: object) -> None:
        if self.isVisible():
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._arriving = True
        self._refresh()

    def _refresh(self) -> None:
        """Write the present network, where it is known and shown; a large one beside the window."""
        analysis = self.workspace.current.analysis
        if not self.isVisible() or analysis is None:
            self._show_state()
        elif len(analysis.project.graph.nodes) <= SMALL:
            self._take(_written(analysis))
        else:
            self._aside.do(lambda: _written(analysis))

    def _failed(self, error: Exception) -> None:
        raise error  # nothing a person did: the window's own handler tells of it

    def _take(self, written: tuple[Analysis, Source]) -> None:
        analysis, source = written
        if analysis is not self.workspace.current.analysis:
            return  # overtaken; a newer one is on its way
        self.source = source
        self._nodes_of = {}
        for id, lines in source.lines.items():
            for line in lines:
                self._nodes_of.setdefault(line, []).append(id)
        self.view.set_source(source.text.rstrip("\n"))
        self._show_state()
        self._light(follow=self._arriving)
        self._arriving = False
        if self.finder.isVisible():
            self._count_found()
        self.shown_source.emit(source)

    def _show_state(self) -> None:
        there = self.source is not None and bool(self.source.lines)
        self._stack.setCurrentWidget(self.view if there else self.empty)
        self.copy_button.setEnabled(there)
        self.save_button.setEnabled(there)
        analysis = self.workspace.current.analysis
        runs = analysis is not None and analysis.trainable
        self.sign.setVisible(there)
        self.state.setVisible(there)
        self.sign.set_level("success" if runs else "warning")
        self.state.setText(self.tr("runs") if runs else self.tr("unfinished"))
        self.state.set_ink("success" if runs else "warning")
        self.state.setToolTip(
            self.tr("This very text is executed when you train.")
            if runs
            else self.tr("It runs when the problems are repaired.")
        )

    # ------------------------------------------------------------------ selection

    def _selected(self, ids: object) -> None:
        if self.isVisible():
            self._light(follow=not self._own_choice)

    def _light(self, follow: bool) -> None:
        if self.source is None:
            return
        chosen = self.workspace.current.selection
        self.view.set_lit((line for id in chosen for line in self.source.lines.get(id, ())), follow)

    def _line_chosen(self, line: int) -> None:
        ids = self._nodes_of.get(line)
        if ids:
            self._own_choice = True
            self.workspace.current.select(ids)
            self.workspace.reveal.emit(frozenset(ids))
            self._own_choice = False

    # ------------------------------------------------------------------ find

    def open_find(self) -> None:
        """Show the field to find a text in the code, with what is selected in it."""
        chosen = self.view.textCursor().selectedText()
        self.finder.show()
        if chosen:
            self.finder.set_value(chosen)
        self.finder.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.finder.selectAll()
        self._count_found()

    def close_find(self) -> None:
        """Hide the field and its marks."""
        self.finder.hide()
        self.found.setText("")
        self.view.find_all("")
        self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _find_typed(self, text: str) -> None:
        self._count_found()
        if text:
            self.view.find_next(text)

    def _count_found(self) -> None:
        text = self.finder.text()
        number = self.view.find_all(text)
        self.found.setText(self.tr("%n found", "", number) if text else "")

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

    # ------------------------------------------------------------------ take it along

    def text(self) -> str:
        """The source as it would be written to a file."""
        return self.source.text if self.source is not None else ""

    def copy(self) -> None:
        """Put the whole source on the clipboard."""
        QGuiApplication.clipboard().setText(self.text())
        self.workspace.notice.emit(Message("The code is on the clipboard"))

    def ask_where_to_save(self) -> None:
        """Ask for a file and write the source there."""
        if self.source is None:
            return
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save code"), f"{self.source.class_name.lower()}.py", self.tr("Python (*.py)")
        )
        if name:
            self.save_to(Path(name))

    def save_to(self, path: Path) -> None:
        """Write the source to a file; what goes wrong is said as a sentence."""
        from engine.atomic import write_text

        try:
            write_text(path, self.text())
        except Trouble as trouble:
            self.workspace.notice.emit(trouble)
            return
        self.workspace.notice.emit(Message("The code is saved as {name}", name=path.name))
