"""Asks for how long a run that is over shall go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.optim.schedules import Constant
from engine.runs import reached
from gui.controls import Button, Form, IntField, Label
from gui.controls.dialog import Dialog
from gui.style import theme
from gui.text.words import exact, plain

if TYPE_CHECKING:
    from engine.runs.record import Record

MOST = 100_000
"""The most epochs that a recipe takes."""


class GoOnDialog(Dialog):
    """Asks how many epochs a run shall have in all: `epochs`, once it is accepted."""

    def __init__(self, record: Record, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        done, asked = reached.epochs(record) or 0.0, record.project.recipe.epochs
        least, wanted = int(done) + 1, asked if done < asked else 2 * asked  # what is left, or as much again
        if record.state == "interrupted":  # its last checkpoint may lie before where its curves end
            least, wanted = min(least, asked), asked
        self.epochs = IntField(min(MOST, wanted), least, MOST, unit=self.tr("epochs in all"))
        self.setWindowTitle("Layerloom")
        self.set_least_width(420)
        title = self.tr("Go on with run {number} of {name}").format(number=record.number, name=record.title)
        self.setAccessibleName(title)
        if done and record.state == "interrupted":
            text = self.tr(
                "It was interrupted after {done} of {asked} epochs, and goes on from its last checkpoint."
            ).format(done=plain(round(done, 1)), asked=exact(asked))
        elif done:
            text = self.tr("It has gone through {done} of {asked} epochs.").format(
                done=plain(round(done, 1)), asked=exact(asked)
            )
        else:
            text = self.tr("It was interrupted, and goes on from its last checkpoint.")
        text += " " + self.tr("What it learns from here becomes a run of its own; this one stays as it is.")
        if not isinstance(record.project.recipe.schedule, Constant):
            text += " " + self.tr("The learning rate follows its schedule over all the epochs.")
        self.go = Button(self.tr("Go on"), "play", look="primary")
        self.go.setDefault(True)
        self.go.clicked.connect(self.accept)
        cancel = Button(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        form = Form()
        form.add(self.tr("Train for"), self.epochs)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(8))
        buttons.addStretch()
        buttons.addWidget(cancel)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(theme.px(8))
        column.addWidget(Label(title, "card", wrap=True))
        column.addWidget(Label(text, "body", "text2", wrap=True))
        column.addWidget(form)
        column.addSpacing(theme.px(12))
        column.addLayout(buttons)
