"""The Try panel: one sample goes through the trained network, and what it says stands there at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen
from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from engine.message import Trouble
from gui import settings
from gui.background import Worker
from gui.controls import Banner, Button, EmptyState, Label, Separator, Slider
from gui.panels.predict.answers import Answer, Said
from gui.panels.predict.sample_view import SampleView
from gui.panels.predict.sample_views import view_of
from gui.style import theme
from gui.text.words import exact, plain, words

if TYPE_CHECKING:
    from engine.training.predict import Prediction, Predictor
    from gui.document.workspace import Workspace
    from gui.training.trainer import Trainer


@frozen(eq=False)
class Loaded:
    """A trained network that can be asked, and where it comes from."""

    key: str
    predictor: Predictor
    number: int
    epoch: float


@frozen(eq=False)
class _Asked:
    """What came back of one question: which sample it was of, and what was said."""

    loaded: Loaded
    sample: dict[str, np.ndarray]
    own: bool
    said: list[Said]


class TryPanel(QWidget):
    """Works with the last run of the document in front that kept its weights."""

    def __init__(self, workspace: Workspace, trainer: Trainer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panel_title = self.tr("Try")
        self._workspace = workspace
        self._trainer = trainer
        self.loaded: Loaded | None = None
        self.views: dict[str, SampleView] = {}
        self.answers: list[Answer] = []
        self.place = 0
        self.own = False
        self._sample: dict[str, np.ndarray] = {}
        self._stale = True
        self.worker = Worker(self)
        self.worker.done.connect(self._came)
        self.worker.failed.connect(self._failed)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "panel")
        self.corner = self._make_corner()
        self.empty = EmptyState(
            self.tr("Nothing to try yet. Train, and the network answers here."), self.tr("Train"), "play"
        )
        self.empty.acted.connect(self._train)
        self.banner = Banner(level="error")
        self.banner.hide()
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
        self._page = QWidget()
        column = QVBoxLayout(self._page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(area, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._page)
        self._trainer.finished.connect(self._changed)
        workspace.switched.connect(self._changed)
        self._show()

    def _make_corner(self) -> QWidget:
        corner = QWidget()
        row = QHBoxLayout(corner)
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
        return corner

    # ------------------------------------------------------------------ which network

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._load()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._stale = self._stale or self.worker.busy  # what was asked for is never told
        self.worker.cancel()

    def _changed(self, _: object = None) -> None:
        self._stale = True
        if self.isVisible():
            self._load()

    def _train(self) -> None:
        self._trainer.train(self._workspace.current)

    def _load(self) -> None:
        """Fetch the network, beside the window: its weights may be many megabytes."""
        self._stale = False
        document = self._workspace.current
        kept = self._trainer.last_runs.weights_of(document)
        self.worker.run(
            _loading(
                kept.folder if kept is not None else None,
                settings.runs_folder(),
                document.path,
                document.project.fingerprint,
            )
        )

    def _came(self, outcome: Loaded | _Asked | None) -> None:
        if isinstance(outcome, _Asked):
            if outcome.loaded is self.loaded:
                self._tell(outcome)
            return
        new = outcome is not None and (self.loaded is None or outcome.key != self.loaded.key)
        self.loaded = outcome
        self._show()
        if outcome is not None:
            self.banner.hide()
            if new:
                self._make_views(outcome)
            self.show_sample(min(self.place, self.count - 1))

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, Trouble):
            raise error
        self.banner.set(words(error), "error")
        self.banner.show()
        self._stack.setCurrentWidget(self._page)

    def _show(self) -> None:
        loaded = self.loaded
        self._stack.setCurrentWidget(self.empty if loaded is None else self._page)
        for widget in (self.slider, self.position, self.source, *self.steps.values()):
            widget.setEnabled(loaded is not None)
        if loaded is not None:
            text = self.tr("Run {number}, weights of epoch {epoch}")
            self.source.setText(text.format(number=loaded.number, epoch=plain(round(loaded.epoch, 1))))
            self.slider.track.setRange(0, max(0, self.count - 1))

    @property
    def count(self) -> int:
        """How many samples the test part has."""
        return len(self.loaded.predictor.prepared.test) if self.loaded is not None else 0

    def _make_views(self, loaded: Loaded) -> None:
        while self._row.count():
            item = self._row.takeAt(0)
            if item is not None and item.widget() is not None:
                item.widget().hide()
                item.widget().deleteLater()
        for answer in self.answers:  # they stand in a column of their own, which was only taken out
            answer.hide()
            answer.deleteLater()
        predictor = loaded.predictor
        schema, train = predictor.prepared.schema, predictor.prepared.train
        self.views, self.answers = {}, []
        for name in dict.fromkeys(predictor.inputs):
            column = schema.columns[name]
            ranges = None
            if len(column.shape) == 1 and column.dtype == "float":
                least, most = train.columns[name].min(0), train.columns[name].max(0)
                ranges = tuple(predictor.prepared.decode(name, bound[None])[0] for bound in (least, most))
            view = view_of(column, ranges, self._body)
            view.edited.connect(self._edited)
            self.views[name] = view
            self._row.addWidget(view)
        self._row.addWidget(Separator(upright=True))
        self._column = QVBoxLayout()
        self._column.setSpacing(theme.px(12))
        self._row.addLayout(self._column, 100)
        self._row.addStretch(1)

    # ------------------------------------------------------------------ which sample

    def show_sample(self, place: int) -> None:
        """Take one sample of the test part."""
        loaded = self.loaded
        if loaded is None or not self.count:
            return
        self.place, self.own = place % self.count, False
        self.slider.set_value(self.place)
        text = self.tr("Test sample {place} of {count}")
        self.position.setText(text.format(place=exact(self.place + 1), count=exact(self.count)))
        self._sample = loaded.predictor.sample(loaded.predictor.prepared.test, self.place)
        for name, view in self.views.items():
            view.show_values(self._sample[name])
        self._ask()

    def previous(self) -> None:
        self.show_sample(self.place - 1)

    def next(self) -> None:
        self.show_sample(self.place + 1)

    def random(self) -> None:
        """Another sample, at random."""
        if self.count > 1:
            self.show_sample(random.choice([i for i in range(self.count) if i != self.place]))

    def _slid(self, place: float) -> None:
        self.show_sample(int(place))

    def _edited(self, values: Any) -> None:
        """A person drew, typed or pulled: from now on it is their own sample, and nobody knows its truth."""
        if not self.own:
            self.own = True
            self.position.setText(self.tr("Your own sample"))
        for name, view in self.views.items():
            if view is self.sender():
                self._sample = {**self._sample, name: np.asarray(values)}
        self._ask()

    # ------------------------------------------------------------------ asking

    def _ask(self) -> None:
        """Ask for the sample of now, beside the window. Of several questions the newest is answered."""
        assert self.loaded is not None
        self.worker.run(_asking(self.loaded, dict(self._sample), self.own))

    def _tell(self, asked: _Asked) -> None:
        while len(self.answers) < len(asked.said):
            self.answers.append(Answer())
            self._column.addWidget(self.answers[-1])
        for answer, said in zip(self.answers, asked.said, strict=False):
            answer.tell(said, titled=len(asked.said) > 1)
        first = asked.said[0]
        if first.value is not None:
            told = [(first.persistence, "text3"), (first.truth, "success"), (first.value, "series 2")]
            for view in self.views.values():
                view.show_answer([(value, token) for value, token in told if value is not None])


# --------------------------------------------------------------------------- beside the window


def _loading(
    folder: Path | None, shelf: Path, path: Path | None, fingerprint: str
) -> Callable[[], Loaded | None]:
    """What fetches the network: of the folder, else the newest run of the same file or the same network."""

    def load() -> Loaded | None:
        from engine.runs.record import Record
        from engine.runs.shelf import Shelf

        record = Record(folder) if folder is not None else Shelf(shelf).latest(path, fingerprint)
        if record is None:
            return None
        epoch = float(record.data.get("kept_epoch") or 0.0)
        return Loaded(str(record.folder), record.predictor(), record.number, epoch)

    return load


def _asking(loaded: Loaded, sample: dict[str, np.ndarray], own: bool) -> Callable[[], _Asked]:
    def ask() -> _Asked:
        predictor = loaded.predictor
        found = predictor.predict({name: sample[name] for name in predictor.inputs})
        return _Asked(loaded, sample, own, [_said(loaded, one, sample, own) for one in found])

    return ask


def _said(loaded: Loaded, found: Prediction, sample: dict[str, np.ndarray], own: bool) -> Said:
    truth = None if own or not found.target else float(np.asarray(sample[found.target]).reshape(-1)[0])
    if found.probabilities is not None:
        shares = found.probabilities[0].reshape(len(found.probabilities[0]), -1)[:, 0]
        return Said(found.name, found.classes, shares, truth=truth)
    assert found.values is not None
    schema = loaded.predictor.prepared.schema
    persistence = None
    if schema.series and found.target == schema.target:
        persistence = float(sample[schema.inputs[0]].reshape(-1)[-1])
    value = float(found.values[0].reshape(-1)[0])
    return Said(found.name, value=value, unit=found.unit, truth=truth, persistence=persistence)
