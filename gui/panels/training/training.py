"""The Training panel: loss and a metric side by side while they come about, and the run's figures at
the right.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QWidget

from engine.data.prepare import schema
from engine.files.checked_json import number
from engine.message import Trouble
from engine.runs.record import Record
from engine.runs.resuming import obstacle
from gui import settings
from gui.controls import Button, EmptyState, Label, Segmented, Separator, Slider
from gui.panels.training.figures import Figures
from gui.plots.run_curves import SMOOTHING, RunCurves
from gui.style import theme
from gui.text.words import words

if TYPE_CHECKING:
    from gui.document.document import Document
    from gui.document.workspace import Workspace
    from gui.plots.chart import Chart
    from gui.training.trainer import Trainer

REFRESH = 150
"""Milliseconds at least between two drawings of the plots while training."""
SHARE = 48
"""How many times as long as drawing the plots takes, the next time waits: a slow machine shall train."""
LONGEST = 1000
"""Milliseconds that the plots wait at most."""
FIGURES = 250
"""Milliseconds between two changes of the figures: those that change more often cannot be read."""
_NARROW = 760
_GREATEST_SMOOTHING = 0.99


class TrainingPanel(QWidget):
    """Shows the last run of the document in front. `corner` belongs at the end of the tab strip."""

    go_on_wanted = Signal(object)
    """The `Record` of the run that is to go on."""

    def __init__(self, workspace: Workspace, trainer: Trainer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panel_title = self.tr("Training")
        self._workspace = workspace
        self._trainer = trainer
        self.charts: list[Chart] = []
        self._pause = REFRESH
        self._figures_next = 0.0
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "panel")
        self.empty = EmptyState(
            self.tr("No run yet. Train starts one; the curves draw themselves here."),
            self.tr("Train"),
            "play",
        )
        self.empty.acted.connect(self._train)
        self._plots = QWidget()
        self._row = QHBoxLayout(self._plots)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._line = Separator(upright=True)
        self.figures = Figures()
        self._row.addWidget(self._line)
        self._row.addWidget(self.figures)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._plots)
        self.corner = self._make_corner()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._draw_next)
        self._trainer.started.connect(self._shown_run_changed)
        self._trainer.reports.connect(self._reported)
        self._trainer.finished.connect(self._shown_run_changed)
        self._trainer.last_runs.recalled.connect(self._shown_run_changed)
        workspace.switched.connect(self._shown_run_changed)
        self._show()

    def _make_corner(self) -> QWidget:
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(theme.px(8), 0, theme.px(12), 0)
        row.setSpacing(theme.px(8))
        kept = settings.remembered("smoothing", number(0, _GREATEST_SMOOTHING))
        start = float(kept) if kept is not None else SMOOTHING
        self.smoothing = Slider(0.0, _GREATEST_SMOOTHING, start, name=self.tr("Smoothing"))
        self.smoothing.setToolTip(
            self.tr("How much of the smoothed line each step keeps; 0 shows only the raw line")
        )
        theme.set_width(self.smoothing, 120)
        self.values = Segmented(
            (("even", self.tr("Linear")), ("log", self.tr("Log"))), "log", self.tr("Loss axis")
        )
        self.along = Segmented(
            (("step", self.tr("Step")), ("epoch", self.tr("Epoch")), ("time", self.tr("Time"))),
            "epoch",
            self.tr("Horizontal axis"),
        )
        self.go_on = Button(self.tr("Go on…"), look="quiet")
        self.go_on.clicked.connect(self._go_on)
        row.addWidget(self.go_on)
        row.addWidget(Label(self.tr("Smoothing"), "body", "text2"))
        for control in (self.smoothing, self.values, self.along):
            row.addWidget(control)
        self.smoothing.value_changed.connect(self._smooth)
        self.smoothing.editing_finished.connect(self._keep_smoothing)
        self.values.value_changed.connect(self._set_values)
        self.along.value_changed.connect(self._set_along)
        return corner

    # ------------------------------------------------------------------ which run

    @property
    def run(self) -> RunCurves | None:
        """The run that is shown."""
        return self._trainer.last_runs.curves_of(self._workspace.current)

    @property
    def live(self) -> bool:
        """Whether the run that is shown goes on."""
        return self._trainer.running and self._trainer.run_document is self._workspace.current

    def _shown_run_changed(self, _: object = None) -> None:
        self._show()

    def _reported(self, reports: object) -> None:
        if self.live and self.isVisible() and not self._timer.isActive():
            self._timer.start(self._pause)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    # ------------------------------------------------------------------ showing

    def _show(self) -> None:
        run = self.run
        self.corner.setEnabled(run is not None)
        self._offer_to_go_on()
        self._stack.setCurrentWidget(self._plots if run is not None else self.empty)
        if run is not None and self.isVisible():
            if not self.charts:
                self._make_charts()
            run.smooth(self.smoothing.value())
            self._refresh()

    def _make_charts(self) -> None:
        from gui.plots.chart import Chart  # pyqtgraph takes a third of a second, so only when there is a run

        self.charts = [Chart("loss"), Chart("accuracy")]
        for place, chart in enumerate(self.charts):
            chart.notice.connect(self._workspace.notice)
            chart.plot.set_axis(self.along.value())
            self._row.insertWidget(place, chart, 1)
        self.charts[0].set_log(self.values.value() == "log")
        self.charts[0].log_changed.connect(self._log_changed)

    def _refresh(self) -> None:
        """Draw everything anew."""
        for chart in self.charts:
            self._draw(chart)

    def _draw_next(self) -> None:
        """Draw the plots, all of them, so that what stands side by side is of one moment. On a machine that
        takes long, the next time comes later.
        """
        began = time.perf_counter()
        self._refresh()
        painted = sum(chart.plot.painted_in for chart in self.charts)  # that is done later, much as last time
        taken = time.perf_counter() - began + painted
        self._pause = int(min(LONGEST, max(REFRESH, SHARE * taken * 1000)))

    def _draw(self, chart: Chart) -> None:
        run = self.run
        if run is None:
            return
        chart.unit = unit = unit_of(self._workspace.current)
        names = tuple(name for name in run.names if name != "loss")
        if chart is self.charts[1]:
            chart.setVisible(bool(names))
            chart.offer(names)
            if names and chart.name not in names:
                chart.show_name(names[0])
        if chart is self.charts[0] or names:
            chart.show_run(run)
        if not self.live or time.monotonic() >= self._figures_next:
            self.figures.show_run(run, self.charts[1].name if names else "", unit)
            self._figures_next = time.monotonic() + FIGURES / 1000

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= theme.px(_NARROW)
        self._line.setVisible(wide)
        self.figures.setVisible(wide)

    # ------------------------------------------------------------------ what a person changes

    def _train(self) -> None:
        self._trainer.train(self._workspace.current)

    def _record(self) -> Record | None:
        """The run that is shown, as it lies on the shelf; None where it has left nothing to go on with."""
        weights = self._trainer.last_runs.weights_of(self._workspace.current)
        return None if weights is None else Record(weights.folder, weights.number)

    def _offer_to_go_on(self) -> None:
        record = None if self._trainer.running else self._record()
        hindrance = obstacle(record) if record is not None else None
        self.go_on.setEnabled(record is not None and hindrance is None)
        usual = self.tr("Train the run further from where it ended, to more epochs")
        self.go_on.setToolTip(usual if hindrance is None else words(hindrance))

    def _go_on(self) -> None:
        record = self._record()
        if record is not None:
            self.go_on_wanted.emit(record)

    def _smooth(self, smoothing: float) -> None:
        run = self.run
        if run is not None:
            run.smooth(smoothing)
            self._refresh()

    def _keep_smoothing(self) -> None:
        settings.remember("smoothing", self.smoothing.value())

    def _set_values(self, form: str) -> None:
        if self.charts:
            self.charts[0].set_log(form == "log")

    def _log_changed(self, log: bool) -> None:
        self.values.set_value("log" if log else "even")

    def _set_along(self, axis: str) -> None:
        for chart in self.charts:
            chart.plot.set_axis(axis)  # type: ignore[arg-type]  # one of the three the control offers


def unit_of(document: Document) -> str:
    """The unit of what a document's network foretells, where its target has one."""
    try:
        columns = schema(document.project.data)
    except Trouble:  # data of a plug-in that is not there any more
        return ""
    return columns.columns[columns.target].unit
