"""How the learning rate goes over the training, as a small curve."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.message import Trouble
from engine.project.recipe import Recipe
from gui.controls.drawing import brush
from gui.style import theme
from gui.text.words import figure, filled, plain

POINTS = 240


def rates(recipe: Recipe, points: int = POINTS) -> list[tuple[float, float]]:
    """The learning rate at so many moments of the training, as pairs of epoch and rate. One that goes by the
    validation loss is drawn as if that never fell: it falls no earlier than that.
    """
    base = float(getattr(recipe.optimiser, "rate", 1.0))
    last = recipe.epochs - 1e-9  # the last moment still belongs to the last epoch
    moments = [last * i / (points - 1) for i in range(points)]
    try:
        schedule, seen, drawn, done = recipe.schedule, recipe.schedule.begun(), [], 0
        for epoch in moments:
            while seen and done < int(epoch):
                seen, done = schedule.seen(seen, 1.0), done + 1
            factor = schedule.factor(epoch, recipe.epochs)
            drawn.append((epoch, base * factor * seen[0] if seen else base * factor))
        return drawn
    except Trouble:  # a plug-in's schedule that fails is a problem of the network, and shown as such
        return [(epoch, base) for epoch in moments]


class RateCurve(QWidget):
    """The rate from the first to the last epoch, on a linear axis that starts at zero."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.recipe: Recipe | None = None
        self.points: list[tuple[float, float]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_recipe(self, recipe: Recipe) -> None:
        """Draw another recipe's rate."""
        before = self.recipe
        self.recipe = recipe
        same = before is not None and (before.optimiser, before.schedule, before.epochs) == (
            recipe.optimiser,
            recipe.schedule,
            recipe.epochs,
        )
        if same and self.points:
            return
        self.points = rates(recipe)
        first, last = self.points[0][1], self.points[-1][1]
        top = max(rate for _, rate in self.points)
        text = self.tr("Learning rate: {first} at the start, at most {top}, {last} at the end")
        name = text.format(first=plain(first), top=plain(top), last=figure(last))
        if recipe.schedule.begun():
            name += self.tr(". It falls as drawn if the validation loss never does, and else later or never")
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(180), theme.px(92))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.recipe is None:
            return
        worn = theme.current()
        painter = brush(self)
        font = theme.font("hint")
        metrics = QFontMetrics(font)
        top = max(rate for _, rate in self.points) or 1.0
        words = [figure(top, 2).rstrip("0").rstrip(".") if top < 1 else plain(top), "0"]
        left = max(metrics.horizontalAdvance(word) for word in words) + theme.px(8)
        area = QRectF(left, theme.px(8), self.width() - left - 2, self.height() - theme.px(30))
        painter.setFont(font)
        for word, y in zip(words, (area.top(), area.bottom()), strict=True):
            painter.fillRect(QRectF(area.left(), round(y), area.width(), 1), worn.line)
            painter.setPen(worn.text3)
            box = QRectF(0, y - 10, left - theme.px(6), 20)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, word)
        below = QRectF(area.left(), area.bottom() + 2, area.width(), theme.px(20))
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "0")
        epochs = filled(self.tr("{number} epoch{number:|s}"), number=self.recipe.epochs)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, epochs)
        path = QPainterPath()
        for i, (epoch, rate) in enumerate(self.points):
            x = area.left() + area.width() * epoch / self.recipe.epochs
            point = QPointF(x, area.bottom() - area.height() * rate / top)
            path.lineTo(point) if i else path.moveTo(point)
        pen = QPen(worn.series[0], 2)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
