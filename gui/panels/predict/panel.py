"""The Try panel: one sample goes through the trained network, and what it says stands there at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from engine.message import Trouble
from gui import settings
from gui.background import Worker
from gui.controls import Banner, EmptyState, Separator
from gui.panels.predict.answers import AnswerView
from gui.panels.predict.record_view import RecordView
from gui.panels.predict.sample_chooser import SampleChooser
from gui.panels.predict.sample_view import SampleView
from gui.panels.predict.sample_views import view_of
from gui.panels.predict.trained_network import (
    Answered,
    Foretold,
    Sample,
    TrainedNetwork,
    asking,
    foretelling,
    loading,
)
from gui.style import theme
from gui.text.words import filled, words

if TYPE_CHECKING:
    from gui.document.workspace import Workspace
    from gui.training.trainer import Trainer


class TryPanel(QWidget):
    """Works with the last run of the document in front that kept its weights."""

    def __init__(self, workspace: Workspace, trainer: Trainer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panel_title = self.tr("Try")
        self.workspace = workspace
        self._trainer = trainer
        self.network: TrainedNetwork | None = None
        self.views: dict[str, SampleView] = {}
        self.record: RecordView | None = None
        """The form for a row of a person's own table, in place of the views."""
        self.answers: list[AnswerView] = []
        self.index = 0
        """Which sample of the test part was shown last."""
        self.own = False
        """Whether a person has changed it: then it is their own."""
        self._sample: Sample = {}
        self._stale = True
        self.worker = Worker(self)
        self.worker.done.connect(self._take)
        self.worker.failed.connect(self._failed)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "panel")
        self.corner = SampleChooser()
        self.corner.chosen.connect(self.show_sample)
        self.corner.file.clicked.connect(self._choose_file)
        self.empty = EmptyState(
            self.tr("Nothing to try yet. Train, and the network answers here."), self.tr("Train"), "play"
        )
        self.empty.acted.connect(self._train)
        self.banner = Banner(level="error")
        self.banner.hide()
        self._page = self._make_page()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._page)
        trainer.finished.connect(self._changed)
        workspace.switched.connect(self._changed)
        self._show()

    def _make_page(self) -> QWidget:
        """The banner, and below it a row for the views and the answers."""
        self._body = QWidget()
        self._body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._body.setProperty("ground", "panel")
        self._row = QHBoxLayout(self._body)
        pad = theme.PANEL_PADDING
        self._row.setContentsMargins(pad, pad, pad, pad)
        self._row.setSpacing(theme.px(24))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(self._body)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(area, 1)
        return page

    # ------------------------------------------------------------------ which network

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._load()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._stale = self._stale or self.worker.busy  # what was asked for never comes
        self.worker.cancel()

    def _changed(self, _: object = None) -> None:
        self._stale = True
        if self.isVisible():
            self._load()

    def _train(self) -> None:
        self._trainer.train(self.workspace.current)

    def _load(self) -> None:
        """Fetch the network, beside the window: its weights may be many megabytes."""
        self._stale = False
        document = self.workspace.current
        weights = self._trainer.last_runs.weights_of(document)
        folder = weights.folder if weights is not None else None
        self.worker.run(loading(folder, settings.runs_folder(), document.path, document.project.fingerprint))

    def _take(self, result: TrainedNetwork | Answered | Foretold | None) -> None:
        """A network was fetched, or one has answered."""
        if isinstance(result, Foretold):
            self._show_foretold(result)
            return
        if isinstance(result, Answered):
            if result.network is self.network:
                self._show_answers(result)
            return
        new = result is not None and (self.network is None or result.key != self.network.key)
        self.network = result
        self._show()
        if result is not None:
            self.banner.hide()
            if new:
                self._make_views(result)
            self.show_sample(min(self.index, result.count - 1))

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, Trouble):
            raise error
        self.banner.set(words(error), "error")
        self.banner.show()
        self._stack.setCurrentWidget(self._page)

    def _show(self) -> None:
        network = self.network
        self._stack.setCurrentWidget(self.empty if network is None else self._page)
        self.corner.offer(None if network is None else network.count)
        if network is not None:
            self.corner.show_source(network.number, network.epoch)
        self.corner.file.setVisible(network is not None and network.of_own_files)

    def _make_views(self, network: TrainedNetwork) -> None:
        """A view for each column that the network looks at, and a column of answers beside them."""
        while self._row.count():
            item = self._row.takeAt(0)
            if item is not None and item.widget() is not None:
                item.widget().hide()
                item.widget().deleteLater()
        for answer in self.answers:  # they stand in a column of their own, which was only taken out
            answer.hide()
            answer.deleteLater()
        self.views, self.answers, self.record = {}, [], None
        if network.encoders:
            self.record = RecordView(network.encoders, self._body)
            self.record.edited.connect(self._typed)
            self._row.addWidget(self.record)
        for name in () if self.record is not None else dict.fromkeys(network.predictor.inputs):
            view = view_of(network, name, self._body)
            view.edited.connect(self._edited)
            self.views[name] = view
            self._row.addWidget(view)
        self._row.addWidget(Separator(upright=True))
        self._column = QVBoxLayout()
        self._column.setSpacing(theme.px(12))
        self._row.addLayout(self._column, 100)
        self._row.addStretch(1)

    # ------------------------------------------------------------------ which sample

    def show_sample(self, index: int) -> None:
        """Take one sample of the test part."""
        network = self.network
        if network is None or not network.count:
            return
        self.index, self.own = index % network.count, False
        self.corner.show_index(self.index)
        self._sample = network.sample(self.index)
        if self.record is not None:
            self.record.show_row(network.rows[self.index])
        for name, view in self.views.items():
            view.show_values(self._sample[name])
        self._ask()

    def _edited(self, values: np.ndarray) -> None:
        """A person drew, typed or pulled: from now on it is their own sample, and nobody knows its truth."""
        if not self.own:
            self.own = True
            self.corner.show_own()
        for name, view in self.views.items():
            if view is self.sender():
                self._sample = {**self._sample, name: np.asarray(values)}
        self._ask()

    def _typed(self, _: object) -> None:
        """A person typed into the form of a row."""
        if not self.own:
            self.own = True
            self.corner.show_own()
        self._ask()

    # ------------------------------------------------------------------ a file

    def _choose_file(self) -> None:
        title = self.tr("Predict a file")
        name, _ = QFileDialog.getOpenFileName(self, title, "", self.tr("All files") + " (*)")
        if name:
            path = Path(name)
            beside = path.with_name(f"{path.stem} predicted.csv")
            to, _ = QFileDialog.getSaveFileName(
                self, self.tr("Where the answers go"), str(beside), self.tr("Table") + " (*.csv)"
            )
            if to:
                self.predict_file(path, Path(to))

    def predict_file(self, path: Path, to: Path) -> None:
        """Let the network answer for every row of a file, and write that into another, beside the window."""
        if self.network is not None:
            self.banner.hide()
            self.worker.run(foretelling(self.network, path, to))

    def _show_foretold(self, foretold: Foretold) -> None:
        text = filled(
            self.tr("{path} holds the answers for {n} row{n:|s}."), path=str(foretold.path), n=foretold.rows
        )
        if foretold.unsaid:
            more = self.tr("Of {n} row{n:|s} too little is known to say anything.")
            text = f"{text} {filled(more, n=foretold.unsaid)}"
        self.banner.set(text, "success")
        self.banner.show()

    # ------------------------------------------------------------------ asking

    def _ask(self) -> None:
        """Ask for the sample of now, beside the window. Of several questions the newest is answered."""
        assert self.network is not None
        row = None if self.record is None else self.record.row
        self.worker.run(asking(self.network, dict(self._sample), self.own, row))

    def _show_answers(self, answered: Answered) -> None:
        while len(self.answers) < len(answered.answers):
            self.answers.append(AnswerView())
            self._column.addWidget(self.answers[-1])
        for view, answer in zip(self.answers, answered.answers, strict=False):
            view.show_answer(answer, titled=len(answered.answers) > 1)
        first = answered.answers[0]
        if first.value is not None:
            points = [(first.persistence, "text3"), (first.truth, "success"), (first.value, "series 2")]
            for sample_view in self.views.values():
                sample_view.show_points([(value, token) for value, token in points if value is not None])
