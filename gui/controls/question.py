"""Asks a person to decide: one sentence, what it means, and verbs to choose from."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.controls.button import Button
from gui.controls.dialog import Dialog
from gui.controls.label import Label
from gui.style import theme


@frozen
class Reply:
    """One way to go on: what it is called, and the verb on its button. The primary one is taken by Enter."""

    id: str
    verb: str
    primary: bool = False


class Question(Dialog):
    """A sentence, a reason and buttons. `answer` is the id of the choice; Escape and closing choose ""."""

    def __init__(
        self, title: str, text: str, choices: Sequence[Reply], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.answer = ""
        self.setWindowTitle("Layerloom")
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(8)
        head = Label(title, "card", wrap=True)
        head.setMinimumWidth(theme.px(380))
        column.addWidget(head)
        if text:
            body = Label(text, "body", "text2", wrap=True)
            body.setMaximumWidth(theme.px(460))
            column.addWidget(body)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch()
        self.buttons: dict[str, Button] = {}
        for choice in choices:
            button = Button(choice.verb, look="primary" if choice.primary else "ordinary")
            button.setObjectName(choice.id)
            button.setDefault(choice.primary)
            button.clicked.connect(self._chosen)
            self.buttons[choice.id] = button
            row.addWidget(button)
        column.addSpacing(12)
        column.addLayout(row)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)

    def _chosen(self) -> None:
        sender = self.sender()
        self.answer = sender.objectName() if sender is not None else ""
        self.accept()


def ask(parent: QWidget | None, title: str, text: str, choices: Sequence[Reply]) -> str:
    """Ask and wait for the answer: the id of a choice, "" where the person would rather not."""
    question = Question(title, text, choices, parent)
    question.exec()
    question.deleteLater()
    return question.answer
