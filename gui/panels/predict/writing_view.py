"""A text that a person begins and the network goes on with."""

from __future__ import annotations

from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.message import Trouble
from gui.background import Worker
from gui.controls import Button, Label, NumberField
from gui.panels.predict.text_view import TextView
from gui.panels.predict.trained_network import TrainedNetwork, writing
from gui.text.words import words


class WritingView(TextView):
    """A text field, a button that lets the network go on from there, and how boldly it chooses."""

    def __init__(self, network: TrainedNetwork, name: str, parent: QWidget | None = None) -> None:
        super().__init__(network.column(name), network.signs[name], parent)
        self._network, self._seed = network, 0
        self.go_on = Button(
            self.tr("Go on"),
            "play",
            tip=self.tr("Let the network go on with the text. Another click lets it go on in another way."),
        )
        self.go_on.clicked.connect(self._go_on)
        self.temperature = NumberField(
            1.0, 0.0, 10.0, step=0.1, name=self.tr("Temperature: 0 takes the likeliest, more is bolder")
        )
        self.written = Label("", "body", wrap=True)
        self.written.setAccessibleName(self.tr("What the network wrote"))
        self._worker = Worker(self)
        self._worker.done.connect(self._take)
        self._worker.failed.connect(self._failed)
        row = QHBoxLayout()
        row.addWidget(self.go_on)
        row.addWidget(Label(self.tr("Temperature"), "hint", "text3"))
        row.addWidget(self.temperature, 1)
        whole = self.layout()
        assert isinstance(whole, QVBoxLayout)
        whole.insertLayout(1, row)
        whole.insertWidget(2, self.written)
        self.written.hide()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._worker.cancel()
        self.go_on.setEnabled(True)

    def _go_on(self) -> None:
        self._seed += 1
        self.go_on.setEnabled(False)
        self._worker.run(writing(self._network, self.text, float(self.temperature.value()), self._seed))

    def _take(self, text: str) -> None:
        self.go_on.setEnabled(True)
        self.written.setText(text)
        self.written.show()

    def _failed(self, error: Exception) -> None:
        self.go_on.setEnabled(True)
        if not isinstance(error, Trouble):
            raise error
        self.written.setText(words(error))
        self.written.show()
