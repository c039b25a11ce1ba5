"""The newest figures of a run, beside its curves."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.controls.drawing import brush
from gui.plots.measures import titled, valued
from gui.plots.run_curves import RunCurves
from gui.style import theme
from gui.text.words import exact, figure, lowered

_WIDTH = 240


@frozen
class _Figure:
    """A label, its value, and the place of its colour among the series."""

    label: str
    value: str
    series: int | None = None

    @property
    def ink(self) -> QColor:
        worn = theme.current()
        return worn.text1 if self.series is None else worn.series[self.series]


class Figures(QWidget):
    """The newest figures of a run, label left and value right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._head = ("", "")
        self._shown: list[_Figure] = []
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def show_run(self, run: RunCurves, metric: str, unit: str) -> None:
        """Show what the run told last."""
        number = self.tr("Run {number}").format(number=run.number) if run.number else self.tr("Run")
        self._head = (number, self._began(run.began))
        self._shown = self._figures(run, metric, unit)
        self.setAccessibleName(number)
        self.setAccessibleDescription("; ".join(f"{one.label} {one.value}" for one in self._shown))
        self.update()

    def text(self) -> str:
        """What is shown, one figure a line."""
        return "\n".join(["  ".join(self._head), *(f"{one.label}\t{one.value}" for one in self._shown)])

    def _began(self, began: datetime | None) -> str:
        if began is None:
            return ""
        if began.date() == datetime.now().date():
            return self.tr("started {time}").format(time=began.strftime("%H:%M"))
        return self.tr("started {time}").format(time=began.strftime("%Y-%m-%d %H:%M"))

    def _figures(self, run: RunCurves, metric: str, unit: str) -> list[_Figure]:
        last, evaluated, line = run.last, run.evaluated, run.lines["loss"]
        figures: list[_Figure] = []
        if len(line):
            mean = float(line.means(len(line) - 1, len(line))[0])
            figures.append(_Figure(self.tr("Train loss"), figure(mean), 0))
        validation = evaluated.validation if evaluated is not None else {}
        if "loss" in validation:
            figures.append(_Figure(self.tr("Validation loss"), figure(validation["loss"]), 1))
        for name, value in validation.items():
            if name.endswith(".loss"):
                figures.append(_Figure(titled(name), figure(value)))
        penalty = last.penalty if last is not None and last.penalty is not None else validation.get("penalty")
        if penalty is not None:
            figures.append(_Figure(self.tr("Penalty"), figure(penalty)))
        if metric in validation and metric != "penalty" and not metric.endswith(".loss"):
            label = self.tr("Validation {metric}").format(metric=lowered(titled(metric)))
            figures.append(_Figure(label, valued(metric, validation[metric], unit)))
        if last is not None:
            figures.append(_Figure(self.tr("Learning rate"), figure(last.rate)))
            if last.gradient_norm is not None:
                figures.append(_Figure(self.tr("Gradient norm"), figure(last.gradient_norm, 4)))
            if run.batch_size:
                speed = round(last.steps_per_second * run.batch_size)
                figures.append(_Figure(self.tr("Samples/s"), exact(speed)))
        return figures

    def sizeHint(self) -> QSize:
        return QSize(theme.px(_WIDTH), theme.px(160))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        left, right = theme.px(theme.PANEL_PADDING + 2), self.width() - theme.px(theme.PANEL_PADDING)
        height = min(
            theme.px(22), max(theme.line_height(), (self.height() - theme.px(12)) // (len(self._shown) + 1))
        )
        flags, vertical = Qt.AlignmentFlag, Qt.AlignmentFlag.AlignVCenter
        row = QRectF(left, theme.px(8), right - left, height)
        painter.setFont(theme.font("title"))
        painter.setPen(worn.text1)
        painter.drawText(row, flags.AlignLeft | vertical, self._head[0])
        painter.setFont(theme.font("hint"))
        painter.setPen(worn.text3)
        painter.drawText(row, flags.AlignRight | vertical, self._head[1])
        for one in self._shown:
            row.translate(0, height)
            painter.setFont(theme.font("value"))
            painter.setPen(one.ink)
            painter.drawText(row, flags.AlignRight | vertical, one.value)
            room = row.width() - painter.fontMetrics().horizontalAdvance(one.value) - theme.px(8)
            painter.setFont(theme.font("body"))
            painter.setPen(worn.text2)
            label = painter.fontMetrics().elidedText(one.label, Qt.TextElideMode.ElideRight, int(room))
            painter.drawText(row, flags.AlignLeft | vertical, label)
