"""The sheet of shortcuts, and what this program is."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QSize, qVersion
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from gui.commands.menus import LAYOUT
from gui.controls import Button, KeyBadge, Label, Separator
from gui.controls.dialog import Dialog, ScrolledBody
from gui.style import theme
from gui.style.emblem import Emblem

if TYPE_CHECKING:
    from gui.session import Session

CANVAS_GESTURES: tuple[tuple[str, str], ...] = (
    ("Drag from a port", "Draw a wire; let go in empty space to see the layers that fit"),
    ("Tab", "Search for a layer and add it"),
    ("Double click", "Search for a layer at the pointer"),
    ("Double click or Enter on a block", "Open it in place; Esc or Backspace goes back up"),
    ("Arrow keys", "Walk along the wires; with Shift, move what is selected"),
    ("Wheel", "Zoom at the pointer, or pan, as the settings say"),
    ("Middle button, or Space and drag", "Pan"),
    ("Esc", "Cancel whatever is going on"),
)


def tr(text: str) -> str:
    return QCoreApplication.translate("help", text)


class ShortcutSheet(Dialog):
    """All keys, under the heads of the menus."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.window)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 12)
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(24, 20, 24, 12)
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(16)
        for place, (title, items) in enumerate(LAYOUT):
            rows = [
                (session.commands[id].title.rstrip("…"), session.commands[id].keys)
                for id in items.split()
                if id in session.commands and session.commands[id].keys
            ]
            part = _part(QCoreApplication.translate("menus", title), rows)
            grid.addWidget(part, place // 2, place % 2)
        grid.addWidget(_gestures(), (len(LAYOUT) + 1) // 2, 0, 1, 2)
        column.addWidget(ScrolledBody(body))
        column.addLayout(_close_row(self))
        self.resize(QSize(theme.px(680), theme.px(760)).boundedTo(self.room()))


def _part(title: str, rows: list[tuple[str, tuple[str, ...]]]) -> QWidget:
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    column.addWidget(Label(title, "head", "text2"))
    column.addWidget(Separator())
    for text, keys in rows:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(Label(text, "body"), 1)
        for key in keys:
            row.addWidget(KeyBadge(key))
        column.addLayout(row)
    column.addStretch(1)
    return part


def _gestures() -> QWidget:
    part = QWidget()
    grid = QGridLayout(part)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setVerticalSpacing(6)
    grid.addWidget(Label(tr("On the canvas"), "head", "text2"), 0, 0, 1, 2)
    grid.addWidget(Separator(), 1, 0, 1, 2)
    for place, (gesture, what) in enumerate(CANVAS_GESTURES, 2):
        grid.addWidget(Label(tr(gesture), "value"), place, 0)
        grid.addWidget(Label(tr(what), "body", "text2", wrap=True), place, 1)
    grid.setColumnStretch(1, 1)
    return part


class About(Dialog):
    """Name, version, what it stands on, and its licence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("About Layerloom"))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(Emblem(32))
        head.addWidget(Label("Layerloom", "big"), 1)
        column.addLayout(head)
        column.addWidget(Label(tr("Draw a network, watch it learn, take it with you."), "body", "text2"))
        column.addSpacing(4)
        facts = [
            tr("Version {version}, MIT licence").format(version=version("layerloom")),
            f"PyTorch {version('torch')} · Qt {qVersion()} · PySide6 {version('PySide6-Essentials')}",
            tr("Everything works offline. Nothing leaves this machine."),
        ]
        for fact in facts:
            column.addWidget(Label(fact, "body", "text2", selectable=True))
        column.addSpacing(12)
        column.addLayout(_close_row(self))
        self.set_least_width(400)


def _close_row(dialog: QDialog) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(24, 4, 24, 4)
    row.addStretch(1)
    close = Button(tr("Close"), look="primary")
    close.setDefault(True)
    close.clicked.connect(dialog.accept)
    row.addWidget(close)
    return row
