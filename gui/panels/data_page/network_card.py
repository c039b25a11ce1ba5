"""A network to begin with: what would be drawn for the data, in words and layers, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from attrs import frozen
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.data.overview import Overview
from engine.data.settings import DataSettings
from engine.layers.input_output import Output
from engine.message import Trouble
from engine.project.graph import Node
from engine.project.project import Project
from engine.templates.suggest import Suggestion, suggest
from gui.background import Worker
from gui.canvas.painting import thumbnail
from gui.controls import Button, ElidedLabel, Label
from gui.controls.drawing import brush, frame
from gui.style import theme
from gui.text.words import exact, filled, lowered, words

MOST_LINES = 9
"""Layers that are listed one below the other; a larger network, or one with branches, is a small picture."""
LINE, GAP, PICTURE = 28, 12, 220


@frozen(eq=False)
class Offer:
    """A suggestion for some data, with what it costs: parameters of each layer, and in all."""

    data: DataSettings
    suggestion: Suggestion
    parameters: int
    by_layer: Mapping[str, int]


def offer(data: DataSettings, counts: Mapping[str, Sequence[int]]) -> Offer | Trouble:
    """A suggestion, checked; why there is none. May run in a thread."""
    from engine.analysis.check import check  # it imports torch

    try:
        found = suggest(data, counts=counts)
    except Trouble as trouble:
        return trouble
    known = check(found.project)
    return Offer(data, found, known.parameters, {id: facts.parameters for id, facts in known.nodes.items()})


def class_counts(seen: Overview) -> dict[str, tuple[int, ...]]:
    """How many samples each class of the target has."""
    if not seen.classes:
        return {}
    counts = dict(seen.balance())
    return {seen.target: tuple(counts.get(number, 0) for number in range(len(seen.classes)))}


class NetworkCard(QWidget):
    """Asks for a suggestion in a thread and shows it; the two buttons say what becomes of it."""

    drawn = Signal(object)
    """The counts of classes with which the suggestion was made: it is to be drawn."""
    kept = Signal()
    """The person's own network stays."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.offer: Offer | None = None
        self._counts: dict[str, tuple[int, ...]] = {}
        self._asked: tuple[DataSettings, dict[str, tuple[int, ...]]] | None = None
        self._worker = Worker(self)
        self._worker.done.connect(self._take)
        self._worker.failed.connect(self._raise)
        self.title = Label(self.tr("A network to begin with"), "title")
        self.text = Label("", "hint", "text2", wrap=True)
        self.layers = LayerLines()
        self.draw = Button(self.tr("Draw it"), look="primary")
        self.keep = Button(self.tr("Keep my network"), gives_way=True)
        self.cost = ElidedLabel("", "hint", "text3")
        self.cost.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.draw.clicked.connect(self._draw)
        self.keep.clicked.connect(self.kept)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        for part in (self.draw, self.keep):
            row.addWidget(part)
        row.addWidget(self.cost, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 14)
        column.setSpacing(theme.px(10))
        for inner in (self.title, self.text, self.layers):
            column.addWidget(inner)
        column.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    def ask(self, seen: Overview, own: bool) -> None:
        """Suggest a network for that data; `own` says that there is one that could be kept."""
        self.keep.setVisible(own)
        counts = class_counts(seen)
        if (seen.settings, counts) == self._asked:
            self.setVisible(self.offer is not None)
            return
        self._asked = seen.settings, counts
        self._counts = counts
        self.hide()
        self._worker.run(partial(offer, seen.settings, counts))

    def withdraw(self) -> None:
        """Offer nothing."""
        self._worker.cancel()
        self._asked = None
        self.hide()

    def _take(self, found: Offer | Trouble) -> None:
        self.offer = found if isinstance(found, Offer) else None
        if self.offer is not None:
            suggestion = self.offer.suggestion
            self.text.setText(f"{words(suggestion.network)} {words(suggestion.training)}")
            self.layers.show_project(suggestion.project, self.offer.by_layer)
            self.cost.setText(filled(self.tr("{n} parameter{n:|s}"), n=self.offer.parameters))
        self.setVisible(self.offer is not None)

    def _raise(self, error: Exception) -> None:
        raise error

    def _draw(self) -> None:
        self.drawn.emit(self._counts)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        frame(brush(self), QRectF(self.rect()), theme.CARD_CORNER, worn.panel, worn.line2)


class LayerLines(QWidget):
    """The layers of a small network, from top to bottom, each with what it costs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._parameters: Mapping[str, int] = {}
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_project(self, project: Project, parameters: Mapping[str, int]) -> None:
        """Show that network."""
        self._project, self._parameters = project, parameters
        names = ", ".join(node.kind.label() for node in self.nodes())
        self.setAccessibleName(names)
        self.updateGeometry()
        self.update()

    def nodes(self) -> list[Node]:
        """The layers from top to bottom."""
        graph = self._project.graph if self._project is not None else None
        return sorted(graph.nodes.values(), key=lambda node: (node.y, node.x)) if graph is not None else []

    @property
    def straight(self) -> bool:
        """Whether the layers can be listed: few, and one below the other."""
        nodes = self.nodes()
        return len(nodes) <= MOST_LINES and len({node.x for node in nodes}) <= 1

    def sizeHint(self) -> QSize:
        high = len(self.nodes()) * (LINE + GAP) - GAP if self.straight else PICTURE
        return QSize(theme.px(200), theme.px(max(0, high)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = brush(self)
        if self._project is None:
            return
        if not self.straight:
            size, ratio = self.size(), self.devicePixelRatioF()
            painter.drawPixmap(0, 0, thumbnail.picture(self._project.graph, size, theme.current(), ratio))
            return
        wide = min(self.width(), theme.px(236))
        left = (self.width() - wide) / 2
        for place, node in enumerate(self.nodes()):
            top = place * theme.px(LINE + GAP)
            if place:
                x = round(left + wide / 2)
                painter.fillRect(QRectF(x, top - theme.px(GAP), 1.5, theme.px(GAP)), theme.current().wire)
            self._paint_layer(painter, QRectF(left, top, wide, theme.px(LINE)), node)

    def _paint_layer(self, painter: QPainter, box: QRectF, node: Node) -> None:
        worn = theme.current()
        frame(painter, box, 6, worn.node, worn.node_edge)
        colour = worn.families.get(node.kind.family, worn.text3)
        painter.fillRect(QRectF(box.left() + 1, box.top() + 4, 3, box.height() - 8), colour)
        count = self._parameters.get(node.id, 0)
        right = exact(count) if count else ""
        if isinstance(node.kind, Output):
            right = lowered(node.kind.loss.label())
        inner = box.adjusted(theme.px(12), 0, -theme.px(10), 0)
        painter.setFont(theme.font("body"))
        metrics = QFontMetrics(painter.font())
        painter.setPen(worn.text1)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, right)
        title = node.kind.label()
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, title)
        used = metrics.horizontalAdvance(title) + theme.px(7)
        painter.setFont(theme.font("hint"))
        painter.setPen(worn.text3)
        room = int(inner.width() - used - metrics.horizontalAdvance(right) - theme.px(8))
        summary = "" if isinstance(node.kind, Output) else node.kind.summary()
        summary = painter.fontMetrics().elidedText(summary, Qt.TextElideMode.ElideRight, max(0, room))
        painter.drawText(inner.adjusted(used, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, summary)
