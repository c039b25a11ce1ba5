"""Which sample of the test part is tried: steps, a slider, and where it stands."""

from __future__ import annotations

import random

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.controls import Button, Label, Slider
from gui.style import theme
from gui.text.words import exact, plain


class SampleChooser(QWidget):
    """Goes through the samples one by one or at random, and says from which run the weights are."""

    chosen = Signal(object)
    """The index of a sample, from 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.index, self.count = 0, 0
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(8), 0, theme.px(12), 0)
        row.setSpacing(theme.px(4))
        self.source = Label("", "body", "text2")
        row.addWidget(self.source)
        row.addSpacing(theme.px(12))
        self.position = Label("", "body", "text2")
        self.slider = Slider(0, 1, 0, step=1, written=lambda _: "", name=self.tr("Sample of the test part"))
        theme.set_width(self.slider, 160)
        self.slider.value_changed.connect(self._slid)
        row.addWidget(self.position)
        row.addWidget(self.slider)
        self.steps: dict[str, Button] = {}
        for id, text, act in (
            ("previous", self.tr("Previous"), self.previous),
            ("next", self.tr("Next"), self.next),
            ("random", self.tr("Random"), self.random),
        ):
            self.steps[id] = Button(text, look="quiet")
            self.steps[id].clicked.connect(act)
            row.addWidget(self.steps[id])
        self.file = Button(self.tr("Predict a file…"), look="quiet")
        self.file.hide()
        row.addWidget(self.file)

    def offer(self, count: int | None) -> None:
        """Let one of so many samples be chosen; None where there is no network to try."""
        self.count = count or 0
        for widget in (self.slider, self.position, self.source, *self.steps.values()):
            widget.setEnabled(count is not None)
        if count is not None:
            self.slider.track.setRange(0, max(0, count - 1))

    def show_source(self, number: int, epoch: float) -> None:
        """Say which run the weights are of, and of which epoch."""
        text = self.tr("Run {number}, weights of epoch {epoch}")
        self.source.setText(text.format(number=number, epoch=plain(round(epoch, 1))))

    def show_index(self, index: int) -> None:
        """Say which of the samples is shown."""
        self.index = index
        self.slider.set_value(index)
        text = self.tr("Test sample {place} of {count}")
        self.position.setText(text.format(place=exact(index + 1), count=exact(self.count)))

    def show_own(self) -> None:
        """Say that the sample is the person's own."""
        self.position.setText(self.tr("Your own sample"))

    def previous(self) -> None:
        """The sample before, the last one before the first."""
        self._choose(self.index - 1)

    def next(self) -> None:
        """The sample after, the first one after the last."""
        self._choose(self.index + 1)

    def random(self) -> None:
        """Another sample, at random."""
        if self.count > 1:
            self._choose(random.choice([i for i in range(self.count) if i != self.index]))

    def _slid(self, index: float) -> None:
        self._choose(int(index))

    def _choose(self, index: int) -> None:
        if self.count:
            self.chosen.emit(index % self.count)
